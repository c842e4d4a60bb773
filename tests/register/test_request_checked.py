"""An answer proves itself, offline; and each way in which it could not be right fails for its own reason, by field."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openroll import tlog
from openroll.disclosure import Disclosure, digests_of
from openroll.disclosure.disclosure import base64url
from openroll.register.event import Event
from openroll.register.request.checked import FAULTS, Checked, Expected, LogPosition, checked
from openroll.register.request.content import Answer, read_content
from openroll.register.subscription.events import (
    OfRecord,
    SubscriptionChanged,
    SubscriptionCorrected,
    SubscriptionEnded,
    SubscriptionErased,
    SubscriptionFiled,
    SubscriptionNotified,
    SubscriptionPorted,
)
from openroll.register.subscription.number_salt import OPENING_BYTES, opens, salt_for
from openroll.register.subscription.record_tag import record_tag
from openroll.sheet import disclosed
from openroll.sheet.pack import Kept

SIGNER = tlog.Signer.from_seed("roll.example/t", bytes([1]) * 32, "ed25519")
KEYS = tlog.KeyHistory([SIGNER.verifier])
DAY = "2006-11-01"
FIELDS = ("name", "id-number", "address")
PLACE = {"kind": "household", "access": "adsl", "district": "500103"}
RULE = {"by": "operator", "rule": "r"}


def record(seed: int, **values: str) -> tuple[list[str], dict[str, str]]:
    """A record's digests (one of them a decoy) and its disclosures by name."""
    told = {"name": "Wang", "id-number": "1234567", "address": "Street 1"} | values
    digests, disclosures = digests_of(
        told, {name: bytes([seed + at]) * 16 for at, name in enumerate(told)}, [bytes([seed]) * 32]
    )
    return digests, {name: one.encoded for name, one in disclosures.items()}


def filed(digests: Sequence[str], operator: str = "east", handle: str = "h-1") -> SubscriptionFiled:
    """A filing."""
    return SubscriptionFiled(
        operator=operator, handle=handle, connected=date(2006, 11, 1), digests=tuple(digests), **PLACE, **RULE
    )


def corrected(added: Sequence[str], dropped: Sequence[str]) -> SubscriptionCorrected:
    """A correction."""
    return SubscriptionCorrected(
        connected=date(2006, 11, 1), added=tuple(added), dropped=tuple(dropped), **PLACE, **RULE
    )


def changed(digests: Sequence[str]) -> SubscriptionChanged:
    """A change, with all digests anew."""
    return SubscriptionChanged(on=date(2006, 11, 2), digests=tuple(digests), **PLACE, **RULE)


def receipts(*facts: Event, of: Mapping[int, int | None] | None = None) -> tuple[str, ...]:
    """Receipts of facts that stand in one log, in this order, with others between them.

    As the register writes them, each fact after a filing names its record: that of the first, or `of` another; or none.
    """
    salts = [bytes([at]) * 32 for at in range(len(facts))]

    def named(at: int, fact: Event) -> Event:
        filing = (of or {}).get(at, 0)
        if filing is None or not isinstance(fact, OfRecord):
            return fact
        return msgspec.structs.replace(fact, record=record_tag(salts[filing], salts[at]))

    bodies = [named(at, fact).body().encode() for at, fact in enumerate(facts)]
    domain = b"openroll/event/1"
    entries = [
        tlog.Entry(fact.name, DAY, tlog.commit(domain, salt, body), body.decode() if fact.official else None)
        for fact, salt, body in zip(facts, salts, bodies, strict=True)
    ]
    hashes = [tlog.leaf_hash(entry.encode()) for entry in entries]
    growth = tlog.grow(0, lambda *_: b"", hashes)
    tiles = {(level, at): data for level, at, _, data in growth.tiles}
    note = tlog.sign_checkpoint(tlog.Checkpoint("roll.example/t", len(facts), growth.root), (SIGNER,), timestamp=1)
    made = []
    for at, entry in enumerate(entries):
        path = tlog.inclusion_proof(lambda level, index, _: tiles[level, index], len(facts), at)
        made.append(tlog.format_receipt(entry, domain, salts[at], bodies[at], at, path, note).decode())
    return tuple(made)


