"""What a person gives: chosen fields and what proves them, checked offline by whoever gets it; and each way it can be wrong."""

from datetime import date

import msgspec
import pytest
from tests.register.test_request_checked import (
    DIGESTS,
    KEYS,
    OPENS,
    OTHER,
    OTHER_DIGESTS,
    altered,
    changed,
    corrected,
    filed,
    receipts,
    record,
)

from openroll.disclosure import Disclosure
from openroll.register.given import (
    FRAGMENT,
    Given,
    GivenMalformed,
    Ungivable,
    encoded_in,
    give,
    judged,
    link,
    read_given,
)
from openroll.register.subscription.events import SubscriptionNotified, SubscriptionWithdrawn

TODAY = date(2006, 12, 1)
PHONE = Disclosure.of_property("A" * 22, "phone", "13800000000")
WHO = {"by": "subscriber", "rule": "r"}
LIFE = receipts(
    filed(DIGESTS),
    SubscriptionNotified(added=(PHONE.digest(),), **WHO),
    filed(OTHER_DIGESTS, handle="h-2"),
    SubscriptionWithdrawn(dropped=(PHONE.digest(),), **WHO),
)
FILED, TOLD, OF_OTHER, TAKEN = (one.encode() for one in LIFE)


def test_only_what_was_chosen_is_given_and_it_checks() -> None:
    """Of three fields two are given, with the one receipt that holds them; whoever gets them needs the log's key alone."""
    made = give([*OPENS.values(), PHONE.encoded], [FILED, TOLD], ["name", "address"], "my landlord")
    assert made.receipts == (LIFE[0],)
    found = judged(read_given(made.encoded()), KEYS, TODAY)
    assert found.good
    assert not found.apart
    assert {one.field: one.value for one in found.shown} == {"name": "Wang", "address": "Street 1"}
    assert OPENS["id-number"].encode() not in made.encoded()
    assert found.shown[0].at is not None
    assert found.shown[0].at.entry.day == "2006-11-01"


STREET = Disclosure.of_property("B" * 22, "address", "Street 2")
STREETS = (
    filed(DIGESTS),
    corrected([STREET.digest()], [Disclosure.parse(OPENS["address"]).digest()]),
    filed(OTHER_DIGESTS, handle="h-2"),
)
"""Two records; the correction drops a digest of the first, as one of the second could."""


def test_two_entries_are_of_one_record_only_where_one_names_the_other() -> None:
    """A correction names its filing: with another's, with none or without the filing beside it they are apart."""

    def apart(disclosures: tuple[Disclosure, ...], names: int | None, *places: int) -> bool:
        proofs = receipts(*STREETS, SubscriptionNotified(added=(PHONE.digest(),), **WHO), of={1: names})
        some = tuple(one.encoded for one in disclosures)
        found = judged(Given("openroll-given-1", some, tuple(proofs[at] for at in places)), KEYS, TODAY)
        assert found.good
        return found.apart

    both = (Disclosure.parse(OPENS["name"]), STREET)
    assert not apart(both, 0, 0, 1)
    assert apart(both, None, 0, 1)
    assert apart(both, 2, 0, 1)
    assert apart((*both, PHONE), 0, 0, 1, 3)
    assert apart((STREET, PHONE), 0, 0, 1, 3)
    assert not apart((STREET,), 0, 1)


def test_the_newest_version_is_given() -> None:
    """After a correction the corrected value is given, with the entry that corrected it, and the old one cannot be."""
    digests, opens = record(40, name="Wang Wu")
    new = Disclosure.parse(opens["name"])
    old = Disclosure.parse(OPENS["name"])
    proofs = receipts(filed(DIGESTS), corrected([new.digest()], [old.digest()]))
    made = give([*OPENS.values(), new.encoded], [one.encode() for one in proofs], ["name"])
    assert (made.disclosures, made.receipts) == ((new.encoded,), proofs[1:])
    with pytest.raises(Ungivable) as refused:
        give(OPENS.values(), [one.encode() for one in proofs], ["name"])
    assert refused.value.why == "taken-back"
    anew = [one.encode() for one in receipts(filed(DIGESTS), changed(digests))]
    assert give(opens.values(), anew, ["name"]).disclosures == (new.encoded,)
    with pytest.raises(Ungivable):
        give(OPENS.values(), anew, ["name"])


