"""Taking a response out of the desk as a file of its own; the audit chain has each."""

import hashlib
import os
from pathlib import Path
from typing import Final

from console.desk.view import view_of
from console.drafting.export import file_name, response_text
from console.errors import NightdeskError, NotFound
from local_cache.records import Specialist
from local_cache.tables import Tables

_OWNER_ONLY: Final = 0o600


class ExportFailed(NightdeskError):
    """The file could not be written; what is in the cache is as it was."""


def export_response(tables: Tables, case_id: str, me: Specialist, folder: Path) -> Path:
    """Write the newest response that the server has to a new file in `folder`, and return its path.

    The audit entry comes first: a file of which nobody knows is worse than an entry without a file.
    Runs inside `Cache.write`.

    Raises:
        NotFound: no response was sent on this case.
        ExportFailed: the file could not be written, or is there already.
    """
    case = view_of(tables, case_id, me).case
    sent = [] if case is None else [one for one in case.responses if one.received_at is not None]
    if case is None or not sent:
        raise NotFound("The server has no response on this case: there is nothing to export.")
    text = response_text(case, sent[-1])
    path = folder / file_name(case, text)
    content = text.encode("utf-8")
    tables.audit.append(
        "export", case_id, {"name": path.name, "sha256": hashlib.sha256(content).hexdigest()}
    )
    _write_new(path, content)
    return path


def _write_new(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, _OWNER_ONLY)
    except FileExistsError:
        raise ExportFailed(f"{path.name} is there already, with this very text.") from None
    except OSError as error:
        raise ExportFailed(
            f"Nothing was exported: the folder cannot be written to ({error.strerror})."
        ) from None
    try:
        with os.fdopen(handle, "wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ExportFailed(f"Nothing was exported ({error.strerror}).") from None
