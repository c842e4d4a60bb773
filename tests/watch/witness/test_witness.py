"""A witness never says two things: not when it is killed, not when its past is set back, not when it is asked twice at once."""

import shutil
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openroll.tlog import Checkpoint, open_note, root_of
from openroll.tlog.subtree import prove_subtree
from openroll.tlog.subtree_witnessing import SubtreeAsked, format_subtree_request
from openroll.tlog.witnessing import Answer, CosignedHead
from openroll.watch.source import FolderSource
from openroll.watch.witness import evidence
from openroll.watch.witness.evidence import EvidenceStore
from openroll.watch.witness.heads import Heads, Stopped, origin_hash
from openroll.watch.witness.own_past import CheckpointSource, recollect
from openroll.watch.witness.settings import LogSettings, read_keys, read_settings, watched_logs, write_log
from openroll.watch.witness.start import StartedWitness
from openroll.watch.witness.witness import Cosigned, Witness
from tests.program import Program
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import new_witness
from tests.watch.witness.victim import SIZES

LOG = MadeLog()
STEPS = [
    "sign: before",
    "sign: after",
    "ratchet: before",
    "ratchet: after",
    "state: before",
    "state: after",
    "answer: before",
]


class Asked:
    """A witness in this process over a folder, and what it needs to be asked."""

    def __init__(self, folder: Path, per_minute: int = 600) -> None:
        self.folder = folder
        if not (folder / "witness.yaml").exists():
            new_witness(folder, [LogSettings(LOG.origin, tuple(LOG.keys), per_minute=per_minute)])
        settings = read_settings(folder / "witness.yaml")
        self.keys = read_keys(settings, folder)
        self.own = self.keys.own
        self.heads = Heads(folder / "state", folder / "ratchet", self.own, step=self._reached)
        self.seconds = 0.0
        self.now = 1_700_000_000.0
        self.fails_at = ""
        self.stalls_at = ("", threading.Event(), threading.Event())
        self.witness = Witness(
            self.keys,
            watched_logs(settings),
            self.heads,
            EvidenceStore(folder / "evidence"),
            per_source=1200,
            clock=lambda: self.now,
            step=self._reached,
            monotonic=lambda: self.seconds,
        )

    def ask(self, old: int, new: int, log: MadeLog = LOG, source: str = "here") -> Cosigned | Answer:
        """Ask it to cosign."""
        return self.witness.add_checkpoint(log.submission(old, new), source)

    def _reached(self, step: str) -> None:
        name, begun, go_on = self.stalls_at
        if step == name and not begun.is_set():
            begun.set()
            assert go_on.wait(20)
        if step == self.fails_at:
            raise OSError(28, "No space left on device")

    def again(self) -> "Asked":
        """The same witness after a restart."""
        self.heads.close()
        return Asked(self.folder)


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """A new witness."""
    return Asked(tmp_path / "w")


def status(answer: Cosigned | Answer) -> int:
    """An answer's status."""
    return 200 if isinstance(answer, Cosigned) else answer.status


def head_said(asked: Asked, lines: bytes, size: int) -> Checkpoint:
    """The head that cosignature lines stand under, once both keys' signatures were verified."""
    note = open_note(LOG.checkpoint(size) + lines, asked.own)
    assert len(note.signed_by) == 2
    return Checkpoint.parse(note.text)


def test_what_is_cosigned_is_shown_to_monitors(asked: Asked) -> None:
    """The monitoring address shows the checkpoint with the log's signatures and the cosignatures that were given."""
    answer = asked.ask(0, 5)
    assert isinstance(answer, Cosigned)
    shown = asked.witness.checkpoint(origin_hash(LOG.origin))
    assert shown == LOG.checkpoint(5) + answer.lines
    assert head_said(asked, answer.lines, 5) == Checkpoint(LOG.origin, 5, LOG.root(5))
    assert asked.witness.checkpoint(origin_hash("other.example")) is None


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_says_nothing_else(step: str, tmp_path: Path, program: Callable[[str], Program]) -> None:
    """Killed at a step: whatever anybody saw still stands, no other history is cosigned after, and the log goes on."""
    asked = Asked(tmp_path / "w")
    asked.heads.close()
    ended = program("tests.watch.witness.victim").run([str(tmp_path / "w"), step])
    assert ended.returncode == -9, ended.stderr
    seen = [int(line.split()[0]) for line in ended.stdout.splitlines()]
    asked = Asked(tmp_path / "w")
    with asked.heads.of(LOG.origin) as log:
        last = log.last.head
    assert last.size in (SIZES[len(seen) - 1], SIZES[len(seen)])
    assert last == CosignedHead(last.size, LOG.root(last.size))
    for old in range(12):
        assert status(asked.ask(old, 12, MadeLog(branch="x", fork_at=2))) in (409, 422)
    assert status(asked.ask(last.size, 12)) == 200


