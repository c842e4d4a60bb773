"""Witnesses in processes of their own: an honest one stops the fork, a lying one is caught by whoever looks at both."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from openroll.register.roll.events import FiguresPublished
from openroll.service.filing.bulk import FileTaken, take_file
from openroll.service.log.handovers import history
from openroll.service.log.key_rotation import finish, rotate
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.tlog import KEY_HISTORY, Checkpoint, split_note
from openroll.tlog.witnessing import Submission, format_submission
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource
from openroll.watch.witness.settings import LogSettings
from tests.conftest import NOW
from tests.service.filings import rows_file
from tests.watch.cheats.conftest import HOLDS, Auditor, Live
from tests.watch.cheats.forge import Made, act_of, entries_of, person_act, receipt_of, show
from tests.watch.witness.process import new_witness, running

Copy = Callable[[str], tuple[str, Path]]


def asked(witness: str, log: Path, old: int) -> httpx2.Response:
    """Ask a witness to cosign the head of a folder, as going on from a size."""
    note = (log / "checkpoint").read_bytes()
    head = Checkpoint.parse(split_note(note)[0])
    proof = LogReader(FolderSource(log), head).prove_consistency(old) if old else []
    return httpx2.post(
        f"{witness}/add-checkpoint", content=format_submission(Submission(old, tuple(proof), note)), timeout=30
    )


@pytest.fixture
def witness(live: Live, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An honest witness of the roll: its address and its folder."""
    new_witness(tmp_path / "witness", [LogSettings(live.roll.origin, tuple(live.roll.keys.verifier_keys))])
    with running(tmp_path / "witness") as address:
        yield address, tmp_path / "witness"


def keys_of(folder: Path) -> list[str]:
    """A witness's public keys, as its command prints them."""
    words = ["witness", "key", "--settings", str(folder / "witness.yaml")]
    return subprocess.run(
        [sys.executable, "-m", "openroll", *words], capture_output=True, text=True, check=True
    ).stdout.split()


def an_act(live: Live) -> Made:
    """An official act of no weight, with what a receipt for it needs."""
    return act_of(
        FiguresPublished(on=live.roll.day(NOW), digest="0" * 64, by="registrar/1", rule=live.roll.opened.rule), live.day
    )


def forked(live: Live, site: Path, more: int = 60) -> int:
    """Show another history below the last twenty entries, signed with the roll's own keys; how many entries it has."""
    entries = [*entries_of(site / "log")[:-20], *(person_act(live.day) for _ in range(more))]
    show(site / "log", entries, live.roll.keys.signers_at(0))
    return len(entries)


