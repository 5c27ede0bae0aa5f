"""The OpenAPI 3.1 description of the practice desk, from its wire types."""


def document() -> bytes:
    """Return the description."""
    return b"{}"
