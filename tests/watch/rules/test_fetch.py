"""A roll's rule is packed under only when its log proves it: every lie of a roll, or of who stands between, is refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openroll.tlog import QuorumMissing, Signer, TlogError, Verifier, parse_policy
from openroll.watch.rules.fetch import Sources, fetched, head_of
from openroll.watch.rules.kept import KeptRules, file_for, read_kept, write_kept
from openroll.watch.rules.versions import Basis, RulesRefused, Version, basis_on, coming
from openroll.watch.source import HttpSource, Unreachable, seconds_left
from tests.watch.rules.made_roll import FIRST, PLACE, SECOND, MadeRoll, Pages, another, order

NOW = datetime(2006, 12, 20, 4, 0, tzinfo=UTC)


def asked(roll: MadeRoll, kept: KeptRules | None = None, given: tuple[Verifier, ...] = (), **how: Any) -> KeptRules:
    """What is to be kept of a roll."""
    return fetched(Sources(Pages(roll), Pages(roll)), kept, given, NOW, **how)


def basis(kept: KeptRules, day: date | None = None) -> Basis:
    """What is packed under."""
    return basis_on(head_of(kept)[0], kept.texts, NOW, day)


def test_the_rule_in_force_is_proved_and_kept() -> None:
    """Of three rules the one that has begun is packed under, the next one from its day on; one of the past is not fetched."""
    roll = MadeRoll()
    ours = another(SECOND, id="not-shipped", zone="Africa/Nairobi")
    roll.go_on(3)
    roll.publish(SECOND, date(2006, 12, 1))
    roll.publish(ours, date(2007, 1, 1))
    kept = asked(roll)
    assert (basis(kept).rule, basis(kept).place) == (SECOND, PLACE)
    assert basis(kept, date(2007, 1, 1)).rule.id == "not-shipped"
    assert basis_on(head_of(kept)[0], kept.texts, datetime(2006, 12, 31, 21, 0, tzinfo=UTC)).rule.id == "not-shipped"
    assert not any(
        path.endswith(digest) for path in roll.asked for digest in kept.texts if FIRST.id in kept.texts[digest]
    )
    assert kept.read == len(roll.entries)


def test_what_comes_is_told_of_rules_and_jurisdictions_after_the_day_that_is_packed_for() -> None:
    """Whatever differs in rule or jurisdiction from what was before it; nothing of the past, and nothing that never begins."""

    def version(index: int, starts: date, rule: str, place: str) -> Version:
        return Version(index, starts, rule, place, ("es",))

    versions = (
        version(0, date.min, "r@1", "pe@a"),
        version(5, date(2026, 11, 30), "r@2", "pe@a"),
        version(7, date(2026, 11, 29), "r@1", "pe@b"),
        version(9, date(2026, 12, 1), "r@3", "pe@a"),
        version(10, date(2026, 12, 1), "r@2", "pe@b"),
        version(12, date(2026, 12, 9), "r@2", "pe@b"),
    )

    def told(day: date) -> list[tuple[int, tuple[str, ...]]]:
        return [(one.version.index, one.changes) for one in coming(versions, day)]

    place, both = ("jurisdiction",), ("rule", "jurisdiction")
    assert told(date(2026, 11, 28)) == [(7, place), (5, both), (10, place)]
    assert told(date(2026, 11, 30)) == [(10, place)]
    assert told(date(2026, 12, 15)) == []


def test_what_is_kept_packs_offline_and_is_asked_for_once(tmp_path: Path) -> None:
    """The kept file proves itself without the roll; the next time only what is new is fetched. A changed file is refused."""
    roll, path = MadeRoll(), file_for(tmp_path, "https://roll.example:8443/x")
    write_kept(path, asked(roll))
    kept = read_kept(path)
    assert kept is not None
    assert basis(kept).rule == FIRST
    roll.asked.clear()
    roll.go_on(300)
    again = asked(roll, kept)
    assert again.read == 301
    assert not [one for one in roll.asked if one.startswith("api/v1/rules/")]
    path.write_bytes(path.read_bytes().replace(b"household", b"househald"))
    with pytest.raises(RulesRefused, match="was changed"):
        read_kept(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RulesRefused, match="damaged"):
        read_kept(path)


def _other_bundle(path: str, data: bytes) -> bytes:
    return data.replace(b"Nairobi", b"Nakuru_") if path.startswith("api/v1/rules/") else data


def _cut_off(path: str, data: bytes) -> bytes:
    return data[: len(data) // 2] if path.startswith("api/v1/rules/") else data


def _list_cut_off(path: str, data: bytes) -> bytes:
    return data[:-30] if path == "api/v1/rules" else data


def _no_text(path: str, data: bytes) -> bytes | None:
    return None if path.startswith("api/v1/rules/") else data


def _too_many(path: str, data: bytes) -> bytes:
    return order(msgspec.json.decode(data)["rules"] * 1_001) if path == "api/v1/rules" else data


def _doubled(path: str, data: bytes) -> bytes:
    return order(msgspec.json.decode(data)["rules"] * 2) if path == "api/v1/rules" else data


def _other_entries(path: str, data: bytes) -> bytes:
    return data.replace(b"figures", b"fibures") if "entries" in path else data


def _no_list(path: str, data: bytes) -> bytes | None:
    return None if path == "api/v1/rules" else data


LIES: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "another bundle": (_other_bundle, "another text"),
    "a bundle cut off": (_cut_off, "another text"),
    "a list cut off": (_list_cut_off, "cut off"),
    "no text": (_no_text, "does not show"),
    "too many rules": (_too_many, "no roll had more"),
    "a rule twice": (_doubled, "not in the order"),
    "other entries": (_other_entries, "not those that its head is signed for"),
    "no list": (_no_list, "lists no rules"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused(lie: str) -> None:
    """Whatever is not what the log proves is refused, and says what is wrong."""
    roll = MadeRoll()
    roll.go_on(2)
    roll.lie, sentence = LIES[lie]
    with pytest.raises(RulesRefused, match=sentence):
        asked(roll)


def test_all_that_is_asked_is_bounded_in_size_and_time() -> None:
    """What the roll sends may be so long at most, and after the deadline nothing more is asked."""
    roll = MadeRoll()
    asked(roll)
    assert all(most is not None for path, most in roll.bounds.items() if path.startswith("api/"))
    late = HttpSource("http://localhost:1", left=seconds_left(5.0, iter([0.0, 5.0]).__next__))
    with pytest.raises(Unreachable, match="all of it together"):
        late.get("api/v1/rules")


def test_another_key_is_refused() -> None:
    """A log signed by another key than the one given, or than the one first met, is not believed."""
    roll, other = MadeRoll(), MadeRoll(b"\x02" * 32)
    with pytest.raises(TlogError, match="keys differ"):
        asked(other, given=(Verifier.parse(roll.signer.verifier_key),))
    with pytest.raises(TlogError, match="keys differ"):
        asked(other, asked(roll))


def test_the_head_never_goes_back_nor_forks() -> None:
    """A head older than the one kept is refused, as are another log of its size and one that does not go on from it."""
    roll, old, fork = MadeRoll(), MadeRoll(), MadeRoll()
    roll.go_on(5)
    kept = asked(roll)
    with pytest.raises(RulesRefused, match="an older head"):
        asked(old, kept)
    fork.publish(SECOND, date(2006, 12, 1))
    fork.go_on(4)
    with pytest.raises(RulesRefused, match="two different logs"):
        asked(fork, kept)
    fork.go_on(4)
    with pytest.raises(TlogError):
        asked(fork, kept)


def test_a_rule_that_is_not_listed_is_found() -> None:
    """A roll that hides a published rule is found out, also where the log is read in several goes."""
    roll = MadeRoll()
    roll.publish(SECOND, date(2006, 12, 1), listed=False)
    with pytest.raises(RulesRefused, match="in entry 1 that it does not list"):
        asked(roll)
    honest = MadeRoll()
    honest.go_on(300)
    kept = asked(honest, most_read=100)
    assert kept.read == 100
    kept = asked(honest, kept, most_read=170)
    assert kept.read == 270
    honest.publish(SECOND, date(2006, 12, 1), listed=False)
    with pytest.raises(RulesRefused, match="in entry 301"):
        asked(honest, kept, most_read=100)


def test_what_the_log_names_without_a_digest_is_not_taken() -> None:
    """An entry that names no digest, a text that is no rule, and a list without the opening are sentences."""
    roll = MadeRoll()
    roll.publish(SECOND, date(2006, 12, 1))
    roll.unlisted.add(0)
    with pytest.raises(RulesRefused, match="do not begin"):
        asked(roll)
    kept = asked(MadeRoll())
    with pytest.raises(RulesRefused, match="is missing"):
        basis(msgspec.structs.replace(kept, texts={}))


def test_under_a_policy_the_head_needs_its_witnesses() -> None:
    """What nobody cosigned is not packed under, nor what was kept of it; without a policy the log's word is enough."""
    witness = Signer.from_seed("witness.example/1", b"1" * 32, "cosignature")
    roll = MadeRoll()
    policy = parse_policy(f"log {roll.signer.verifier_key}\nwitness one {witness.verifier_key}\nquorum one\n".encode())
    kept = asked(roll)
    with pytest.raises(QuorumMissing):
        asked(roll, policy=policy)
    with pytest.raises(QuorumMissing):
        head_of(kept, policy)
