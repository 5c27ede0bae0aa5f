"""The desk: everything that a specialist can do, for the screens and the command line alike.

One way for a change: policy check, then one transaction (outbox entry, draft, audit), then the
entry is *recorded*; `sync` sends it. Every method may block on the disk and may be called from any
thread; none touches a screen. `ground`, `reading`, `remembering`, `recording` and
`settling` are one class in five parts, each on top of the one before.
"""

from console.desk.errors import CaseChanged, NoConnection, NotPossible, RefusedByPolicy
from console.desk.settling import Desk
from console.desk.view import CaseView

__all__ = ["CaseChanged", "CaseView", "Desk", "NoConnection", "NotPossible", "RefusedByPolicy"]
