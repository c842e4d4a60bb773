"""The kill table: each step of writing and sequencing, killed before and after; then the ordinary path goes on.

Whatever was acknowledged is there; every event has one place; every checkpoint ever published is a prefix of the last;
projections and log are clean.
"""

from collections.abc import Callable

import pytest

from openroll import tlog
from openroll.register.command import Actor
from openroll.service.filing import bulk
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.filing.rebuild import rebuild
from openroll.service.filing.submit import Taken, take
from openroll.service.log.fsck import fsck
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.tlog import CompactRange
from tests.handles import handle
from tests.program import Program
from tests.service.filings import filing, rows_file, submission_of
from tests.service.victim import WRITE_STEPS
from tests.watch.fake_witness import FakeWitness, witnesses

BATCH = 40
SEQUENCE_STEPS = [
    "7 place: before",
    "7 place: in the transaction",
    "7 place: after",  # as before 8 and 9, which read alone
    "9 sign: after",  # as before 10, which is the next line
    "10 ratchet: after",
    "11 export: before",
    "11 export: after",
    "12 cosign: before",
    "12 cosign: asked",
    "13 publish: before",  # as after 12
    "13 publish: after",
]
"""What is the same moment stands here once."""
FILE_STEPS = ["file batch: before", "file batch: in the transaction", "file batch: after"]
TABLE = [
    *(
        f"write|{step}|before" for step in WRITE_STEPS
    ),  # what is after one is before the next, in a transaction that is open
    *(f"write|{step}|after" for step in ("5 keys", "6 commit")),
    *(f"sequence|{step}" for step in SEQUENCE_STEPS),
    *(f"file|{step}" for step in FILE_STEPS),
]


@pytest.mark.parametrize("step", TABLE)
def test_killed(step: str, roll: Roll, monkeypatch: pytest.MonkeyPatch, program: Callable[[str], Program]) -> None:
    """Killed at this step, nothing acknowledged is lost, nothing has two places, and no head is signed twice over.

    Two witnesses cosign all along: they never see anything but growth, and the last checkpoint carries both.
    """
    watching = [FakeWitness(name, roll.keys.verifiers) for name in ("one", "two")]
    policy = "".join(one.lines for one in watching) + "group both all one two\nquorum both\n"
    with witnesses(*watching):
        _killed(step, roll, monkeypatch, policy, program("tests.service.victim"))
        assert all(one.refused == 0 for one in watching)


def _killed(step: str, roll: Roll, monkeypatch: pytest.MonkeyPatch, policy: str, victim: Program) -> None:
    ended = victim.run([roll.database.url, str(roll.home), roll.name, step, str(BATCH), policy])
    assert ended.returncode == -9, (ended.returncode, ended.stdout, ended.stderr)
    lines = [line.split() for line in ended.stdout.splitlines()]
    acknowledged = {line[1]: int(line[2]) for line in lines if line[0] == "acknowledged"}
    published = [bytes.fromhex(line[1]) for line in lines if line[0] == "published"]

    _send_everything_again(roll, acknowledged, monkeypatch)
    roll.policy = tlog.parse_policy(policy.encode())
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    sequencer.close()

    result = rebuild(roll, replace=False)
    assert result.differences == ()
    checked = fsck(roll)
    assert checked.fault is None
    assert checked.size == result.events == 3 + 6 + 120
    _each_event_has_one_place(roll, checked.size)
    _each_checkpoint_is_a_prefix(roll, [*published, (roll.public / "checkpoint").read_bytes()])
    last = tlog.open_cosigned((roll.public / "checkpoint").read_bytes(), roll.policy, roll.keys.verifiers)
    assert (last.checkpoint.size, last.reached) == (checked.size, True)