@pytest.mark.parametrize("folder", ["state", "ratchet"])
def test_a_past_set_back_is_taken_up_from_the_other_record(folder: str, asked: Asked, tmp_path: Path) -> None:
    """With one of the two records restored from a backup, or gone, the other says what was signed last."""
    asked.ask(0, 5)
    shutil.copytree(asked.folder / folder, tmp_path / "backup")
    asked.ask(5, 9)
    shutil.rmtree(asked.folder / folder)
    shutil.copytree(tmp_path / "backup", asked.folder / folder)
    restored = asked.again()
    assert restored.ask(5, 9, MadeLog(branch="x", fork_at=6)) == Answer(409, "9\n", "text/x.tlog.size")
    shutil.rmtree(asked.folder / folder)
    gone = restored.again()
    assert gone.ask(5, 9, MadeLog(branch="x", fork_at=6)) == Answer(409, "9\n", "text/x.tlog.size")
    assert status(gone.ask(9, 12)) == 200


def test_a_whole_machine_set_back_believes_its_own_signature(asked: Asked, tmp_path: Path) -> None:
    """With everything local restored at once, a checkpoint published elsewhere under our own cosignature moves it forward."""
    asked.ask(0, 5)
    asked.heads.close()
    shutil.copytree(asked.folder, tmp_path / "backup")
    later = Asked(asked.folder)
    answer = later.ask(5, 9)
    assert isinstance(answer, Cosigned)
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "checkpoint").write_bytes(LOG.checkpoint(9) + answer.lines)
    later.heads.close()
    shutil.rmtree(asked.folder)
    shutil.copytree(tmp_path / "backup", asked.folder)

    restored = Asked(asked.folder)
    told = recollect(restored.heads, LOG.origin, [CheckpointSource(FolderSource(tmp_path / "mirror"))], restored.own)
    assert [(one.found, one.size) for one in told] == [("newer", 9)]
    assert status(restored.ask(5, 9, MadeLog(branch="x", fork_at=6))) == 409
    assert status(restored.ask(9, 12)) == 200


def test_a_head_of_ours_that_cannot_be_ours_is_a_contradiction(asked: Asked, tmp_path: Path) -> None:
    """Another head of the same size under our own cosignature (a stolen key, a second machine) is told, and moves nothing."""
    liar = MadeLog(branch="x", fork_at=2)
    other = Asked(tmp_path / "other")
    shutil.copytree(asked.folder, tmp_path / "twin")
    twin = Asked(tmp_path / "twin")
    answer, elsewhere = twin.ask(0, 5, liar), other.ask(0, 7)
    asked.ask(0, 5)
    assert isinstance(answer, Cosigned)
    assert isinstance(elsewhere, Cosigned)
    for name, note in (
        ("twin-said", liar.checkpoint(5) + answer.lines),
        ("others", LOG.checkpoint(7) + elsewhere.lines),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "checkpoint").write_bytes(note)
    places = [CheckpointSource(FolderSource(tmp_path / name)) for name in ("twin-said", "others", "nowhere")]
    told = recollect(asked.heads, LOG.origin, places, asked.own)
    assert [one.found for one in told] == ["contradiction", "nothing", "nothing"]
    with asked.heads.of(LOG.origin) as log:
        assert log.last.head == CosignedHead(5, LOG.root(5))


@pytest.mark.parametrize(
    "change", [lambda data: data[:-5], lambda data: data.replace(b"\n5\n", b"\n4\n"), lambda _: b""]
)
def test_a_damaged_record_stops_that_log(change: Callable[[bytes], bytes], asked: Asked) -> None:
    """A record that was cut or altered is told by its own signatures; the witness stops for that log until somebody looks."""
    asked.ask(0, 5)
    path = asked.folder / "state" / f"{origin_hash(LOG.origin)}.checkpoint"
    path.write_bytes(change(path.read_bytes()))
    again = asked.again()
    answer = again.ask(5, 9)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.wait) == (503, 0)
    assert "damaged" in again.witness.halts[LOG.origin].why
    assert str(asked.folder) not in answer.body
    with pytest.raises(Stopped, match="damaged"):
        again.heads.newest(LOG.origin)


