"""A witness's past, told by others: its own signature is believed, and two histories under it are proved, kept and halted for."""

import json
from pathlib import Path

import pytest

from openroll import tlog
from openroll.tlog import Signer, open_note
from openroll.tlog.witnessing import cosignatures, parse_submission
from openroll.watch.witness import heads as heads_module
from openroll.watch.witness.evidence import EvidenceStore
from openroll.watch.witness.heads import origin_hash
from openroll.watch.witness.repair import move_forward, status_lines
from openroll.watch.witness.settings import LogSettings, WatchedLog, read_keys, read_settings, watched_logs
from openroll.watch.witness.start import StartedWitness, places_of
from openroll.watch.witness.witness import Cosigned
from tests.watch.made_log import MadeLog
from tests.watch.witness.process import new_witness

LOG = MadeLog()
LIAR = MadeLog(branch="x", fork_at=2)


def published(folder: Path, log: MadeLog, size: int) -> Path:
    """The log's tiles and checkpoint as files."""
    growth = tlog.grow(0, lambda *_: b"", log.leaves(size))
    for level, index, width, data in growth.tiles:
        path = folder / tlog.tile_path(level, index, width)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (folder / "checkpoint").write_bytes(log.checkpoint(size))
    return folder


class House:
    """A witness on disk whose log is published in a folder, and who its places are."""

    def __init__(self, folder: Path, log: LogSettings, ask: tuple[str, ...] = ()) -> None:
        self.folder = folder
        new_witness(folder, [log], ask=ask)

    @property
    def path(self) -> Path:
        """Its settings file."""
        return self.folder / "witness.yaml"

    def started(self, *, quarantine: bool = False) -> StartedWitness:
        """The witness, after it asked everybody."""
        text = self.path.read_text().replace("quarantine: false", f"quarantine: {str(quarantine).lower()}")
        self.path.write_text(text)
        started = StartedWitness(read_settings(self.path), self.folder)
        started.ask_all()
        return started

    def own_signature(self, log: MadeLog, size: int) -> bytes:
        """A checkpoint of a log under this witness's own keys, as a thief or a twin would make it."""
        keys = read_keys(read_settings(self.path), self.folder)
        text = log.checkpoint(size).decode().partition("\n\n")[0] + "\n"
        return log.checkpoint(size) + cosignatures(text, keys.signers, 1_700_000_000)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A witness whose log and one mirror of it are folders."""
    log = LogSettings(LOG.origin, tuple(LOG.keys), address=str(tmp_path / "log"), mirrors=(str(tmp_path / "mirror"),))
    published(tmp_path / "log", LOG, 9)
    (tmp_path / "mirror").mkdir()
    return House(tmp_path / "w", log, ask=(str(tmp_path / "fellow"),))


def cosign(started: StartedWitness, old: int, new: int, log: MadeLog = LOG) -> int:
    """Ask it to cosign; the status."""
    answer = started.witness.add_checkpoint(log.submission(old, new), "here")
    return 200 if isinstance(answer, Cosigned) else answer.status


@pytest.mark.parametrize("signed_size", [5, 12])
def test_two_histories_under_our_own_key_are_proved_and_halt_the_log(
    signed_size: int, house: House, tmp_path: Path
) -> None:
    """A smaller or larger head of ours of another history, proved by the log's own tiles, halts that log past every restart."""
    started = house.started()
    assert cosign(started, 0, signed_size) == 200
    started.close()
    told = LIAR if signed_size < 9 else LOG
    published(tmp_path / "log", told, max(signed_size, 9))
    (tmp_path / "mirror" / "checkpoint").write_bytes(house.own_signature(LIAR, 9))
    started = house.started()
    why = started.witness.halts[LOG.origin]
    assert "does not belong with ours" in why.why
    assert why.wait == 0
    kept = {path.suffix: path.read_bytes() for path in (house.folder / "evidence").iterdir()}
    proof = parse_submission(kept[".proof"])
    head = tlog.Checkpoint.parse(open_note(proof.checkpoint, started.keys.own).text)
    assert (proof.old, head.size) == (min(signed_size, 9), max(signed_size, 9))
    tlog.verify_consistency(proof.old, head.size, proof.proof, told.root(proof.old), head.root)
    started.close()
    (tmp_path / "mirror" / "checkpoint").unlink()
    started = house.started()
    assert cosign(started, signed_size, signed_size + 1) == 503
    started.close()
    assert "HALTED" in next(status_lines(read_settings(house.path), house.folder))
    assert EvidenceStore(house.folder / "evidence").resume(LOG.origin)
    started = house.started()
    assert cosign(started, signed_size, signed_size + 1) == 200


def test_a_history_that_tiles_cannot_decide_moves_forward(house: House, tmp_path: Path) -> None:
    """Without tiles nobody can tell two histories apart by size alone: the newer head of ours is our last word."""
    started = house.started()
    cosign(started, 0, 5)
    started.close()
    (tmp_path / "mirror" / "checkpoint").write_bytes(house.own_signature(LOG, 12))
    started = house.started()
    assert cosign(started, 5, 9) == 409
    assert cosign(started, 12, 14) == 200


