"""What was filed or told of a site counts as done where the log has it as it was sent, a natural person's too."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from openroll.register.organisation.roles import Seat
from openroll.register.site import events, made
from openroll.register.site.commands import CheckSite
from openroll.register.site.record import begun
from openroll.tlog import parse_proof
from openroll.watch.requests.proved import Fact, Unproved
from openroll.watch.site_facts import Filing, Sent, is_placed, read_site
from tests.handles import handle
from tests.register.test_request_checked import DIGESTS, KEYS, filed, receipts
from tests.sites import private, site
from tests.watch.test_read_back import OTHERWISE

DAY = date(2006, 11, 1)
SEAT = Seat("east", 3)
BEFORE = filed(DIGESTS)
SILENT = CheckSite(site=1, state="silent")
BOTH = pytest.mark.parametrize("filing", [site(control="record"), private(control="word")], ids=["open", "private"])
OTHERS = OTHERWISE | {date: lambda day: day - timedelta(days=1), tuple: lambda names: (*names, "z")}
TOLD = {"sightings": (events.Sighting(place="w.example", at=1, answers=True),)}
"""What is no list of words, said otherwise."""


def served(*facts: events.SiteEvent) -> list[Fact]:
    """The facts of a site as a roll serves them: behind an entry that was there before."""
    proofs = receipts(BEFORE, *facts)[1:]
    return [Fact(one.name, DAY, one.body(), proof) for one, proof in zip(facts, proofs, strict=True)]


def altered(fact: events.SiteEvent) -> Iterator[events.SiteEvent]:
    """The fact with each thing that it says said otherwise, but which site and rule it is of."""
    for name in fact.__struct_fields__:
        if name not in ("rule", "site"):
            value: Any = getattr(fact, name)
            other = TOLD[name] if name in TOLD else OTHERS[type(value)](value)
            yield msgspec.structs.replace(fact, **{name: other})


def sent(command: Filing | CheckSite, size: int = 1, *, stood: bool = False) -> Sent:
    """What was sent of the site."""
    return Sent(1, command, SEAT, size, stood)


@BOTH
def test_a_filing_is_held_in_every_field(filing: Filing) -> None:
    """As it was sent it is found; with any field otherwise, behind no new entry, or of another site, it is not."""
    fact = made.filed(filing, 1, SEAT, "rule@1")
    assert read_site(sent(filing), served(fact), KEYS).act is not None
    for lie in altered(fact):
        found = read_site(sent(filing), served(lie), KEYS)
        assert (found.act, found.meant, [one.fact for one in found.since]) == (None, fact, [lie])
    assert read_site(sent(filing, size=2), served(fact), KEYS).act is None
    assert not is_placed(sent(filing, size=2), served(fact))
    with pytest.raises(Unproved, match="not the facts of that site"):
        read_site(sent(filing), served(msgspec.structs.replace(fact, site=2)), KEYS)


@BOTH
def test_what_stood_before_is_held_by_what_the_facts_leave(filing: Filing) -> None:
    """Its control may be shown better since; that it says something else, or has ended, is no such thing."""
    fact = made.filed(filing, 1, SEAT, "rule@1")
    shown = made.checked(CheckSite(site=1, control="file"), begun(fact, DAY), SEAT, "rule@1")
    again = sent(filing, size=9, stood=True)
    assert [read_site(again, served(*facts), KEYS).act is not None for facts in ((fact,), (fact, shown))] == [True] * 2
    lost = msgspec.structs.replace(shown, control="")
    kind = events.PrivateSiteEnded if isinstance(fact, events.PrivateSiteFiled) else events.SiteEnded
    ended = kind(site=1, operator="east", on=DAY, by="east/3", rule="rule@1")
    for last in (lost, ended):
        assert read_site(again, served(fact, last), KEYS).act is None
    for name in ("kind", "began", "digests" if isinstance(fact, events.PrivateSiteFiled) else "domains"):
        value: Any = getattr(fact, name)
        lie = msgspec.structs.replace(fact, **{name: OTHERS[type(value)](value)})
        assert read_site(again, served(lie), KEYS).act is None


@BOTH
def test_what_a_check_found_is_held(filing: Filing) -> None:
    """By state, control and seat; a roll that says that it knew it shows that it did."""
    fact = made.filed(filing, 1, SEAT, "rule@1")
    silent = made.checked(SILENT, begun(fact, DAY), SEAT, "rule@1")
    assert read_site(sent(SILENT, size=2), served(fact, silent), KEYS).act is not None
    for lie in altered(silent):
        assert read_site(sent(SILENT, size=2), served(fact, lie), KEYS).act is None
    assert read_site(sent(SILENT, size=3), served(fact, silent), KEYS).act is None
    assert read_site(sent(SILENT, size=9, stood=True), served(fact, silent), KEYS).act is not None
    assert read_site(sent(SILENT, size=9, stood=True), served(fact), KEYS).act is None


def test_a_receipt_proves_what_it_is_given_for() -> None:
    """Not another text, kind or site; and one that has no place yet is none."""
    fact, other = made.filed(site(), 1, SEAT, "r"), made.filed(private(handle=handle("wang")), 1, SEAT, "r")
    (good,) = served(fact)
    (own,) = served(other)
    assert not is_placed(sent(site()), [msgspec.structs.replace(good, receipt="")])
    assert parse_proof(good.receipt.encode()).index == 1
    for wrong in (
        msgspec.structs.replace(good, body=own.body),
        msgspec.structs.replace(good, name=own.name),
        msgspec.structs.replace(own, receipt=good.receipt),
        msgspec.structs.replace(good, receipt="x"),
    ):
        with pytest.raises(Unproved):
            read_site(sent(site()), [wrong], KEYS)
