"""A witness never says two things: not when it is killed, not when its past is set back, not when it is asked twice at once."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openroll.tlog import Checkpoint, Verifier, open_note
from openroll.tlog.witnessing import Answer, Held
from openroll.watch.source import FolderSource
from openroll.watch.witness.heads import Heads, Stopped, origin_hash
from openroll.watch.witness.past import recollect
from openroll.watch.witness.settings import LogSettings, read_settings, read_signers, watched
from openroll.watch.witness.start import started
from openroll.watch.witness.witness import Cosigned, Witness
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import NAME, new_witness
from tests.watch.witness.victim import SIZES

LOG = MadeLog()
ROOT = Path(__file__).parents[3]
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
        self.signers = read_signers(settings, folder)
        self.own = [signer.verifier for signer in self.signers]
        self.heads = Heads(folder / "state", folder / "ratchet", self.own)
        self.seconds = 0.0
        self.witness = Witness(
            self.signers,
            watched(settings),
            self.heads,
            evidence=folder / "evidence",
            per_source=1200,
            clock=lambda: 1_700_000_000.0,
            monotonic=lambda: self.seconds,
        )

    def ask(self, old: int, new: int, log: MadeLog = LOG, source: str = "here") -> Cosigned | Answer:
        """Ask it to cosign."""
        return self.witness.add_checkpoint(log.submission(old, new), source)

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
def test_killed_at_any_step_it_says_nothing_else(step: str, tmp_path: Path) -> None:
    """Killed at a step: whatever anybody saw still stands, no other history is cosigned after, and the log goes on."""
    asked = Asked(tmp_path / "w")
    asked.heads.close()
    ended = subprocess.run(
        [sys.executable, "-m", "tests.watch.witness.victim", str(tmp_path / "w"), step],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr
    seen = [int(line.split()[0]) for line in ended.stdout.splitlines()]
    asked = Asked(tmp_path / "w")
    with asked.heads.of(LOG.origin) as log:
        kept = log.kept.held
    assert kept.size in (SIZES[len(seen) - 1], SIZES[len(seen)])
    assert kept == Held(kept.size, LOG.root(kept.size))
    for old in range(12):
        assert status(asked.ask(old, 12, MadeLog(branch="x", fork_at=2))) in (409, 422)
    assert status(asked.ask(kept.size, 12)) == 200


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
    told = recollect(restored.heads, LOG.origin, [(FolderSource(tmp_path / "mirror"), "checkpoint")], restored.own)
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
    places = [(FolderSource(tmp_path / name), "checkpoint") for name in ("twin-said", "others", "nowhere")]
    told = recollect(asked.heads, LOG.origin, places, asked.own)
    assert [one.found for one in told] == ["contradiction", "nothing", "nothing"]
    with asked.heads.of(LOG.origin) as log:
        assert log.kept.held == Held(5, LOG.root(5))


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
    assert answer.status == 503
    assert "damaged" in answer.body
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
    answer = asked.again().ask(5, 9)
    assert isinstance(answer, Answer)
    assert "contradict each other" in answer.body


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
    kept = [path.read_bytes() for path in (asked.folder / "evidence").iterdir()]
    assert kept == [liar.submission(5, 9)]


def test_who_asks_too_much_waits_and_nobody_else(tmp_path: Path) -> None:
    """A log's own minute can be used up by its own signed requests only; a noisy address stops nobody else."""
    asked = Asked(tmp_path / "w", per_minute=3)
    strangers = [asked.witness.add_checkpoint(b"rubbish", "noisy") for _ in range(1300)]
    assert {status(one) for one in strangers[-50:]} == {429}
    assert [status(asked.ask(old, old + 1)) for old in range(4)] == [200, 200, 200, 429]
    asked.seconds += 21
    assert status(asked.ask(3, 4)) == 200
    asked.seconds += 60
    assert status(asked.witness.add_checkpoint(b"rubbish", "noisy")) == 400


def test_unknown_logs_and_garbage_are_answered(asked: Asked) -> None:
    """404 for a log it does not watch, 400 for what is no request."""
    assert status(asked.ask(0, 3, MadeLog("other.example"))) == 404
    assert status(asked.witness.add_checkpoint(b"", "here")) == 400


def test_a_witness_in_quarantine_waits_for_one_answer(asked: Asked) -> None:
    """With quarantine on, nothing is cosigned for a log until one place outside was asked and answered."""
    asked.heads.close()
    path = asked.folder / "witness.yaml"
    path.write_text(path.read_text().replace("quarantine: false", "quarantine: true"), encoding="utf-8")
    waiting = started(read_settings(path), asked.folder)
    answer = waiting.add_checkpoint(LOG.submission(0, 3), "here")
    assert isinstance(answer, Answer)
    assert "quarantine" in answer.body
    assert waiting.stopped


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("name: ", "nom: "), "unknown field `nom`"),
        ((NAME, "other.example/w"), "this witness is"),
        (("per_minute: 600", "per_minute: 0"), r"per_minute"),
        (("origin: log.example/made", "origin: log.example/other"), "another log's"),
        (("ml-dsa-44.key", "nothing.key"), "is missing"),
    ],
)
def test_wrong_settings_are_said(change: tuple[str, str], sentence: str, asked: Asked) -> None:
    """A word mistyped, a key of another, a limit of nothing: a sentence that names it, before anything is signed."""
    asked.heads.close()
    path = asked.folder / "witness.yaml"
    path.write_text(path.read_text().replace(*change, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        started(read_settings(path), asked.folder)


def test_a_key_that_others_can_read_is_not_used(asked: Asked) -> None:
    """The mode of a key's file is looked at before it is used."""
    asked.heads.close()
    (asked.folder / "ml-dsa-44.key").chmod(0o644)
    with pytest.raises(ValueError, match="chmod 600"):
        started(read_settings(asked.folder / "witness.yaml"), asked.folder)


def test_its_keys_are_read_by_anybody_s_tools(asked: Asked) -> None:
    """Its verifier keys are of the two kinds of tlog-cosignature, under its own name."""
    keys = [Verifier.parse(signer.verifier_key) for signer in asked.signers]
    assert [(key.name, key.algorithm) for key in keys] == [(NAME, 0x04), (NAME, 0x06)]
