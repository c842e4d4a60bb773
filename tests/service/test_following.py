"""Following the write-ahead log: no outage ends it, and that nobody follows any more is known before the disk dies."""

import errno
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from openroll.archive import CannotSeal, Sealing
from openroll.service.recovery import following
from openroll.service.recovery.backup import Busy, Done, House, _alone
from openroll.service.roll import Roll
from openroll.store.postgres_tools import ToolFailed, what_it_said

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AWAY = psycopg.OperationalError("connection is bad: No such file or directory")
TAKEN = Done(None, 1, 0)
UNSEALED = Sealing.readable_by_anyone()


class Server:
    """What comes of one round after the other, and all that happens beside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *rounds: Done | Exception) -> None:
        self.rounds, self.happened = iter(rounds), list[str]()
        monkeypatch.setattr(following, "take_log", self._take)

    def _take(self, *_: object) -> Done:
        came = next(self.rounds)
        if isinstance(came, Exception):
            raise came
        self.happened.append("taken")
        return came

    def waits(self, why: Exception | None) -> None:
        """What `follow` says."""
        self.happened.append("goes on" if why is None else f"waits: {why}")

    def restart(self) -> None:
        """Before a try while it waits."""
        self.happened.append("tries")


def test_an_outage_is_waited_out_and_said_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The server goes away for three rounds: it is said when that begins and when it is over, and the log is taken again."""
    server = Server(monkeypatch, TAKEN, AWAY, AWAY, AWAY, TAKEN, TAKEN)
    house, paused = House(tmp_path / "home", "url"), list[float]()
    following.follow(
        house,
        tmp_path / "b",
        UNSEALED,
        every=7.0,
        pause=paused.append,
        restart=server.restart,
        waits=server.waits,
        rounds=6,
    )
    assert server.happened == ["taken", f"waits: {AWAY}", "tries", "tries", "tries", "taken", "goes on", "taken"]
    assert paused == [7.0] * 5


@pytest.mark.parametrize(
    "trouble",
    [AWAY, ToolFailed("pg_receivewal failed"), Busy("another"), CannotSeal("full"), OSError(errno.ENOSPC, "full")],
)
def test_whatever_keeps_a_round_is_no_end_but_of_the_first(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A tool that fails with its server, `make` at work and a full disk are waited out; what was never right is said at once."""
    server, house = Server(monkeypatch, TAKEN, trouble, TAKEN, trouble), House(tmp_path / "home", "url")
    following.follow(house, tmp_path / "b", UNSEALED, pause=lambda _: None, waits=server.waits, rounds=3)
    assert server.happened == ["taken", f"waits: {trouble}", "taken", "goes on"]
    with pytest.raises(type(trouble)):
        following.follow(house, tmp_path / "b", UNSEALED, rounds=3)


def test_a_copy_is_late_when_it_was_promised_sooner(tmp_path: Path) -> None:
    """By what `follow` promised until `stop`; a nightly `make` alone promises nothing, and takes nothing back."""
    roll = _roll(tmp_path, lambda: NOW)
    folder, other = tmp_path / "b", tmp_path / "nightly"
    following.note_copy(tmp_path, other, NOW - timedelta(hours=20))
    assert following.oldest_copy(roll) is None
    following.note_copy(tmp_path, folder, NOW - timedelta(seconds=150), every=60)
    assert following.oldest_copy(roll) == (150, False)
    following.note_copy(tmp_path, folder, NOW - timedelta(seconds=200))
    assert following.oldest_copy(roll) == (200, True)
    assert [(one.folder, one.late_after) for one in following.copies(roll) if one.late(NOW)] == [
        (str(folder), timedelta(seconds=180))
    ]
    following.forget_copy(tmp_path, folder)
    assert following.oldest_copy(roll) is None


def test_a_backup_waits_for_the_round_that_is_under_way(tmp_path: Path) -> None:
    """The nightly one, beside one that follows every minute: it is made as soon as the round ends, or refused after a while."""
    paused = list[float]()
    with ExitStack() as under_way:

        def pause(seconds: float) -> None:
            paused.append(seconds)
            if len(paused) == 3:
                under_way.close()

        under_way.enter_context(_alone(tmp_path, tmp_path / "b"))
        with pytest.raises(Busy), _alone(tmp_path, tmp_path / "b", 2, pause):
            pass
        assert paused == [1.0, 1.0]
        with _alone(tmp_path, tmp_path / "b", 2, pause):
            assert len(paused) == 3


def test_it_is_known_whether_anybody_follows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While a process follows, and not a moment longer."""
    roll, folder = _roll(tmp_path, lambda: NOW), tmp_path / "b"
    seen = list[bool]()
    Server(monkeypatch, TAKEN, TAKEN)
    assert not following.is_followed(roll, str(folder))
    following.follow(
        House(tmp_path, "url"),
        folder,
        UNSEALED,
        rounds=2,
        pause=lambda _: seen.append(following.is_followed(roll, str(folder))),
    )
    assert seen == [True]
    assert not following.is_followed(roll, str(folder))


FULL = """\
pg_receivewal: error: could not write to file "13.partial": No space left on device
pg_receivewal: error: disconnected
"""
NO_START = """\
2026-11-30 11:53:00.1 UTC [7] LOG:  starting
2026-11-30 11:53:00.2 UTC [7] FATAL:  no valid checkpoint
2026-11-30 11:53:00.3 UTC [7] LOG:  database system is shut down
"""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (FULL, 'could not write to file "13.partial": No space left on device; disconnected'),
        (NO_START, "no valid checkpoint"),
        ("it went\n\n", "it went"),
        ("", "it does not say why"),
    ],
)
def test_the_cause_is_said_and_not_what_followed_of_it(said: str, why: str) -> None:
    """A full disk is named, and not the connection that its program then gave up."""
    assert what_it_said(said) == why


def _roll(home: Path, clock: Callable[[], datetime]) -> Roll:
    made: Roll = type("RollOfHome", (), {"home": home / "rolls" / "r", "clock": staticmethod(clock)})()
    return made