def test_two_records_that_contradict_each_other_stop_that_log(asked: Asked, tmp_path: Path) -> None:
    """A folder that came from a twin of this machine is found when it meets the other."""
    shutil.copytree(asked.folder, tmp_path / "twin")
    twin = Asked(tmp_path / "twin")
    twin.ask(0, 5, MadeLog(branch="x"))
    asked.ask(0, 5)
    shutil.rmtree(asked.folder / "state")
    shutil.copytree(tmp_path / "twin" / "state", asked.folder / "state")
    again = asked.again()
    assert status(again.ask(5, 9)) == 503
    assert "contradict each other" in again.witness.halts[LOG.origin].why


def test_of_two_at_once_one_is_cosigned(asked: Asked) -> None:
    """Asked for two histories by many at once, it cosigns one of them and shows everyone the same."""
    liar = MadeLog(branch="x", fork_at=3)
    asked.ask(0, 4)
    wanted = [(log, size) for size in (6, 7, 8) for log in (LOG, liar)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: (one, asked.ask(4, one[1], one[0])), wanted))
    good = {log for (log, _), answer in answers if isinstance(answer, Cosigned)}
    assert good == {LOG}
    assert sum(isinstance(answer, Cosigned) for _, answer in answers) >= 1


def test_one_log_waits_for_itself_and_no_other_log_does(asked: Asked) -> None:
    """While one head is being kept, a second of the same log waits and is a conflict; another log is cosigned meanwhile."""
    other = MadeLog("other.example/log")
    write_log(asked.folder / "witness.yaml", LogSettings(other.origin, tuple(other.keys)))
    asked = asked.again()
    begun, go_on = threading.Event(), threading.Event()
    asked.stalls_at = ("ratchet: before", begun, go_on)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(asked.ask, 0, 3)
        assert begun.wait(20)
        second = pool.submit(asked.ask, 0, 5)
        assert status(pool.submit(asked.ask, 0, 4, other).result(20)) == 200
        assert not second.done()
        go_on.set()
        assert status(first.result(20)) == 200
        assert second.result(20) == Answer(409, "3\n", "text/x.tlog.size")


def test_a_second_process_is_refused(asked: Asked) -> None:
    """Two witnesses over one folder would be two histories: the second does not start."""
    with pytest.raises(ValueError, match="another witness is running"):
        Heads(asked.folder / "state", asked.folder / "elsewhere", asked.own)
    with pytest.raises(ValueError, match="two folders"):
        Heads(asked.folder / "x", asked.folder / "x", asked.own)


def test_a_lie_is_kept_as_evidence(asked: Asked) -> None:
    """A head that the log signed and that denies its past stays on disk, whole; a stranger's request does not."""
    asked.ask(0, 5)
    liar = MadeLog(branch="x", fork_at=2)
    asked.ask(5, 9, liar)
    asked.witness.add_checkpoint(b"old 5\n\n" + MadeLog("stranger.example").checkpoint(9), "here")
    asked.ask(5, 9, liar)
    kept = {path.suffix: path.read_bytes() for path in (asked.folder / "evidence").iterdir()}
    head = asked.heads.newest(LOG.origin)
    counted = asked.witness.metrics.text().decode()
    assert f'openroll_witness_evidence_total{{log="{LOG.origin}"}} 1.0' in counted
    assert f'openroll_witness_requests_total{{log="{LOG.origin}",outcome="422"}} 2.0' in counted
    assert kept == {".request": liar.submission(5, 9), ".held": head}


def test_what_is_held_already_convicts_nobody(asked: Asked) -> None:
    """Anybody can send the head that is held with a proof that it does not need: 422, and no evidence against the log."""
    asked.ask(0, 5)
    body = LOG.submission(5, 5).replace(b"old 5\n", b"old 5\n" + b64encode(bytes(32)) + b"\n")
    assert status(asked.witness.add_checkpoint(body, "here")) == 422
    assert not (asked.folder / "evidence").exists()


