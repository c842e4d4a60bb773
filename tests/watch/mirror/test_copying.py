"""A mirror of a log that grows, lies, breaks and goes away; every file it serves is proved."""

import os
import shutil
import types
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from openroll import cli, tlog
from openroll.cli import Wiring
from openroll.watch.mirror import checking, copying
from openroll.watch.mirror.copying import LogRefused
from openroll.watch.mirror.folder import MirrorBusy, MirrorFolder, NotAMirror
from openroll.watch.mirror.following import LONGEST, poll
from openroll.watch.mirror.proved import WrongFile
from openroll.watch.source import FolderSource, HttpSource, Source, Unreachable
from tests.program import Program
from tests.tlog import tessera
from tests.watch.mirror.grown import OTHER, SIGNER, Grown, behind, entries, files, flip
from tests.watch.mirror.victim import STEPS


def run(copy: Path, source: Source | Path, keys: tuple[tlog.Verifier, ...] = (SIGNER.verifier,)) -> copying.MirrorRun:
    """One run of a mirror, that waits for nothing."""
    folder = MirrorFolder(copy)
    if isinstance(source, Path):
        source = FolderSource(source)
    with folder.locked():
        state = folder.remembered() if folder.known else copying.new_state(source.where, "log", keys, None)
        return copying.run(folder, state, source, wait=lambda _: None)


def checked(copy: Path) -> list[str]:
    """What a check finds wrong."""
    folder = MirrorFolder(copy)
    with folder.locked():
        return checking.check(folder)[1]


def shown(copy: Path) -> int:
    """The size of the head that a mirror serves."""
    return tlog.open_checkpoint((copy / "checkpoint").read_bytes(), [SIGNER.verifier]).size


@pytest.fixture
def log(tmp_path: Path) -> Grown:
    """A log without entries yet."""
    return Grown(tmp_path / "log")


def test_a_log_made_by_tessera_is_mirrored_as_it_grows(tmp_path: Path, program: Callable[[str], Program]) -> None:
    """The command keeps up with a log that is not ours, behind a plain server, from its first entry to its fifteenth."""
    openroll = program("openroll.compose.main").run
    served, copy = tmp_path / "tessera", tmp_path / "copy"
    tessera.write_log(served)
    with behind(served) as (address, _):
        for size in (1, 2, 7, 15):
            shutil.copyfile(served / f"checkpoint.{size}", served / "checkpoint")
            key = ["--key", tessera.VERIFIER] if size == 1 else []
            done = openroll(["mirror", address, str(copy), *key])
            assert done.returncode == 0, done.stderr
            assert f"Good: {size} entries of example.com/log/testdata" in done.stdout
    kept = files(copy)
    assert set(kept) == {"checkpoint"} | {
        f"tile/{kind}/000.p/{size}" for kind in (0, "entries") for size in (1, 2, 7, 15)
    }
    assert all(data == (served / path).read_bytes() for path, data in kept.items())
    assert openroll(["mirror", "--check", str(copy)]).returncode == 0


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The command in this process: its exit status, and what it said on either stream."""
    app = cli.build(cast(Wiring, types.SimpleNamespace(clock=lambda: datetime.now(UTC))))
    status = 0
    try:
        app(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr()
    return status, said.out.replace("\n", " "), said.err.replace("\n", " ")


SIZES = (0, 1, 255, 256, 257, 700, 1024, 65_535, 65_536, 65_537, 66_000)


def test_every_size_gives_the_same_files_as_the_log_has(log: Grown, tmp_path: Path) -> None:
    """Step by step through every kind of edge, the copy is the log byte for byte, but for partial tiles that are full now."""
    copy = tmp_path / "copy"
    for size in SIZES:
        log.grow(size)
        run(copy, log.folder)
        assert checked(copy) == []
    kept = files(copy)
    assert all(data == (log.folder / path).read_bytes() for path, data in kept.items())
    gone = {path for path in files(log.folder) if path not in kept}
    assert gone
    assert all(".p/" in path and (log.folder / path.split(".p/")[0]).is_file() for path in gone)
    assert {"tile/2/000.p/1", "tile/1/000", "tile/1/001.p/1", "tile/0/257.p/208", "tile/entries/257.p/208"} <= set(kept)


def test_a_partial_tile_that_is_gone_is_taken_from_the_full_one(log: Grown, tmp_path: Path) -> None:
    """A log may drop partial tiles once the full one stands, while it still shows the older head."""
    log.grow(300)
    old = (log.folder / "checkpoint").read_bytes()
    log.grow(600)
    log.write("checkpoint", old)
    shutil.rmtree(log.folder / "tile/0/001.p")
    shutil.rmtree(log.folder / "tile/entries/001.p")
    assert run(tmp_path / "copy", log.folder).head.checkpoint.size == 300
    assert checked(tmp_path / "copy") == []


SERVED = ("tile/0/003", "tile/entries/003", "tile/1/000.p/7", "tile/0/007.p/8", "tile/entries/007.p/8")
"""A file of each kind in a log of 1,800 entries."""
EDGE = {"tile/1/000.p/7", "tile/0/007.p/8"}
"""Those of them that are proved together, and so brought together."""


@pytest.mark.parametrize("path", SERVED)
def test_a_bit_flipped_in_what_is_served_is_named(log: Grown, tmp_path: Path, path: str) -> None:
    """One bit in one file: that file is named, the head shown stays as it was, and once it is mended the run goes through."""
    copy = tmp_path / "copy"
    log.grow(500)
    run(copy, log.folder)
    log.grow(1800)
    flip(log.folder / path)
    with pytest.raises(WrongFile) as wrong:
        run(copy, log.folder)
    assert wrong.value.path == path
    assert shown(copy) == 500
    assert checked(copy) == []
    flip(log.folder / path)
    with behind(log.folder) as (address, asked):
        run(copy, HttpSource(address))
    assert checked(copy) == []
    assert len(asked) == len(set(asked))
    if path not in EDGE:
        # What was proved before the fault was found is not asked for again.
        assert len(asked) < 10


@pytest.mark.parametrize("path", [*SERVED, "checkpoint"])
@pytest.mark.parametrize("lost", [False, True])
def test_a_bit_flipped_on_the_mirrors_own_disk_is_found_and_mended(
    log: Grown, tmp_path: Path, path: str, lost: bool
) -> None:
    """A check of the mirror's own disk names the file that is wrong or lost; the next run brings what is wrong and no more."""
    copy = tmp_path / "copy"
    log.grow(1800)
    run(copy, log.folder)
    if lost:
        (copy / path).unlink()
    else:
        flip(copy / path)
    assert [fault.split(" is wrong")[0] for fault in checked(copy)] == [path]
    with behind(log.folder) as (address, asked):
        done = run(copy, HttpSource(address))
    assert path in done.mended
    brought = EDGE if path in EDGE and not lost else {path}
    assert sorted(asked) == sorted({"/checkpoint", "/key-history.json"} | {f"/{one}" for one in brought})
    assert checked(copy) == []


