"""A log that is rewritten: an old entry changed, entries reordered, two heads for two readers. Two signed heads show it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from openroll.tlog import Entry
from openroll.watch.audit.trust import verifiers
from tests.watch.cheats.conftest import FAILS, HOLDS, Auditor, Live
from tests.watch.cheats.forge import entries_of, flip, person_act, show

Copy = Callable[[str], tuple[str, Path]]


def test_an_honest_roll_is_good(live: Live, auditor: Auditor) -> None:
    """All of it: entries, tiles, figures of the moment and published ones. The second visit reads only what is new."""
    found = auditor.looks(live.address, "--zone", "Asia/Shanghai")
    assert (found.status, found.kinds, found.told["warnings"]) == (0, [], [])
    size = len(entries_of(live.site / "log"))
    assert found.told["read"] == found.told["size"] == size
    checked = "\n".join(found.told["checked"])
    assert f"figures of {live.day} count" in checked
    assert "figures of the moment count" in checked
    assert any("cannot be recounted" in one for one in found.told["not_checked"])
    again = auditor.looks(f"{live.address}/log")
    assert (again.status, again.told["read"]) == (0, 0)
    assert not (auditor.state / "evidence").exists()


def _changed(entries: list[bytes], day: str) -> list[bytes]:
    return [*entries[:40], person_act(day), *entries[41:]]


def _reordered(entries: list[bytes], _: str) -> list[bytes]:
    return [*entries[:7], entries[8], entries[7], *entries[9:]]


def _reordered_and_grown(entries: list[bytes], day: str) -> list[bytes]:
    return [*_reordered(entries, day), person_act(day), person_act(day)]


@pytest.mark.parametrize("cheat", [_changed, _reordered, _reordered_and_grown])
def test_an_old_entry_changed_or_moved(
    cheat: Callable[[list[bytes], str], list[bytes]], live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """Whoever saw the log before sees that the first entries are others now; two signed heads and a proof convince anyone."""
    address, site = copy("site")
    assert auditor.looks(address).status == 0
    show(site / "log", cheat(entries_of(site / "log"), live.day), live.roll.keys.signers_at(0))
    found = auditor.looks(address)
    status, said = auditor.shows(found, "two-heads", tmp_path / "court")
    assert (status, "it showed two logs" in said) == (HOLDS, True), said
    # A second look finds the same, and the monitor has not taken the forged head for its own.
    assert auditor.looks(address).evidence("two-heads") == found.evidence("two-heads")


def test_evidence_that_was_tampered_with_convinces_nobody(
    live: Live, auditor: Auditor, copy: Copy, tmp_path: Path
) -> None:
    """One bit of the proof or of a head, or another log's keys, and it does not hold."""
    address, site = copy("site")
    auditor.looks(address)
    show(site / "log", _reordered_and_grown(entries_of(site / "log"), live.day), live.roll.keys.signers_at(0))
    found = auditor.looks(address)
    for name in ("head-1", "head-2", "proof", "prefix-root"):
        with pytest.MonkeyPatch.context():
            folder = found.evidence("two-heads")
            whole = (folder / name).read_bytes()
            flip(folder / name, 3)
            status, said = auditor.shows(found, "two-heads", tmp_path / f"court-{name}")
            assert status == FAILS, (name, said)
            (folder / name).write_bytes(whole)


def test_two_heads_for_two_readers(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """Each reader's log is whole in itself; one head carried from one to the other is enough."""
    address, _ = copy("for-the-one")
    _, site = copy("for-the-other")
    entries = entries_of(site / "log")
    show(site / "log", [*entries[:-1], person_act(live.day)], live.roll.keys.signers_at(0))
    found = auditor.looks(address, "--head", str(site / "log/checkpoint"))
    assert auditor.shows(found, "two-heads", tmp_path / "court")[0] == HOLDS


def test_a_mirror_that_was_shown_another_log(live: Live, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """The larger of the two trees gives the proof, whoever serves it."""
    address, _ = copy("log")
    mirror, site = copy("mirror")
    entries = entries_of(site / "log")
    show(site / "log", [*entries[:100], *(person_act(live.day) for _ in range(400))], live.roll.keys.signers_at(0))
    found = auditor.looks(address, "--mirror", f"{mirror}/log")
    assert found.status == 1, found.told
    assert "two-heads" in found.kinds


def test_the_log_of_another_roll_at_the_address(auditor: Auditor, copy: Copy, live: Live, tmp_path: Path) -> None:
    """Good in itself, and signed by somebody else."""
    from openroll.tlog import Signer

    address, site = copy("site")
    signers = [
        Signer.from_seed(live.roll.origin, bytes([n] * 32), kind) for n, kind in ((1, "ed25519"), (2, "ml-dsa-44"))
    ]
    show(site / "log", entries_of(site / "log"), signers)
    found = auditor.looks(address)
    status, said = auditor.shows(found, "other-log", tmp_path / "court")
    assert status == 3, said
    assert "its keys differ" in said
    other = [Signer.from_seed("roll.example/other", bytes([n] * 32), "ed25519") for n in (1,)]
    show(site / "log", entries_of(site / "log"), other)
    assert auditor.looks(address).kinds == ["other-log"]


@pytest.mark.parametrize("what", ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"])
def test_a_bit_flips_on_disk(what: str, auditor: Auditor, copy: Copy, tmp_path: Path) -> None:
    """A tile or a bundle that is not what the head signs for is found, named, and shown beside the one that is."""
    address, site = copy("site")
    auditor.looks(address)
    flip(site / "log" / what, 2 + 32 * 5 + 1 if what.endswith("000") else 3)
    assert auditor.looks(address).status == 0, "nothing new was read: an old tile is looked at when all is read again"
    found = auditor.looks(address, "--whole")
    assert what in "".join(fault["what"] for fault in found.told["faults"])
    status, said = auditor.shows(found, "damaged", tmp_path / "court")
    assert status == 3, said
    assert "not what the log signed for" in said or "1/000" in what


def test_a_server_that_is_not_there_is_no_verdict(auditor: Auditor, copy: Copy) -> None:
    """Unreachable is status 2, not evidence; and what does not answer does not hide what does."""
    found = auditor.looks("http://127.0.0.1:9/")
    assert (found.status, found.kinds) == (2, [])
    assert "cannot be read" in found.told["could_not_look"][0]
    address, _ = copy("site")
    found = auditor.looks(address, "--mirror", "http://127.0.0.1:9")
    assert (found.status, found.told["read"] > 300) == (2, True)


def test_keys_are_those_of_the_log(live: Live) -> None:
    """The key file of a roll holds the keys that its entries were checked with above."""
    assert {one.name for one in verifiers([str(live.keys)])} == {live.roll.origin}
    assert Entry.parse(entries_of(live.site / "log")[0]).kind == "roll.opened/3"
