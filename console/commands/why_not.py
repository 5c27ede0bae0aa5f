"""Why a command cannot run just now, in words that finish `Decide: …`. Each names what it needs."""

from console.commands.command import Blocked, Situation


def or_marked(blocked: Blocked) -> Blocked:
    """Marked cases, each of which is asked on its own; else what the one case needs."""
    return lambda situation: None if situation.marked else blocked(situation)


def needs_case(situation: Situation) -> str | None:
    """A case under the cursor that can be worked on."""
    if situation.row is None:
        return "no case is under the cursor: choose one in the list, or widen its filter"
    if situation.row.gone:
        return "this case is gone or no longer ours to see: only the next one can be worked on"
    if situation.row.unreadable:
        return (
            "this case cannot be read: nothing can be recorded on it until the server sends it anew"
        )
    return None


def needs_policy(situation: Situation) -> str | None:
    """A policy to judge by, and a case."""
    if not situation.has_policy:
        return "no policy was fetched yet: it comes with the first contact"
    return needs_case(situation)


def held_by_other(situation: Situation) -> str | None:
    """Nobody else's live claim."""
    row = situation.row
    if row is None or row.claim_by is None or row.claim_by == situation.me:
        return None
    live = row.claim_until_ms is None or row.claim_until_ms > situation.now_ms
    if not live:
        return None
    until = "they release it"
    if row.claim_until_ms is not None:
        left = max(1, round((row.claim_until_ms - situation.now_ms) / 60_000))
        until += f", or their claim ends in {left} min"
    return f"{row.claim_by} holds this case: you can once {until}"


def needs_own_hands(situation: Situation) -> str | None:
    """A case that nobody else holds."""
    return needs_policy(situation) or held_by_other(situation)


def needs_open(situation: Situation) -> str | None:
    """A case that nobody else holds and that is not closed."""
    reason = needs_own_hands(situation)
    if reason is None and situation.row is not None and situation.row.state == "closed":
        return "this case is closed: reopen it first"
    return reason


def needs_connection(situation: Situation) -> str | None:
    """A connection, beside free hands: a claim is never queued."""
    reason = needs_own_hands(situation)
    if reason is None and not situation.online:
        return (
            "a claim needs the server, and there is no connection: work on without it, "
            "what you record goes when the connection is back"
        )
    return reason


def needs_approval_due(situation: Situation) -> str | None:
    """A decision that waits for a second person."""
    reason = needs_policy(situation)
    if reason is None and situation.row is not None and situation.row.state != "awaiting_approval":
        return "no decision on this case waits for a second person"
    return reason