DIGESTS, OPENS = record(1)
OTHER_DIGESTS, OTHER = record(100, name="Li", address="Street 9")
BOTH = receipts(filed(DIGESTS), filed(OTHER_DIGESTS, handle="h-2"))
OWN = BOTH[:1]


def answer(names: Sequence[str] = FIELDS, **given: object) -> Answer:
    """A good answer with these fields."""
    good = Answer(outcome="given", disclosures=tuple(OPENS[name] for name in names), receipts=OWN)
    return msgspec.structs.replace(good, **given)


def check(
    made: Answer, approved: Sequence[str] = FIELDS, outcome: str = "given", told: Sequence[str] | None = None
) -> Checked:
    """Check an answer to `east`, which said in public what it gave: what was approved, unless `told` differs."""
    return checked(made, Expected("east", tuple(approved), outcome, tuple(approved if told is None else told)), KEYS)


def test_a_good_answer_gives_its_values() -> None:
    """An answer with exactly the approved fields of one record is good, and its values are read."""
    found = check(answer())
    assert found.good, found.faults
    assert found.values == {"name": "Wang", "id-number": "1234567", "address": "Street 1"}
    narrowed = check(answer(["name"]), ["name"])
    assert (narrowed.good, dict(narrowed.values)) == (True, {"name": "Wang"})


def test_a_partial_answer_says_why_a_field_is_not_there() -> None:
    """What is approved and not given is explained by a code, field by field; then the answer is good and partial."""
    made = answer(["name"], outcome="partly", withheld={"address": "not-held"})
    assert check(made, ["name", "address"], "partly", ["name"]).good
    silent = answer(["name"], outcome="partly")
    assert check(silent, ["name", "address"], "partly", ["name"]).faults == (("address", "missing", ""),)


def test_an_answer_that_gives_nothing_has_nothing_in_it() -> None:
    """`not-held` is good with nothing in it, and no answer at all where something is."""
    assert check(Answer(outcome="not-held"), outcome="not-held", told=()).good
    assert check(answer(outcome="not-held"), outcome="not-held", told=()).faults[0].why == "contradicts"


def altered(encoded: str, value: str) -> str:
    """A disclosure with another value under the same salt."""
    one = Disclosure.parse(encoded)
    return Disclosure.of_property(one.salt, one.name or "", value).encoded


@pytest.mark.parametrize(
    ("made", "field", "why"),
    [
        (answer(disclosures=(altered(OPENS["name"], "Zhang"), *list(OPENS.values())[1:])), "name", "altered"),
        (answer(disclosures=(OTHER["name"], *list(OPENS.values())[1:])), "name", "altered"),
        (answer(disclosures=(OTHER["name"], *list(OPENS.values())[1:]), receipts=BOTH), "name", "other-record"),
        (answer(["name", "address"]), "id-number", "missing"),
        (answer(disclosures=(*OPENS.values(), OPENS["name"])), "name", "twice"),
        (answer(receipts=()), "", "no-receipt"),
        (answer(receipts=(BOTH[1],)), "name", "altered"),
        (answer(receipts=(OWN[0][:-5],)), "", "receipt"),
        (answer(receipts=(OWN[0].replace("Wang", "Zhan"),)), None, None),
        (answer(disclosures=("not-one", *OPENS.values())), "", "form"),
        (answer(withheld={"name": "not-held"}), "name", "contradicts"),
        (answer(outcome="partly"), "", "not-announced"),
        (answer(withheld={"kind": "not-held"}), "", "contradicts"),
    ],
)
def test_each_fault_has_its_own_reason_and_field(made: Answer, field: str | None, why: str | None) -> None:
    """Altered, substituted, missing, doubled, without proof, damaged, contradicting: each fails by its field, for its reason."""
    found = check(made)
    if why is None:
        assert found.good  # a receipt holds digests and no value: there was nothing to replace
        return
    assert (field, why) in {(fault.field, fault.why) for fault in found.faults}
    assert field not in found.values
    assert all(fault.why in FAULTS for fault in found.faults)


