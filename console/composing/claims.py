"""When the claim on the case at hand is renewed by itself: when half of it is over."""

from datetime import datetime

from local_cache.records import Case, Policy


def wants_renewal(case: Case | None, me: str, now: datetime, policy: Policy) -> bool:
    """Tell whether our own claim on a case runs out soon enough to be renewed, and still runs."""
    claim = None if case is None else case.claim
    if claim is None or claim.until is None or claim.by != me:
        return False
    left = (claim.until - now).total_seconds()
    return 0 < left < policy.claim_ttl.total_seconds() / 2