def test_what_is_shown_after_a_loss_has_the_log_s_signatures_and_no_stranger_s(house: House, tmp_path: Path) -> None:
    """A checkpoint taken up from outside is kept with the log's and our own signatures only."""
    stranger = Signer.from_seed("stranger.example", b"\x09" * 32, "ed25519")
    note = house.own_signature(LOG, 9)
    text = note.decode().partition("\n\n")[0] + "\n"
    extra = tlog.sign_note(text, [stranger])[len(text.encode()) + 1 :]
    (tmp_path / "log" / "checkpoint").write_bytes(note + extra)
    started = house.started()
    assert started.witness.checkpoint(origin_hash(LOG.origin)) == note
    assert f'openroll_witness_size{{log="{LOG.origin}"}} 9.0' in started.witness.metrics.text().decode()


@pytest.mark.parametrize("rubbish", [b"", b"\xff\xfe", b"a\n\nb\n", b"x" * 2_000_000])
def test_rubbish_at_a_place_changes_nothing(rubbish: bytes, house: House, tmp_path: Path) -> None:
    """What a place serves is no checkpoint: said in the log, and the witness goes on."""
    (tmp_path / "mirror" / "checkpoint").write_bytes(rubbish)
    started = house.started()
    assert cosign(started, 0, 5) == 200


def test_quarantine_ends_with_another_place_than_the_log(house: House, tmp_path: Path) -> None:
    """That a log shows no signature of ours proves nothing; a mirror or a fellow witness that answers does."""
    started = house.started(quarantine=True)
    assert cosign(started, 0, 5) == 200  # the folder of the mirror answers that it has nothing
    started.close()
    log = LogSettings(LOG.origin, tuple(LOG.keys), address=str(tmp_path / "log"))
    alone = House(tmp_path / "alone", log)
    started = alone.started(quarantine=True)
    assert cosign(started, 0, 5) == 503
    (tmp_path / "log" / "checkpoint").write_bytes(alone.own_signature(LOG, 9))
    started.ask_all()
    assert cosign(started, 0, 5) == 409
    assert cosign(started, 9, 12) == 200


def test_places_are_the_log_its_mirrors_and_fellow_witnesses(house: House) -> None:
    """Fellow witnesses are asked at their monitoring address, logs and mirrors for their checkpoint."""
    settings = read_settings(house.path)
    log = watched_logs(settings)[LOG.origin]
    assert isinstance(log, WatchedLog)
    paths = [(place.path, place.own, place.tiles) for place in places_of(log, settings)]
    assert paths == [
        ("checkpoint", True, True),
        ("checkpoint", False, True),
        (f"{origin_hash(LOG.origin)}/checkpoint", False, False),
    ]


def test_a_person_moves_it_forward_and_never_back(house: House, tmp_path: Path) -> None:
    """`forward` takes a checkpoint that bears our own cosignature; a smaller one, or one without it, changes nothing."""
    started = house.started()
    cosign(started, 0, 5)
    note = house.own_signature(LOG, 9)
    file = tmp_path / "newer"
    file.write_bytes(note)
    settings = read_settings(house.path)
    with pytest.raises(ValueError, match="another witness is running"):
        move_forward(settings, house.folder, LOG.origin, str(file))
    started.close()
    assert "would move from size 5 to 9" in move_forward(settings, house.folder, LOG.origin, str(file), dry_run=True)
    assert "moved from size 5 to 9" in move_forward(settings, house.folder, LOG.origin, str(file))
    assert "already" in move_forward(settings, house.folder, LOG.origin, str(file))
    file.write_bytes(house.own_signature(LOG, 5))
    with pytest.raises(ValueError, match="step back"):
        move_forward(settings, house.folder, LOG.origin, str(file))
    file.write_bytes(LOG.checkpoint(12))
    with pytest.raises(tlog.KeyMissing):
        move_forward(settings, house.folder, LOG.origin, str(file))
    assert "size 9" in next(status_lines(settings, house.folder))


def test_a_new_key_believes_what_the_former_signed(house: House) -> None:
    """After a change of keys the earlier ones stand under `former`: what they signed is still the witness's own past."""
    started = house.started()
    assert cosign(started, 0, 5) == 200
    started.close()
    former = started.keys.published
    for kind in ("cosignature", "ml-dsa-44"):
        signer = Signer.from_seed(read_settings(house.path).name, b"\x0b" * 32, kind)
        (house.folder / f"{kind}.key").write_text(signer.private_key)
    started = house.started()
    assert "damaged or not this witness's own" in started.witness.halts[LOG.origin].why
    started.close()
    house.path.write_text(house.path.read_text() + f"former: {json.dumps(former)}\n")
    started = house.started()
    assert cosign(started, 5, 5) == 200
    assert cosign(started, 0, 9) == 409


def test_a_full_disk_while_the_past_is_taken_up_leaves_the_log_waiting(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard and could not be kept is asked for again, and nothing is signed before."""
    (tmp_path / "mirror" / "checkpoint").write_bytes(house.own_signature(LOG, 12))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(heads_module, "write_durably", full)
        started = house.started()
    assert started.witness.halts[LOG.origin].wait
    assert cosign(started, 0, 5) == 503
    started.ask_all()
    assert cosign(started, 0, 5) == 409