def numbered(account: str, seed: int = 1) -> tuple[list[str], Answer, Kept]:
    """A record that was filed under its number: its digests, a good answer of all of it, and the line of its operator's file."""
    told = {"name": "Wang", "id-number": "1234567", "address": "Street 1"}
    drawn = {name: bytes([seed + at]) * OPENING_BYTES for at, name in enumerate(told)}
    digests, opened = digests_of(told, {name: salt_for(account, one) for name, one in drawn.items()}, [])
    kept = Kept("h-1", tuple(one.encoded for one in opened.values()), (), account, shown_by(drawn))
    openings = disclosed.openings_of(kept, kept.disclosures, account)
    return digests, Answer("given", kept.disclosures, receipts(filed(digests)), {}, account, openings), kept


def shown_by(drawn: Mapping[str, bytes]) -> dict[str, str]:
    """Openings as they are written."""
    return {name: base64url(one) for name, one in drawn.items()}


def about(made: Answer, asked: str | None, **more: object) -> Checked:
    """Check an answer of all fields to a request that names this number; empty: it names its record otherwise."""
    return checked(msgspec.structs.replace(made, **more), Expected("east", FIELDS, "given", FIELDS, number=asked), KEYS)


def test_a_record_of_another_number_does_not_pass_for_the_one_that_was_meant() -> None:
    """Another whole record of the operator's own, all of it filed and unaltered, is never called proved: whether it is opened to
    its own number, to the one that was asked about, by the openings of that one's record, or to none."""
    (_, meant, _), (_, other, _) = numbered("A-1001"), numbered("B-2002", 50)
    assert about(meant, "A-1001").proved
    assert about(other, "A-1001").faults == (("", "other-number", ""),)
    for openings in (other.openings, meant.openings):
        found = about(other, "A-1001", number="A-1001", openings=openings)
        assert found.faults == tuple((name, "other-number", "") for name in sorted(FIELDS))
    silent = about(other, "A-1001", number="", openings={})
    assert (silent.good, silent.proved, silent.unopened) == (True, False, FIELDS)
    mixed = about(meant, "A-1001", openings={"name": meant.openings["name"]})
    assert (mixed.proved, mixed.unopened) == (False, FIELDS[1:])
    assert about(answer(), "A-1001").unopened == FIELDS, (
        "what was filed before salts held numbers is not proved to be of one"
    )


def test_a_number_is_opened_to_whoever_named_it_and_to_nobody_else() -> None:
    """Marks within are left out, as where the operator looks it up; of a request that names a code, a domain or an address nobody
    approved that the number be told, so none is opened, and one that is opened is a fault."""
    _, made, kept = numbered("A-1001")
    assert about(made, "a1001").faults
    assert about(made, "A1001").proved
    assert about(made, "").faults == (("", "other-number", ""),)
    assert about(made, "", number="", openings={}).proved
    assert disclosed.openings_of(kept, kept.disclosures, "A1001") == made.openings
    only = disclosed.openings_of(kept, kept.disclosures[:1], "A-1001")
    assert set(only) == {"name"}, "of a field that is not given nothing is opened"
    for number in ("", "A-1002", "\u200b"):
        assert disclosed.openings_of(kept, kept.disclosures, number) == {}
    damaged = msgspec.structs.replace(kept, openings={**made.openings, "name": made.openings["address"]})
    assert set(disclosed.openings_of(damaged, kept.disclosures, "A-1001")) == {"id-number", "address"}