def test_a_mirror_that_was_tampered_with_is_never_taken_for_proved(log: Grown, tmp_path: Path) -> None:
    """Files that somebody put where the mirror would put them are proved like any other, and replaced when they are wrong."""
    log.grow(1800)
    for path in SERVED:
        place = tmp_path / "copy" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"not this")
    done = run(tmp_path / "copy", log.folder)
    assert set(done.mended) == set(SERVED)
    assert checked(tmp_path / "copy") == []


def forked(log: Grown, tmp_path: Path, size: int) -> Path:
    """Another log by the same key, whose entries differ from the 400th on."""
    other = Grown(tmp_path / "other")
    other.grow(400)
    other.grow(size, "lie")
    return other.folder


@pytest.mark.parametrize("size", [700, 1000, 1300])
def test_a_log_that_contradicts_itself_is_refused_with_evidence(log: Grown, tmp_path: Path, size: int) -> None:
    """A head of another history, smaller, of the same size or larger, is refused; the evidence convinces without the mirror."""
    copy = tmp_path / "copy"
    log.grow(1000)
    run(copy, log.folder)
    before = files(copy)
    other = forked(log, tmp_path, size)
    for _ in range(2):
        with pytest.raises(LogRefused) as refused:
            run(copy, other)
    assert refused.value.kind == "forked"
    assert files(copy) == before
    assert checked(copy) == []
    assert [one.name for one in refused.value.evidence.parent.iterdir()] == [refused.value.evidence.name]
    convinces(refused.value.evidence)


def convinces(evidence: Path) -> None:
    """A third party with the evidence, the log's key and RFC 9162 alone."""
    heads = [tlog.open_checkpoint((evidence / f"head-{number}").read_bytes(), [SIGNER.verifier]) for number in (1, 2)]
    small, large = sorted(heads, key=lambda head: head.size)
    if small.size == large.size:
        assert small.root != large.root
        return
    proof = [b64decode(line) for line in (evidence / "proof").read_text().split()]
    with pytest.raises(tlog.ProofFailed, match="old root") as failed:
        tlog.verify_consistency(small.size, large.size, proof, small.root, large.root)
    # The same proof leads to the larger root when the smaller tree is taken to be what the proof says it is.
    said = str(failed.value).split("old root ")[1][:64]
    tlog.verify_consistency(small.size, large.size, proof, bytes.fromhex(said), large.root)
    assert "cannot both be true" in (evidence / "explanation.txt").read_text()


