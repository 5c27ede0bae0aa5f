"""The command line. A bare `nightdesk` goes to the console without loading the commands."""

import gc
import sys

from console.errors import Exit, NightdeskError
from console.linear import dumb
from console.process import close_memory, close_to_others


def main() -> None:
    """Run what was asked for, and end the process with its exit status."""
    close_to_others()
    try:
        status = _run(sys.argv[1:])
    except NightdeskError as error:
        from console.cli.output import complain

        complain(str(error))
        status = error.exit
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        sys.stderr.close()
        status = 141
    sys.exit(status)


def _linear(hint: str) -> int:
    from console.linear.run import run_linear
    from console.profiles.credentials import Credentials

    return run_linear(Credentials(), hint=hint)


def _run(arguments: list[str]) -> int:
    if arguments == ["--linear"]:
        return _linear("")
    if not arguments and dumb.sits_at_a_dumb_one():
        return _linear(dumb.HINT)
    if not arguments:
        gc.disable()  # what starting makes stays; the app collects again after its first paint
        from console.app import run_console
        from console.profiles.credentials import Credentials

        return run_console(Credentials())
    from console.cli.output import complain
    from console.cli.root import run_command
    from local_cache.errors import CacheError

    close_memory()
    try:
        return run_command(arguments)
    except NightdeskError:
        raise
    except CacheError as trouble:  # the disk is full or fails in the middle of it
        complain(str(trouble))
        return Exit.NOTHING_TO_WORK_ON
    except Exception as error:  # noqa: BLE001 - the last wall: no traceback and no content comes out
        from console.crash import describe

        sys.stderr.write(describe(error) + "\n")
        return Exit.INTERNAL