def test_an_answer_that_opens_no_number_is_written_as_before_there_were_any() -> None:
    """The two members stand in an answer that has them, and nothing of them in another: an older program reads that."""
    assert b"number" not in answer(["name"]).encoded()
    _, made, _ = numbered("A-1001")
    for one in (made, answer()):
        assert read_content(one.encoded(), Answer) == one
    for bad in (about(made, "A-1001", number=""), about(made, "A-1001", openings={})):
        assert bad.faults[0].why == "contradicts"
    assert ("fax", "contradicts", "") in about(made, "A-1001", openings={**made.openings, "fax": "A" * 22}).faults


def test_a_salt_that_holds_a_number_is_as_it_is_written_down() -> None:
    """The vector of docs/proofs.md; and no salt is opened by what is not in the one form of an opening."""
    opening, salt = "AAECAwQFBgcICQoLDA0ODw", "9QFgC8sjLi-3slM_286fiOpOuNZZXYg24nxJLXO2gBk"
    assert base64url(salt_for("A-1001", bytes(range(16)))) == salt
    assert opens(opening, salt, "A-1001")
    for other in ("", opening[:-1], opening + "=", opening[:-1] + "x", "\u00e9" * 22, opening + "\n"):
        assert not opens(other, salt, "A-1001"), other
    text = (Path(__file__).parents[2] / "docs/proofs.md").read_text("utf-8")
    assert opening in text
    assert salt in text


def test_a_field_beyond_what_was_approved_fails_although_it_is_true() -> None:
    """A true value that nobody approved is an extra, and so is one that was approved and not told in public."""
    found = check(answer(), ["name", "address"])
    assert found.faults == (("id-number", "not-approved", ""),)
    assert "id-number" not in found.values
    unsaid = check(answer(), told=["name", "address"])
    assert unsaid.faults == (("id-number", "not-announced", ""),)


def test_a_value_that_was_corrected_since_is_not_the_newest() -> None:
    """After a correction or a change the old value fails as superseded, and the new one is good."""
    old = Disclosure.parse(OPENS["address"])
    new = Disclosure.of_property("bmV3", "address", "Street 2")
    for later in (
        corrected([new.digest()], [old.digest()]),
        changed(sorted({*DIGESTS, new.digest()} - {old.digest()})),
    ):
        proofs = receipts(filed(DIGESTS), later)
        stale = check(answer(receipts=proofs))
        assert stale.faults == (("address", "superseded", ""),)
        fresh = (OPENS["name"], OPENS["id-number"], new.encoded)
        assert check(answer(disclosures=fresh, receipts=proofs)).good
        held_back = check(answer(disclosures=fresh, receipts=proofs[:1]))
        assert ("address", "altered") in {fault[:2] for fault in held_back.faults}


NAME = Disclosure.parse(OTHER["name"]).digest()
DIGESTS_OF = {name: Disclosure.parse(one).digest() for name, one in OPENS.items()}
SUBSTITUTES = (
    changed([DIGESTS[0], NAME]),
    changed(sorted({*DIGESTS, NAME})),
    corrected([NAME], [DIGESTS[0]]),
    SubscriptionEnded(on=date(2006, 11, 3), **RULE),
    SubscriptionPorted(losing="east", gaining="east", handle="h-1", **RULE),
)
"""What an operator files on another record of its own, with a digest of the one that is asked about among those of that one."""


def substituted(later: Event, names: int | None) -> Checked:
    """An answer that gives a value of another record, by a fact that names the record of the first or second filing, or none."""
    log = receipts(filed(DIGESTS), filed(OTHER_DIGESTS, handle="h-2"), later, of={2: names})
    return check(answer(disclosures=(OTHER["name"],), receipts=(log[0], log[2])), ["name"])