def test_what_cannot_be_given_is_said_by_field() -> None:
    """No disclosure of it, no receipt that has it, or taken back since."""
    told = [*OPENS.values(), PHONE.encoded]
    for fields, proofs, why in (
        (["pet"], [FILED], "absent"),
        (["phone"], [FILED], "unproved"),
        (["phone"], [FILED, TOLD, TAKEN], "taken-back"),
    ):
        with pytest.raises(Ungivable) as refused:
            give(told, proofs, fields)
        assert (refused.value.field, refused.value.why) == (fields[0], why)


def test_each_way_to_be_wrong_is_found() -> None:
    """An altered value, another person's, one twice, no disclosure, an altered receipt, one that takes it away, a day past."""
    good = give(OPENS.values(), [FILED], ["name"])

    def whys(**changes: object) -> list[str]:
        found = judged(msgspec.structs.replace(good, **changes), KEYS, TODAY)
        assert not found.good
        return [one.why for one in found.shown]

    assert whys(disclosures=(altered(OPENS["name"], "Zhang"),)) == ["altered"]
    assert whys(disclosures=(OTHER["name"],)) == ["altered"]
    assert whys(disclosures=good.disclosures * 2) == ["twice", "twice"]
    assert whys(disclosures=(OPENS["name"], OTHER["name"]), receipts=(LIFE[0], LIFE[2])) == ["twice", "twice"]
    assert whys(disclosures=("?",)) == ["form"]
    assert whys(disclosures=(Disclosure.of_element("A" * 22, "x").encoded,)) == ["form"]
    assert whys(receipts=(LIFE[0].replace("index 0", "index 1"),)) == ["altered"]
    assert whys(disclosures=(PHONE.encoded,), receipts=(LIFE[1], LIFE[3])) == ["superseded"]
    assert whys(until=date(2006, 11, 30)) == [""]
    assert judged(msgspec.structs.replace(good, until=TODAY), KEYS, TODAY).good


def test_the_form_is_strict() -> None:
    """Another form, an unknown member, nothing in it, too much, or words that nobody sees: it is no such file."""
    good = give(OPENS.values(), [FILED], ["name"])
    for bad in (
        b"",
        b"{}",
        good.encoded().replace(b"openroll-given-1", b"openroll-given-2"),
        good.encoded()[:-1] + b',"more":1}',
        msgspec.structs.replace(good, disclosures=()).encoded(),
        msgspec.structs.replace(good, receipts=good.receipts * 65).encoded(),
        msgspec.structs.replace(good, to="x" * 201).encoded(),
        msgspec.structs.replace(good, to="a\u202eb").encoded(),
        b" " * 2_000_001,
    ):
        with pytest.raises(GivenMalformed):
            read_given(bad)


def test_files_of_disclosures_are_read_as_people_keep_them() -> None:
    """A line each, between tildes, with words around them, or an operator's lines of JSON."""
    name, address = OPENS["name"], OPENS["address"]
    kept = f'kept on Monday:\r\n{name}~{address}~\n{{"handle": "h", "disclosures": ["{PHONE.encoded}"]}}\n{{broken\n'
    assert [one for one in encoded_in(kept) if len(one) > 10] == [name, address, PHONE.encoded]


def test_a_link_holds_all_of_it_behind_the_number_sign() -> None:
    """What stands before `#` goes to a server, and has nothing of it."""
    made = give(OPENS.values(), [FILED], ["name"])
    address = link("https://roll.example/en/verify", made)
    before, _, fragment = address.partition("#")
    assert before == "https://roll.example/en/verify"
    assert fragment.startswith(FRAGMENT)
    with pytest.raises(GivenMalformed):
        link("https://roll.example/en/verify#x", made)
    assert isinstance(made, Given)
