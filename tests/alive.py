"""What is still held in the memory of this process, however it is held."""

import gc
import linecache


def alive(*canaries: str) -> list[str]:
    """Return what holds one of these words, among everything that is alive in this process."""
    linecache.clearcache()  # a test that failed before has lines of its source shown
    gc.unfreeze()
    gc.collect()
    seen: set[int] = set()
    found: list[str] = []

    def look(holder: object, each: object) -> None:
        if isinstance(each, (str, bytes, bytearray)):
            text = each if isinstance(each, str) else bytes(each).decode("latin-1")
            if any(word in text for word in canaries) and text not in canaries:
                found.append(f"{type(holder).__module__}.{type(holder).__qualname__}: {text[:60]}")
        elif not gc.is_tracked(each) and id(each) not in seen:
            seen.add(id(each))  # dicts and tuples of plain things are not tracked themselves
            for inner in gc.get_referents(each):
                look(each, inner)

    for holder in gc.get_objects():
        if holder is seen or holder is found or _of_the_test(holder):
            continue
        for each in gc.get_referents(holder):
            look(holder, each)
    return found


def _of_the_test(holder: object) -> bool:
    module = getattr(holder, "__module__", "") or ""
    return isinstance(module, str) and module.startswith(("tests.", "_pytest", "ast"))