@pytest.mark.parametrize("later", SUBSTITUTES, ids=lambda one: one.name)
def test_no_fact_of_another_record_passes_for_one_of_this(later: Event) -> None:
    """Whatever its digests are, a fact names its own record: with it nothing of that one is a value of the one asked about."""
    found = substituted(later, 1)
    assert ("", "other-record", later.name) in found.faults
    assert not found.values


@pytest.mark.parametrize("later", SUBSTITUTES[:3], ids=lambda one: one.name)
def test_a_value_of_before_facts_named_their_record_is_not_called_unaltered(later: Event) -> None:
    """That the operator filed it is proved, that it is this record's is not: it is given as unproved."""
    found = substituted(later, None)
    assert (found.good, found.proved, found.unproved) == (True, False, ("name",))
    assert substituted(later, 0).proved  # the same fact, where it is this record's own


def test_what_was_filed_stays_proved_beside_facts_that_name_no_record() -> None:
    """A value of the filing is this record's whatever came later; one of an older change is, once a newer one has it."""
    new = Disclosure.of_property("bmV3", "address", "Street 2")
    facts = (filed(DIGESTS), changed([*DIGESTS, new.digest()]), changed([DIGESTS[0], new.digest()]))
    old = answer(["name"], receipts=receipts(*facts[:2], of={1: None}))
    assert check(old, ["name"]).proved
    moved = msgspec.structs.replace(old, disclosures=(new.encoded,))
    assert check(moved, ["address"]).unproved == ("address",)
    assert check(msgspec.structs.replace(moved, receipts=receipts(*facts, of={1: None})), ["address"]).proved


def test_a_change_may_stand_before_its_filing_in_the_log() -> None:
    """Entries of one round stand in an order that says nothing: the filing begins its record wherever it stands."""
    new = Disclosure.of_property("bmV3", "address", "Street 2")
    proofs = receipts(changed([new.digest()]), filed(DIGESTS), of={0: 1})
    assert check(answer(disclosures=(new.encoded,), receipts=proofs), ["address"]).proved


def test_an_operator_by_a_port_that_names_no_record_is_not_proved() -> None:
    """Both operators have the receipts: the port could be of another record that went the same way."""
    ported = SubscriptionPorted(losing="west", gaining="east", handle="h-9", **RULE)
    facts = (filed(DIGESTS, "west"), ported)
    assert check(answer(receipts=receipts(*facts))).proved
    assert check(answer(receipts=receipts(*facts, of={1: None}))).unproved == FIELDS


def test_a_value_that_came_after_the_request_is_said_to_be_late() -> None:
    """What no receipt shows on the record when it was asked about may have been filed for the answer."""
    new = Disclosure.of_property("bmV3", "address", "Street 2")
    made = answer(disclosures=(OPENS["name"], new.encoded))
    made = msgspec.structs.replace(made, receipts=receipts(filed(DIGESTS), changed([*DIGESTS, new.digest()])))
    fields = ("name", "address")
    for place, late in (
        (LogPosition(0, DAY), ("address",)),
        (LogPosition(1, DAY), ()),
        (LogPosition(0, "2006-11-02"), ()),
        (LogPosition(7, "2006-10-31"), ("name", "address")),
    ):
        found = checked(made, Expected("east", fields, "given", fields, asked=place), KEYS)
        assert (found.good, found.late) == (True, late), place


def test_a_value_that_came_back_stands_from_then_on() -> None:
    """What left the record and was filed again after it was asked about is late; what came back before it was asked is not."""
    old, new = DIGESTS_OF["name"], NAME
    rest = [one for one in DIGESTS if one != old]
    for back in (corrected([old], [new]), changed(DIGESTS)):
        facts = (
            filed(DIGESTS),
            corrected([new], [old]),
            filed(OTHER_DIGESTS, handle="h-2"),
            back,
            changed([*rest, old]),
        )
        log = receipts(*facts)
        for end, at, late in ((4, 2, True), (5, 2, True), (4, 3, False), (4, 0, True), (1, 0, False)):
            made = answer(["name"], receipts=(*log[:2], *log[3:])[: end - 1 if end > 1 else 1])
            asked = Expected("east", ("name",), "given", ("name",), asked=LogPosition(at, DAY))
            assert checked(made, asked, KEYS).late == (("name",) if late else ()), (end, at)