def test_a_head_older_than_the_one_held_is_refused(
    log: Grown, tmp_path: Path, program: Callable[[str], Program]
) -> None:
    """A stale or rolled back head is refused with its proof, and the mirror keeps serving the newer one."""
    copy = tmp_path / "copy"
    log.grow(700)
    old = (log.folder / "checkpoint").read_bytes()
    log.grow(1000)
    run(copy, log.folder)
    log.write("checkpoint", old)
    done = program("openroll.compose.main").run(["mirror", str(log.folder), str(copy)])
    assert done.returncode == 3
    assert "shows a head of 700 entries, and it has signed one of 1,000" in done.stderr
    assert shown(copy) == 1000
    (evidence,) = (copy / ".mirror/evidence").iterdir()
    assert {one.name for one in evidence.iterdir()} == {"explanation.txt", "head-1", "head-2", "keys", "proof"}
    heads = [tlog.open_checkpoint((evidence / f"head-{n}").read_bytes(), [SIGNER.verifier]) for n in (2, 1)]
    proof = [b64decode(line) for line in (evidence / "proof").read_text().split()]
    tlog.verify_consistency(700, 1000, proof, heads[0].root, heads[1].root)


def test_a_head_that_was_only_seen_binds_too(log: Grown, tmp_path: Path) -> None:
    """A head whose files never came was signed all the same: going back behind it is refused."""
    copy = tmp_path / "copy"
    log.grow(700)
    run(copy, log.folder)
    small = files(log.folder)
    log.grow(1000)
    (log.folder / "tile/entries/002").rename(tmp_path / "hidden")
    (log.folder / "tile/entries/002.p/188").unlink()
    with pytest.raises(tlog.Missing):
        run(copy, log.folder)
    log.write("checkpoint", small["checkpoint"])
    with pytest.raises(LogRefused):
        run(copy, log.folder)
    assert shown(copy) == 700


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed(log: Grown, tmp_path: Path, step: str, when: str, program: Callable[[str], Program]) -> None:
    """Killed at any step, what is served is whole; the next run goes through, and brings only what is not in its place."""
    copy = tmp_path / "copy"
    log.grow(5_000)
    run(copy, log.folder)
    head = log.grow(40_000)
    ended = program("tests.watch.mirror.victim").run([str(log.folder), str(copy), step, when])
    assert ended.returncode == -9, (ended.returncode, ended.stdout, ended.stderr)
    assert shown(copy) in (5_000, 40_000)
    assert checked(copy) == []
    there = set(files(copy))
    with behind(log.folder) as (address, asked):
        assert run(copy, HttpSource(address, connections=2)).head.checkpoint == head
    again = {path.removeprefix("/") for path in asked} & there - {"checkpoint"}
    assert not again
    assert checked(copy) == []
    assert not list((copy / ".mirror/staging").iterdir())
    assert not list(copy.glob("tile/*/019.p"))


def test_two_runs_at_once_are_one(log: Grown, tmp_path: Path) -> None:
    """A second run of the same mirror says that the first is at work."""
    log.grow(1)
    folder = MirrorFolder(tmp_path / "copy")
    with folder.locked(), pytest.raises(MirrorBusy, match="another run"):
        run(tmp_path / "copy", log.folder)


def test_what_is_remembered_and_cannot_be_read_is_said(log: Grown, tmp_path: Path) -> None:
    """A damaged memory is a sentence that tells what to do; doing it keeps every file that is right."""
    copy = tmp_path / "copy"
    log.grow(700)
    run(copy, log.folder)
    (copy / ".mirror/state.json").write_bytes(b"{")
    with pytest.raises(NotAMirror, match="Move that one file away"):
        run(copy, log.folder)
    (copy / ".mirror/state.json").unlink()
    assert run(copy, log.folder).files == 0


def test_every_key_must_have_signed(log: Grown, tmp_path: Path) -> None:
    """A head without one of the keys given is refused before anything is copied."""
    log.grow(10)
    with pytest.raises(tlog.KeyMissing):
        run(tmp_path / "copy", log.folder, (SIGNER.verifier, OTHER.verifier))
    assert files(tmp_path / "copy") == {}


