"""`settings.toml`: what stands there holds; what is wrong in it is named."""

from datetime import timedelta
from pathlib import Path

import pytest

from console.errors import UsageError
from console.profiles.home import Home
from console.profiles.settings import Settings, read_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("NIGHTDESK_HOME", str(tmp_path))
    return Home()


def test_without_a_file_they_are_those_that_most_have(home: Home) -> None:
    assert read_settings(home) == Settings(timedelta(minutes=5), timedelta(hours=1))


def test_what_stands_there_holds(home: Home) -> None:
    (home.path / "settings.toml").write_text('[lock]\nafter = "90s"\nseal_after = "2h"\n')
    assert read_settings(home) == Settings(timedelta(seconds=90), timedelta(hours=2))
    (home.path / "settings.toml").write_text('[lock]\nafter = "3h"\n')
    assert read_settings(home).seal_after == timedelta(hours=3), "never before the lock"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[lock\n", "no TOML"),
        ("[lok]\n", "Did you mean lock?"),
        ('lock = "5m"\n', "[lock]"),
        ('[lock]\naftr = "5m"\n', "Did you mean lock.after?"),
        ('[lock]\nafter = "5 minutes"\n', 'lock.after: it is a time such as "90s"'),
        ("[lock]\nafter = 5\n", "lock.after: it is a time"),
        ('[lock]\nafter = "1s"\n', "10 seconds are the least"),
        ('[lock]\nafter = "1h"\nseal_after = "5m"\n', "cannot be shorter than lock.after"),
        ('[lock]\nafter = "\\u202e5m"\n', "lock.after"),
    ],
)
def test_what_is_wrong_is_named(home: Home, text: str, named: str) -> None:
    (home.path / "settings.toml").write_text(text)
    with pytest.raises(UsageError) as told:
        read_settings(home)
    assert named in str(told.value)
    assert "settings.toml" in str(told.value)
    assert "\u202e" not in str(told.value)
