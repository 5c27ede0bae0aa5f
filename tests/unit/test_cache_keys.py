"""The key of a profile: kept by a keyring that we trust, or wrapped by a passphrase; never lost."""

import hashlib
import stat
from pathlib import Path

import keyring
import pytest
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError

from local_cache import keyrings, keys, wraps
from local_cache.keys import KeyLost, KeyTrouble, NoKeyring, PassphraseNeeded, WrongPassphrase


class MemoryKeyring:
    """A keyring for tests, handed in by name and never taken from the system."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.locked:
            raise KeyringLocked
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


class ForgetfulKeyring(MemoryKeyring):
    """Accepts everything and keeps nothing, as keyring's null backend does."""

    def set_password(self, service: str, username: str, password: str) -> None:
        return


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases a little only; one test does it in full."""
    monkeypatch.setattr(wraps, "_SCRYPT_N", 2**4)


def test_the_keyring_keeps_the_key(folder: Path) -> None:
    ring = MemoryKeyring()
    assert keys.how(folder) is None
    key = keys.create_key(folder, passphrase=None, backend=ring)
    assert len(key) == 32
    assert keys.how(folder) == "keyring"
    assert keys.unlock(folder, passphrase=None, backend=ring) == key
    other = keys.create_key(folder.with_name("other"), passphrase=None, backend=ring)
    assert other != key
    assert keys.unlock(folder, passphrase=None, backend=ring) == key


def test_a_passphrase_wraps_the_key(folder: Path) -> None:
    key = keys.create_key(folder, passphrase="correct horse Straße \U0001f40e")
    assert keys.how(folder) == "passphrase"
    asked = [lambda: "correct horse Straße \U0001f40e", lambda: "wrong"]
    assert keys.unlock(folder, passphrase=asked[0]) == key
    with pytest.raises(WrongPassphrase):
        keys.unlock(folder, passphrase=asked[1])
    with pytest.raises(PassphraseNeeded):
        keys.unlock(folder, passphrase=None)


@pytest.mark.usefixtures("quick")
def test_the_key_is_nowhere_in_plain_text_and_the_file_is_the_owners(folder: Path) -> None:
    key = keys.create_key(folder, passphrase="passphrase")
    assert [file.name for file in folder.iterdir()] == [keys.KEY_FILE]
    content = (folder / keys.KEY_FILE).read_bytes()
    for shown in (key, key.hex().encode(), wraps.written(key).encode(), b'passphrase"'):
        assert shown not in content.replace(b'"how":"passphrase"', b"")
    assert hashlib.sha256(key).hexdigest().encode() not in content
    assert stat.S_IMODE((folder / keys.KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.usefixtures("quick")
def test_a_key_is_never_replaced(folder: Path) -> None:
    key = keys.create_key(folder, passphrase="one")
    with pytest.raises(KeyTrouble):
        keys.create_key(folder, passphrase="two")
    assert keys.unlock(folder, passphrase=lambda: "one") == key


def test_an_empty_passphrase_is_refused(folder: Path) -> None:
    with pytest.raises(KeyTrouble):
        keys.create_key(folder, passphrase="")
    assert keys.how(folder) is None


def test_a_keyring_that_forgets_is_found_out_before_anything_depends_on_it(folder: Path) -> None:
    with pytest.raises(NoKeyring):
        keys.create_key(folder, passphrase=None, backend=ForgetfulKeyring())
    assert keys.how(folder) is None
    assert not keyrings.save_token("p1", "token", backend=ForgetfulKeyring())


def test_a_key_that_the_keyring_lost_is_told(folder: Path) -> None:
    ring = MemoryKeyring()
    keys.create_key(folder, passphrase=None, backend=ring)
    before = (folder / keys.KEY_FILE).read_bytes()
    for kept in ({}, dict.fromkeys(ring.kept, "bm90IHRoZSBrZXk="), dict.fromkeys(ring.kept, "?")):
        other = MemoryKeyring()
        other.kept = kept
        with pytest.raises(KeyLost):
            keys.unlock(folder, passphrase=None, backend=other)
    wrong = MemoryKeyring()
    wrong.kept = dict.fromkeys(ring.kept, wraps.written(bytes(32)))
    with pytest.raises(KeyLost):
        keys.unlock(folder, passphrase=None, backend=wrong)
    assert (folder / keys.KEY_FILE).read_bytes() == before


def test_a_locked_keyring_is_no_lost_key(folder: Path) -> None:
    ring = MemoryKeyring()
    key = keys.create_key(folder, passphrase=None, backend=ring)
    ring.locked = True
    with pytest.raises(NoKeyring):
        keys.unlock(folder, passphrase=None, backend=ring)
    assert keyrings.load_token("p1", backend=ring) is None
    assert not keyrings.forget_token("p1", backend=ring)
    ring.locked = False
    assert keys.unlock(folder, passphrase=None, backend=ring) == key


def test_a_missing_or_damaged_key_file_is_told(folder: Path) -> None:
    with pytest.raises(KeyLost):
        keys.unlock(folder, passphrase=None)
    folder.mkdir()
    (folder / keys.KEY_FILE).write_bytes(b'{"how": "keyring"')
    with pytest.raises(KeyLost):
        keys.unlock(folder, passphrase=None)
    with pytest.raises(KeyLost):
        keys.create_key(folder, passphrase="one")
    keys.destroy(folder)
    assert keys.how(folder) is None


@pytest.mark.usefixtures("quick")
def test_a_destroyed_key_is_gone(folder: Path) -> None:
    ring = MemoryKeyring()
    keys.create_key(folder, passphrase=None, backend=ring)
    keys.destroy(folder, backend=ring)
    assert ring.kept == {}
    assert keys.how(folder) is None
    keys.destroy(folder, backend=ring)
    keys.create_key(folder, passphrase="one")
    keys.destroy(folder)
    assert list(folder.iterdir()) == []


def test_tokens(folder: Path) -> None:
    ring = MemoryKeyring()
    assert keyrings.load_token("p1", backend=ring) is None
    assert keyrings.save_token("p1", "token-1", backend=ring)
    assert keyrings.save_token("p2", "token-2", backend=ring)
    assert keyrings.load_token("p1", backend=ring) == "token-1"
    assert keyrings.forget_token("p1", backend=ring)
    assert keyrings.forget_token("p1", backend=ring)
    assert [keyrings.load_token(name, backend=ring) for name in ("p1", "p2")] == [None, "token-2"]


def plaintext_backend() -> object:
    """Return what calls itself as keyrings.alt's plaintext backend does."""
    kind = type("PlaintextKeyring", (MemoryKeyring,), {"__module__": "keyrings.alt.file"})
    return kind()


@pytest.mark.parametrize(
    "backend", [fail.Keyring(), null.Keyring(), plaintext_backend(), MemoryKeyring()]
)
def test_only_keyrings_on_the_list_are_trusted(
    backend: object, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    with pytest.raises(NoKeyring):
        keyrings.trusted_keyring()
    with pytest.raises(NoKeyring):
        keys.create_key(folder, passphrase=None)
    assert not folder.exists()
    assert not keyrings.save_token("p1", "token")
    assert keyrings.load_token("p1") is None


def test_in_a_chain_only_the_trusted_link_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = type("Keyring", (MemoryKeyring,), {"__module__": "keyring.backends.SecretService"})()
    chain = chainer.ChainerBackend()
    monkeypatch.setattr(
        chainer.ChainerBackend, "backends", [plaintext_backend(), trusted, null.Keyring()]
    )
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    assert keyrings.trusted_keyring() is trusted
    assert keyrings.save_token("p1", "token")
    assert trusted.kept == {("nightdesk token", "p1"): "token"}