def test_keys_are_needed_once_and_changed_by_saying_so(
    log: Grown, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first time keys are given or taken on trust in so many words; later others are refused, unless they are to be new."""
    copy = tmp_path / "copy"
    log.grow(10)
    log.write("keys", f"{SIGNER.verifier_key}\n".encode())
    with behind(log.folder) as (address, _):

        def mirror(*more: str) -> tuple[int, str, str]:
            return told(capsys, "mirror", address, str(copy), *more)

        status, out, err = mirror()
        assert status == 2
        assert "nobody vouches for them" in err
        assert SIGNER.verifier_key in out
        assert mirror("--trust-first-keys", "--dry-run")[0] == 0
        assert files(copy) == {}
        assert not MirrorFolder(copy).known
        status, _, err = mirror("--trust-first-keys")
        assert status == 0
        assert "taken on trust" in err
        log.signers = (OTHER,)
        log.grow(20)
        status, _, err = mirror()
        assert status == 1
        assert "its keys differ" in err
        status, _, err = mirror("--key", OTHER.verifier_key)
        assert status == 2
        assert "--new-keys" in err
        assert mirror("--key", OTHER.verifier_key, "--new-keys")[0] == 0
        other = told(capsys, "mirror", f"{address}/elsewhere", str(copy))
        assert other[0] == 2
        assert "mirror" in other[2]
        assert "to another folder" in other[2]
    assert tlog.open_checkpoint((tmp_path / "copy/checkpoint").read_bytes(), [OTHER.verifier]).size == 20


def test_following_waits_longer_while_nothing_answers() -> None:
    """Each failure doubles the wait up to an hour; an answer brings the interval back."""

    class Enough(Exception):
        pass

    answers = iter([True, *[False] * 8, True, True])
    waits: list[float] = []
    said: list[float] = []

    def step() -> None:
        answer = next(answers, None)
        if answer is None:
            raise Enough
        if not answer:
            raise Unreachable("there", "gone")

    with pytest.raises(Enough):
        poll(step, interval=60, wait=waits.append, said=lambda _, pause: said.append(pause))
    assert waits == [60, 120, 240, 480, 960, 1920, LONGEST, LONGEST, LONGEST, 60, 60]
    assert said == waits[1:9]


def test_following_goes_on_after_a_moment_of_trouble(log: Grown, tmp_path: Path) -> None:
    """An older head, a missing file, a page in the place of the head: each is said and looked at again; a fork ends it."""
    head_file, copy = log.folder / "checkpoint", tmp_path / "copy"
    log.grow(300)
    older = head_file.read_bytes()
    run(copy, log.folder)
    log.grow(600)
    newer = head_file.read_bytes()
    run(copy, log.folder)
    heads = iter([older, b"<html>back soon</html>", b"", None, newer])
    said: list[str] = []

    class Enough(Exception):
        pass

    def step() -> None:
        try:
            head = next(heads)
        except StopIteration:
            raise Enough from None
        head_file.unlink(missing_ok=True)
        if head is not None:
            head_file.write_bytes(head)
        run(copy, log.folder)

    with pytest.raises(Enough):
        poll(step, interval=60, wait=lambda _: None, said=lambda why, _: said.append(type(why).__name__))
    assert said[0] == "LogRefused"
    assert len(said) == 4


def test_a_lost_connection_is_asked_for_again(log: Grown, tmp_path: Path) -> None:
    """Among thousands of files one that does not come the first time is no reason to stop; one that never comes is."""
    log.grow(600)

    class Shaky(FolderSource):
        def __init__(self, folder: Path, fails: Callable[[int], bool]) -> None:
            super().__init__(folder)
            self._asked: dict[str, int] = {}
            self._fails = fails

        def get(self, path: str) -> bytes | None:
            self._asked[path] = self._asked.get(path, 0) + 1
            if path != "checkpoint" and self._fails(self._asked[path]):
                raise Unreachable(path, "reset")
            return super().get(path)

    assert run(tmp_path / "copy", Shaky(log.folder, lambda time: time < 3)).head.checkpoint.size == 600
    with pytest.raises(Unreachable):
        run(tmp_path / "other", Shaky(log.folder, lambda _: True))


def test_entries_are_opaque(tmp_path: Path) -> None:
    """Entries of any bytes, empty ones and the longest included, are carried as they are."""
    log = Grown(tmp_path / "log")
    odd = [b"", b"\xff" * 65_535, b"\n\n", os.urandom(300)]
    growth = tlog.grow(0, lambda *_: b"", tlog.leaf_hashes_of(odd))
    for level, index, width, data in growth.tiles:
        log.write(tlog.tile_path(level, index, width), data)
    log.write(tlog.bundle_path(0, 4), tlog.encode_bundle(odd))
    log.write("checkpoint", tlog.sign_checkpoint(tlog.Checkpoint(SIGNER.name, 4, growth.root), [SIGNER]))
    run(tmp_path / "copy", log.folder)
    assert tlog.decode_bundle((tmp_path / "copy" / tlog.bundle_path(0, 4)).read_bytes()) == odd
    assert tlog.CompactRange().extend(odd).root == growth.root
    assert entries(0, 1) == [b"entry 0"]