def test_wrong_proofs_do_not_crowd_out_what_convicts(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends the log's own heads with wrong proofs fills a drawer; a second head of one size has room all the same."""
    monkeypatch.setattr(evidence, "MOST_A_LOG", 3)
    asked.ask(0, 5)
    wrong = b64encode(bytes(32))
    for size in range(6, 12):
        body = LOG.submission(5, size)
        proof = body.split(b"\n\n")[0].split(b"\n")[1]
        assert status(asked.witness.add_checkpoint(body.replace(proof, wrong), "here")) == 422
    liar = MadeLog(branch="x", fork_at=2)
    assert status(asked.ask(5, 5, liar)) == 422
    kept = [path.read_bytes() for path in (asked.folder / "evidence").glob("*.request")]
    assert len(kept) == 4
    assert liar.submission(5, 5) in kept


def test_unknown_logs_and_garbage_are_answered(asked: Asked) -> None:
    """404 for a log it does not watch, 400 for what is no request."""
    assert status(asked.ask(0, 3, MadeLog("other.example"))) == 404
    assert status(asked.witness.add_checkpoint(b"", "here")) == 400


def test_a_witness_in_quarantine_waits_for_one_answer(asked: Asked) -> None:
    """With quarantine on, nothing is cosigned for a log until one place outside was asked and answered."""
    asked.heads.close()
    path = asked.folder / "witness.yaml"
    path.write_text(path.read_text().replace("quarantine: false", "quarantine: true"), encoding="utf-8")
    waiting = StartedWitness(read_settings(path), asked.folder)
    assert status(waiting.witness.add_checkpoint(LOG.submission(0, 3), "here")) == 503
    waiting.ask_all()
    answer = waiting.witness.add_checkpoint(LOG.submission(0, 3), "here")
    assert isinstance(answer, Answer)
    assert "quarantine" in waiting.witness.halts[LOG.origin].why
    assert answer.wait
    waiting.close()


@pytest.mark.parametrize("step", STEPS[:-1])
def test_what_cannot_be_kept_is_not_signed(step: str, asked: Asked) -> None:
    """A disk that is full at a step: 503, no signature leaves, and when there is room again the log goes on."""
    asked.ask(0, 5)
    asked.fails_at = step
    answer = asked.ask(5, 9)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.wait) == (503, 60)
    asked.fails_at = ""
    size = 9 if step in ("ratchet: after", "state: before", "state: after") else 5
    assert asked.ask(0, 9) == Answer(409, f"{size}\n", "text/x.tlog.size")
    assert status(asked.ask(size, 12)) == 200


def test_a_clock_that_jumps_back_signs_nothing_that_contradicts(asked: Asked) -> None:
    """A little back, the last time is said again; a day back, nothing is signed until the clock is right."""
    asked.ask(0, 5)
    asked.now -= 200
    answer = asked.ask(5, 6)
    assert isinstance(answer, Cosigned)
    times = [int.from_bytes(data[4:12]) for data in signatures(answer.lines)]
    assert times == [1_700_000_000] * 2
    asked.now -= 86_400
    refused = asked.ask(6, 7)
    assert isinstance(refused, Answer)
    assert (refused.status, "clock" in refused.body) == (503, True)
    asked.now += 90_000
    assert status(asked.ask(6, 7)) == 200


def signatures(lines: bytes) -> list[bytes]:
    """Key ids and signatures of signature lines."""
    return [b64decode(line.split(b" ")[2]) for line in lines.splitlines()]


def test_files_changed_under_a_running_witness_are_not_believed(asked: Asked) -> None:
    """Its records restored while it runs: its own memory knows better."""
    asked.ask(0, 5)
    asked.ask(5, 9)
    for folder in ("state", "ratchet"):
        (asked.folder / folder / f"{origin_hash(LOG.origin)}.checkpoint").unlink()
    assert asked.ask(0, 12, MadeLog(branch="x")) == Answer(409, "9\n", "text/x.tlog.size")


def test_a_subtree_of_what_was_cosigned_is_cosigned(asked: Asked) -> None:
    """sign-subtree: under our own cosignature only, and for logs we watch only."""
    asked.ask(0, 14)
    leaves = LOG.leaves(14)
    proof = prove_subtree(lambda level, at: root_of(leaves[at << level : (at + 1) << level]), 8, 13, 14)
    seen = asked.witness.checkpoint(origin_hash(LOG.origin))
    assert seen is not None
    one = SubtreeAsked(8, 13, root_of(leaves[8:13]), tuple(proof), seen)
    answer = asked.witness.sign_subtree(format_subtree_request(one), "here")
    assert isinstance(answer, Cosigned)
    asked.own[1].verify_subtree(LOG.origin, (8, 13), one.root, signatures(answer.lines)[0][4:])
    assert status(sent(asked, one._replace(checkpoint=LOG.checkpoint(14)))) == 403
    assert status(sent(asked, one._replace(checkpoint=b"other.example\n1\n"))) == 404
    assert status(asked.witness.sign_subtree(b"subtree 1 3", "here")) == 400


def sent(asked: Asked, one: SubtreeAsked) -> Cosigned | Answer:
    """Ask for a subtree."""
    return asked.witness.sign_subtree(format_subtree_request(one), "here")
