"""What a desk starts with beside its cases: policy, templates, queues and the people.

Policy and templates are the organisation's data; the starter set in `data/` says of itself that
nobody has reviewed it (`reviewed_at`, `approved_by` and every clock's `status`).
"""

import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Final

import msgspec

from console.practice.around import Policy, Queue, Template
from console.practice.wire import Role

DESK_NAME: Final = "Practice desk"
FEATURES: Final = ["changes", "events", "ranges", "uploads", "practice"]

RESTRICTED: Final = "restricted"
"""The queue that only leads and approvers see: matters about the organisation's own people."""


@dataclass(frozen=True, slots=True)
class Specialist:
    """Somebody with a token."""

    id: str
    name: str
    roles: tuple[Role, ...]
    token: str

    def sees(self, queue: str) -> bool:
        """Tell whether cases of this queue are theirs to see."""
        return queue != RESTRICTED or "lead" in self.roles or "approver" in self.roles


_PEOPLE: Final[tuple[tuple[str, str, tuple[Role, ...]], ...]] = (
    ("sp_1", "Robin Vale", ("specialist",)),
    ("sp_2", "Ines Calder", ("approver",)),
    ("sp_3", "Tomo Harrow", ("specialist", "approver", "lead")),
    ("sp_4", "Mika Ostrand", ("analyst",)),
    ("sp_5", "Ada Brook", ("admin",)),
    ("sp_6", "Sol Marlow", ("specialist",)),
    ("sp_7", "Lior Penn", ("specialist",)),
    ("sp_8", "Noor Ellery", ("specialist", "approver")),
)
COLLEAGUES: Final = ("sp_7", "sp_8")
"""Those whom nobody plays: they act by themselves."""


def people(seed: int) -> tuple[Specialist, ...]:
    """Return everybody at the desk. Tokens follow from the seed, so a restart keeps them."""
    return tuple(
        Specialist(who, name, roles, f"practice-{hashlib.sha256(secret).hexdigest()[:40]}")
        for who, name, roles in _PEOPLE
        if (secret := f"nightdesk practice {seed} {who}".encode())
    )


def queues() -> list[Queue]:
    """Return the desk's queues, not counted yet."""
    return [
        Queue(id=queue, name=name, kind=kind, description=description)
        for queue, name, kind, description in (
            ("emergency", "Emergency requests", "emergency", "Police and agencies: danger to life"),
            ("live", "Live streams", "live", "Streams that may go wrong now"),
            ("internal", "Internal escalations", "internal", "From other teams of the platform"),
            (
                "orders",
                "Orders",
                "legal",
                "Production, removal and information orders with a clock",
            ),
            ("preservation", "Preservation", "legal", "Requests to keep data"),
            ("reports", "User reports", "reports", "Worries that users told us"),
            (RESTRICTED, "Restricted", "restricted", "About our own people: leads and approvers"),
        )
    ]


def starter_policy() -> Policy:
    """Return the policy that ships with the desk."""
    source = resources.files("console.practice").joinpath("data", "policy.json")
    return msgspec.json.decode(source.read_bytes(), type=Policy)


def starter_templates() -> list[Template]:
    """Return the templates that ship with the desk: TOML between `+++`, then Liquid in Markdown."""
    folder = resources.files("console.practice").joinpath("data", "templates")
    found: list[Template] = []
    for file in folder.iterdir():
        _, front, body = file.read_text("utf-8").split("+++\n", 2)
        found.append(msgspec.convert(tomllib.loads(front) | {"body": body}, Template))
    return sorted(found, key=lambda template: template.id)