def test_an_honest_witness_stops_a_fork(
    live: Live, witness: tuple[str, Path], copy: Copy, auditor: Auditor, tmp_path: Path
) -> None:
    """It cosigns one history only and keeps the other as evidence; a receipt of the fork fails the policy that asks for it."""
    address, folder = witness
    _, honest = copy("honest")
    _, fork = copy("fork")
    size = len(entries_of(honest / "log"))
    good = asked(address, honest / "log", 0)
    assert good.status_code == 200, good.text
    forked(live, fork)
    assert asked(address, fork / "log", size).status_code == 422
    assert asked(address, fork / "log", 0).status_code == 409
    assert list((folder / "evidence").iterdir())

    lines = "".join(f"log {one}\n" for one in live.roll.keys.verifiers)
    lines += f"witness w1 {keys_of(folder)[0]}\nquorum w1\n"
    (tmp_path / "policy").write_text(lines, encoding="utf-8")
    last = an_act(live)
    show(fork / "log", [*entries_of(fork / "log"), last.entry.encode()], live.roll.keys.signers_at(0))
    (tmp_path / "fork.tlog-proof").write_bytes(receipt_of(fork / "log", last, len(entries_of(fork / "log")) - 1))
    told = [sys.executable, "-m", "openroll.tlog", "verify", str(tmp_path / "fork.tlog-proof"), "--policy"]
    done = subprocess.run([*told, str(tmp_path / "policy")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "quorum-missing" in done.stderr


def test_a_lying_witness_is_caught(
    live: Live, witness: tuple[str, Path], copy: Copy, auditor: Auditor, tmp_path: Path
) -> None:
    """A twin with the same keys and no memory cosigns the fork: the two heads it signed convict the log, and it beside it."""
    address, folder = witness
    honest, site = copy("honest")
    _, fork = copy("fork")
    assert asked(address, site / "log", 0).status_code == 200
    forked(live, fork, more=10)
    twin = tmp_path / "twin"
    shutil.copytree(folder, twin, ignore=shutil.ignore_patterns("state", "ratchet", "evidence", "server.*"))
    with running(twin) as lying:
        assert asked(lying, fork / "log", 0).status_code == 200
        found = auditor.looks(honest, "--witness", address, "--witness", lying)
        assert found.status == 1, found.told
        assert "two-heads" in found.kinds
        heads = [(found.evidence("two-heads") / name).read_bytes() for name in ("head-1", "head-2")]
    assert any(b"witness.example" in head for head in heads)
    shutil.copytree(found.evidence("two-heads"), tmp_path / "court")
    command = [sys.executable, "-m", "openroll.watch", "evidence", str(tmp_path / "court"), "--key", str(live.keys)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == HOLDS, done.stdout + done.stderr


def test_a_head_below_the_quorum_is_a_fault(
    live: Live, witness: tuple[str, Path], copy: Copy, auditor: Auditor, tmp_path: Path
) -> None:
    """Under a policy a log that shows a head without its witnesses is reported; with them it is clean."""
    address, folder = witness
    honest, site = copy("honest")
    (tmp_path / "policy").write_text(f"witness w1 {keys_of(folder)[0]}\nquorum w1\n", encoding="utf-8")
    found = auditor.looks(honest, "--policy", str(tmp_path / "policy"))
    assert (found.status, found.kinds) == (1, ["under-quorum"]), found.told
    path = site / "log/checkpoint"
    path.write_bytes(path.read_bytes() + asked(address, site / "log", 0).content)
    assert auditor.looks(honest, "--policy", str(tmp_path / "policy")).status == 0


def test_a_monitor_follows_a_log_through_its_keys(roll: Roll, auditor: Auditor, web: tuple[str, Path]) -> None:
    """With the first keys alone it follows a log that changed them, by the log's own history; a newcomer without it does not."""
    sequencer = Sequencer(roll)
    sequencer.run_until_empty()
    auditor.keys = auditor.state.parent / "first.pub"
    auditor.keys.write_text("".join(f"{key}\n" for key in roll.keys.verifier_keys), encoding="ascii")
    site = web[1] / f"{roll.name}-keys"

    def shown() -> str:
        shutil.copytree(roll.public, site / "log", dirs_exist_ok=True)
        (site / "log" / KEY_HISTORY).write_bytes(msgspec.json.encode(history(roll)))
        return f"{web[0]}/{site.name}"

    assert auditor.looks(shown()).status == 0
    for change, why in ((rotate, "yearly"), (finish, "time is up")):
        change(roll, why)
        sequencer.run_until_empty()
        again = auditor.looks(shown())
        assert again.status == 0, again.told
    assert isinstance(take_file(roll, "east", rows_file(3)), FileTaken)  # the first head that the new keys sign alone
    sequencer.run_until_empty()
    sequencer.close()
    assert auditor.looks(shown()).status == 0
    assert not set(roll.keys.verifier_keys) & set(auditor.keys.read_text().split())
    (site / "log" / KEY_HISTORY).unlink()
    assert auditor.looks(f"{web[0]}/{site.name}").status == 0, "what was proved once is kept"
    auditor.state = auditor.state.parent / "stranger"
    refused = auditor.looks(f"{web[0]}/{site.name}")
    assert (refused.status, refused.kinds) == (1, ["other-log"]), refused.told
