"""Why something was not recorded, or an entry not moved; each with the exit status it means."""

from collections.abc import Sequence

from console.casework.findings import Finding
from console.errors import Exit, NightdeskError, NothingToWorkOn


class RefusedByPolicy(NightdeskError):
    """Not recorded: the policy or the state of the case does not allow it."""

    exit = Exit.REFUSED

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("Not recorded: the policy does not allow it as it stands.")
        self.findings = tuple(findings)


class NoConnection(NothingToWorkOn):
    """An action that is never queued could not be sent at once."""


class CaseChanged(NightdeskError):
    """The case changed since the decision: it is not sent again as it stands."""

    exit = Exit.CHANGED

    def __init__(self) -> None:
        super().__init__(
            "The case changed after this was recorded. Compare it in the outbox with what was "
            "decided, then keep the entry, or discard it and decide again."
        )


class NotPossible(NightdeskError):
    """The entry's state does not allow it: it is on its way, was accepted or taken back."""

    exit = Exit.REFUSED


class NoPolicy(NothingToWorkOn):
    """Nothing can be judged before a policy was fetched."""

    def __init__(self) -> None:
        super().__init__("There is no policy here yet. Fetch one with: nightdesk sync")