def test_that_a_value_stood_there_is_shown_by_a_fact_of_this_record() -> None:
    """A fact of before facts named their record could be another's: what it shows is not shown by this one's naming the value."""
    log = receipts(filed(DIGESTS), changed([DIGESTS[0], NAME]), changed([NAME]), of={1: None})
    made = answer(disclosures=(OTHER["name"],), receipts=log)
    asked = Expected("east", ("name",), "given", ("name",), asked=LogPosition(1, DAY))
    assert (checked(made, asked, KEYS).unproved, checked(made, asked, KEYS).late) == ((), ("name",))


def test_a_receipt_that_says_nothing_of_the_record_does_not_go_along() -> None:
    """An answer has the receipts that it needs: any other could be of anybody's."""
    held = SubscriptionNotified(added=(NAME,), **RULE)
    found = check(answer(receipts=receipts(filed(DIGESTS), held)))
    assert {fault.why for fault in found.faults} == {"receipt"}


def test_receipts_of_two_records_are_not_put_together() -> None:
    """A correction or change that shares nothing with this record, or a second filing, does not add its digests to this one."""
    foreign = corrected([Disclosure.parse(OTHER["name"]).digest()], [Disclosure.parse(OTHER["address"]).digest()])
    for later in (foreign, changed(OTHER_DIGESTS), filed(OTHER_DIGESTS), corrected(OTHER_DIGESTS, [])):
        proofs = receipts(filed(DIGESTS), later, of={1: None})
        found = check(answer(disclosures=(OTHER["name"],), receipts=proofs), ["name"])
        assert {fault.why for fault in found.faults} == {"other-record"}, later.name


def test_a_record_of_another_operator_or_an_erased_one_is_none() -> None:
    """The record is of the operator that was asked, or came to it; and one that was erased proves nothing any more."""
    assert check(answer(receipts=receipts(filed(DIGESTS, "west")))).faults == (("", "other-operator", "west"),)
    ported = SubscriptionPorted(losing="west", gaining="east", handle="h-9", by="operator", rule="r")
    assert check(answer(receipts=receipts(filed(DIGESTS, "west"), ported))).good
    erased = SubscriptionErased(by="subscriber", rule="r")
    assert check(answer(receipts=receipts(filed(DIGESTS), erased))).faults == (("", "erased", ""),)


def test_an_heir_answers_from_the_records_of_whom_it_succeeded() -> None:
    """What stands under an operator of before is its heir's, also its heir's heir's; nobody else's, and not the other way."""
    inherited = answer(receipts=receipts(filed(DIGESTS, "west")))

    def faults(*heirs: tuple[str, str]) -> tuple[object, ...]:
        return checked(inherited, Expected("east", FIELDS, "given", FIELDS, heirs), KEYS).faults

    assert faults(("west", "east")) == ()
    assert faults(("north", "east"), ("west", "north")) == ()
    for others in ((("east", "west"),), (("west", "north"),), (("west", "north"), ("north", "west"))):
        assert faults(*others) == (("", "other-operator", "west"),)


def test_receipts_of_another_log_prove_nothing() -> None:
    """Under another log's key no receipt holds, and no value is given out."""
    other = tlog.Signer.from_seed("other.example/t", bytes([2]) * 32, "ed25519")
    found = checked(answer(), Expected("east", FIELDS, "given", FIELDS), tlog.KeyHistory([other.verifier]))
    assert {fault.why for fault in found.faults} == {"receipt", "no-receipt"}
    assert not found.values