def _send_everything_again(roll: Roll, acknowledged: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """As a sender does that got no answer: the same filings under the same keys, and the same file."""
    with roll.database.open() as connection:
        connection.autocommit = True
        for number in range(6):
            one = submission_of(filing(handle=f"v-{number}"), Actor("operator", "east"))
            outcome = take(connection, [one], roll, roll.clock())[0]
            assert isinstance(outcome, Taken)
            if one.key in acknowledged:
                assert (outcome.number, outcome.repeated) == (acknowledged[one.key], True), (
                    "an acknowledged filing was lost"
                )
    monkeypatch.setattr(bulk, "BATCH", BATCH)
    assert isinstance(take_file(roll, "east", rows_file(120)), FileTaken)


def _each_event_has_one_place(roll: Roll, size: int) -> None:
    with roll.database.open() as connection:
        rows = connection.execute(
            "select place_in(p, e.id) from placed p join event e on e.id >= p.event and e.id < p.event + p.count"
        ).fetchall()
    assert sorted(position for (position,) in rows) == list(range(size))


def _each_checkpoint_is_a_prefix(roll: Roll, notes: list[bytes]) -> None:
    entries: list[bytes] = []
    with roll.database.open() as connection:
        for (data,) in connection.execute("select data from bundle order by index"):
            entries += tlog.decode_bundle(bytes(data))
    for note in notes:
        seen = tlog.open_checkpoint(note, roll.keys.verifiers, origin=roll.origin)
        assert CompactRange().extend(entries[: seen.size]).root == seen.root


def test_a_restored_backup_signs_nothing(roll: Roll) -> None:
    """A database that is behind the ratchet, as after restoring an old backup, is refused and nothing is signed."""
    Sequencer(roll).run_until_empty()
    with roll.database.open() as connection:
        connection.execute("alter table head disable trigger all")
        connection.execute("alter table placed disable trigger all")
        connection.execute("truncate head, placed, tile, bundle, tally, checkpoint")
    from openroll.service.log.ratchet import Forked

    before = (roll.public / "checkpoint").read_bytes()
    with pytest.raises(Forked, match="an older backup was restored"):
        Sequencer(roll).run_until_empty()
    assert (roll.public / "checkpoint").read_bytes() == before


@pytest.mark.parametrize("what", ["tile", "bundle", "body", "checkpoint", "projection"])
def test_an_altered_byte_is_named(what: str, roll: Roll) -> None:
    """A flipped bit in a tile, an entry, a fact, the checkpoint or a projection is found, and the first difference named."""
    with roll.database.open() as connection:
        connection.autocommit = True
        for number in range(5):
            take(
                connection, [submission_of(filing(handle=f"v-{number}"), Actor("operator", "east"))], roll, roll.clock()
            )
        Sequencer(roll).run_until_empty()
        size = 8
        (altered,) = connection.execute(
            "select place_in(p, e.id) from placed p join event e on e.id >= p.event and e.id < p.event + p.count"
            " where e.body like %s",
            (f'%"{handle("v-2")}"%',),
        ).fetchone() or (None,)
        if what == "body":
            connection.execute("alter table event disable trigger all")
            connection.execute(
                "update event set body = replace(body, '500103', '500105') where body like %s",
                (f'%"{handle("v-2")}"%',),
            )
        if what == "projection":
            connection.execute("update subscription set district = '500105' where handle = %s", (handle("v-2"),))
    files = {"tile": tlog.tile_path(0, 0, size), "bundle": tlog.bundle_path(0, size), "checkpoint": "checkpoint"}
    if what in files:
        path = roll.public / files[what]
        data = bytearray(path.read_bytes())
        data[40] ^= 1
        path.write_bytes(data)
    fault = fsck(roll).fault
    differences = rebuild(roll, replace=False).differences
    if what == "projection":
        assert fault is None
        assert differences[0].table == "subscription"
        assert "500105" in (differences[0].kept or "")
        rebuild(roll, replace=True)
        assert rebuild(roll, replace=False).differences == ()
    else:
        assert fault is not None
        # The 40th byte of the bundle is in its first entry, that of the checkpoint in what its signatures cover.
        wheres = files | {"body": f"entry {altered}", "bundle": "entry 0"}
        assert fault.where == wheres[what], fault
