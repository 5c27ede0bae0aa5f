"""Small facts about the cache: the feed's cursor, the last contact, the profile's identity."""

from sqlcipher3 import dbapi2


class Meta:
    """Names and texts. Names are dotted words of the program, never data."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        """Return what is kept under a name, None where nothing is."""
        found = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,))
        row = found.fetchone()
        return None if row is None else str(row[0])

    def set(self, name: str, value: str) -> None:
        """Keep a text under a name, in place of what was there."""
        self._connection.execute(
            "INSERT INTO meta(name, value) VALUES (?, ?)"
            " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def delete(self, name: str) -> None:
        """Keep nothing under a name."""
        self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))