@settings(max_examples=60)
@given(place=st.integers(0, 400), name=st.sampled_from(FIELDS))
def test_no_character_of_a_disclosure_can_be_changed(place: int, name: str) -> None:
    """Whatever single character of a disclosure is another one, the answer is not good."""
    encoded = OPENS[name]
    at = place % len(encoded)
    wrong = encoded[:at] + ("A" if encoded[at] != "A" else "B") + encoded[at + 1 :]
    others = [one for other, one in OPENS.items() if other != name]
    assert not check(answer(disclosures=(wrong, *others))).good


def kept(tmp_path: Path) -> Path:
    """A disclosures file with two accounts that a mark tells apart, and a third."""
    lines = [
        Kept("h-1", tuple(OPENS.values()), account="2006-1"),
        Kept("h-2", tuple(OTHER.values()), account="20061"),
        Kept("h-3", tuple(OTHER.values()), account="CQ 7"),
    ]
    path = tmp_path / "east.disclosures.ndjson"
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines) + b"\n")
    return path


def test_the_operator_finds_one_record_by_equality_only(tmp_path: Path) -> None:
    """An account number finds its own record and no other; a pattern, a part and what two records could be find none."""
    path = kept(tmp_path)
    assert disclosed.by_account([path], "2006-1").handle == "h-1"
    assert disclosed.by_account([path], "CQ-7").handle == "h-3"
    for number, why in (("2006", "none"), ("*", "none"), ("2006.1", "several"), ("", "none"), ("%", "none")):
        with pytest.raises(disclosed.Unfound) as raised:
            disclosed.by_account([path], number)
        assert raised.value.why == why, number


def test_the_operator_takes_exactly_the_approved_fields_and_its_own_receipts(tmp_path: Path) -> None:
    """Of the record's disclosures the approved ones are taken, and of many receipts those that are of this record."""
    one = disclosed.by_handle([kept(tmp_path)], "h-1")
    taken = disclosed.take(one.lines[0], ["name", "telephone"])
    assert taken == ((OPENS["name"],), ("name",), ("telephone",))
    folder = tmp_path / "receipts"
    folder.mkdir()
    for at, receipt in enumerate(BOTH):
        (folder / f"{at}.tlog-proof").write_text(receipt)
    (folder / "bad.tlog-proof").write_text("nothing")
    assert disclosed.receipts_of(one, [folder]) == OWN


def test_receipts_of_another_record_that_had_the_handle_are_not_taken(tmp_path: Path) -> None:
    """A handle of a record that was erased, or got another, is this one's now: of its filing and of what names it is taken."""
    facts = (
        filed(OTHER_DIGESTS),
        changed([OTHER_DIGESTS[0], DIGESTS[0]]),
        filed(DIGESTS),
        changed([*DIGESTS, "d" * 43]),
    )
    proofs = receipts(*facts, of={3: 2})
    for at, receipt in enumerate(proofs):
        (tmp_path / f"{at}.tlog-proof").write_text(receipt)
    own, other = (disclosed.OwnRecord((Kept("h-1", tuple(one.values())),)) for one in (OPENS, OTHER))
    assert disclosed.receipts_of(own, [tmp_path]) == proofs[2:]
    assert disclosed.receipts_of(other, [tmp_path]) == proofs[:2]


def test_a_code_finds_its_handle_in_the_operators_own_list(tmp_path: Path) -> None:
    """A filing code is found in the list that `openroll codes` writes; without the list's columns that is said."""
    path, codes = kept(tmp_path), tmp_path / "codes.csv"
    codes.write_text("handle,code\nh-1,1234 5678 9012 3456\n")
    assert disclosed.by_code([path], "1234567890123456", codes).handle == "h-1"
    with pytest.raises(disclosed.Unfound, match="none"):
        disclosed.by_code([path], "0" * 16, codes)
    codes.write_text("a,b\n1,2\n")
    with pytest.raises(disclosed.Unfound, match="no columns"):
        disclosed.by_code([path], "0" * 16, codes)
