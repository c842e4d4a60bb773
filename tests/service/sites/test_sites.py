"""Sites in a roll: filed all or none, told once, known to anybody by number or domain, and nothing of a person's."""

import json
from collections.abc import Iterator

import msgspec
import pytest

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.lives import leave_roll, offer_succession, succeed
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites import lookup
from openroll.service.sites.filing import Filed, Filing, file_sites, step
from openroll.service.sites.pace import A_DAY
from tests.seats import seated
from tests.service.filings import digest
from tests.service.going_back import remember
from tests.service.test_later_acts import resumed
from tests.sites import covering_sites, numbers, private, site


@pytest.fixture
def east(roll: Roll) -> Iterator[Seat]:
    """A clerk of an operator, in a roll under the rule of sites."""
    seat = seated(roll, "east", "clerk")
    with covering_sites(roll):
        yield seat


def test_complete_filings_have_their_numbers_at_once_and_the_same_once_more_is_the_same(roll: Roll, east: Seat) -> None:
    """One and many; a second sending of one list writes nothing, and tells the numbers of the first."""
    first = numbers(roll, east, site(), private(), site("huoguo", control="record"))
    assert len(set(first)) == 3
    again = file_sites(roll, [site(control="file"), private(), site("huoguo")], east)
    assert again == [Filed(number, repeated=True) for number in first]
    shown = [lookup.by_domain(roll, f"{name}.example.org")[0].control for name in ("shudian", "huoguo")]
    assert shown == ["file", "record"]  # what was shown since is told, and what was shown stays so


def test_all_are_filed_or_none_and_every_fault_is_said(roll: Roll, east: Seat) -> None:
    """Three of five are wrong: each is said, and of the good ones nothing was written. A dry run is the same, rolled back."""
    filings: list[Filing] = [site(), site(domains=("co.uk",)), private("wang", digests=()), site(), site("chagu")]
    said = file_sites(roll, filings, east)
    assert isinstance(said, list)
    codes = [one.refusal.code if isinstance(one, Refused) else one.number for one in said]
    assert codes == [0, "domain-unfit", "digests-miscounted", 0, 0]
    assert file_sites(roll, [site("chagu")], east, dry_run=True) == [Filed(0)]
    assert lookup.by_domain(roll, "shudian.example.org") == lookup.by_domain(roll, "chagu.example.org") == []


def test_one_of_a_list_is_decided_after_those_before_it(roll: Roll, east: Seat) -> None:
    """The same twice is one site; another of its words is refused; and what was refused draws no number."""
    taken = file_sites(
        roll, [site(), site(services="tea"), private(), private(digests=tuple(map(digest, "xyz")))], east
    )
    assert isinstance(taken, list)
    refused = [one.refusal.code for one in taken if isinstance(one, Refused)]
    assert refused == ["domain-taken", "site-handle-taken"]
    first, again, other, *more = numbers(roll, east, site(), site(), private(), private(), site("chagu"))
    assert (again, more) == (first, [other, other + 1])
    assert first == 1
    with roll.database.own() as connection:
        rows = connection.execute("select count(*), count(distinct stream) from site").fetchone()
    assert rows == (3, 3)


def test_a_rule_of_subscriptions_takes_no_site(roll: Roll) -> None:
    """Where the roll's rule covers no site, none is filed."""
    said = file_sites(roll, [site()], seated(roll, "east", "clerk"))
    assert isinstance(said, list)
    assert isinstance(said[0], Refused)
    assert said[0].refusal.code == "kind-not-covered"


def test_two_operators_may_file_one_domain_until_one_of_them_shows_control(roll: Roll, east: Seat) -> None:
    """Nobody keeps a domain from whose it is by filing first; once control is shown, a second showing is refused."""
    west = seated(roll, "west", "clerk")
    (one,), (two,) = numbers(roll, east, site()), numbers(roll, west, site(sponsor="Another"))
    shown = step(roll, commands.CheckSite(site=two, control="file"), west)
    assert isinstance(shown, Acted), shown
    refused = step(roll, commands.CheckSite(site=one, control="record"), east)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "domain-taken"
    assert {found.number for found in lookup.by_domain(roll, "shudian.example.org")} == {one, two}


def test_anybody_finds_an_organisation_s_site_with_its_proofs(
    roll: Roll, east: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number and by each of its domains, as it stands, and each fact with the receipt that proves it."""
    (number,) = numbers(roll, east, site(domains=("a.example.org", "b.example.org")))
    assert isinstance(step(roll, commands.CheckSite(site=number, state="silent"), east), Acted)
    Sequencer(roll).round()
    seen = lookup.by_number(roll, number)
    assert seen is not None
    assert (seen.sponsor, seen.operator, seen.state, seen.control) == ("重庆书店", "east", "silent", "")
    assert lookup.by_domain(roll, "b.example.org") == [seen]
    facts = lookup.history(roll, number)
    assert [fact.name for fact in facts] == ["site.filed/1", "site.checked/1"]
    assert all(fact.receipt for fact in facts)
    assert lookup.steps(roll, number) == [(fact.name, fact.day) for fact in facts]
    monkeypatch.setattr(lookup, "MOST_FACTS", 1)
    assert lookup.history(roll, number) == facts[1:]
    assert len(lookup.steps(roll, number)) == 1
    assert json.loads(facts[0].body)["domains"] == ["a.example.org", "b.example.org"]


def test_of_a_person_s_site_nobody_learns_more_than_its_number_state_and_year(roll: Roll, east: Seat) -> None:
    """No domain finds it, it has no history in the open, and what is said of it is three words."""
    (number,) = numbers(roll, east, private())
    seen = lookup.by_number(roll, number)
    assert seen is not None
    assert msgspec.to_builtins(seen) == msgspec.to_builtins(lookup.Seen(number, True, "live", seen.year))
    assert lookup.history(roll, number) == []
    with roll.database.own() as connection:
        entries = connection.execute("select name, body from event where name like 'private-site.%'").fetchall()
    assert [name for name, _ in entries] == ["private-site.filed/1"]


def test_a_site_changes_is_retired_ends_and_the_table_is_what_its_facts_make(roll: Roll, east: Seat) -> None:
    """Everything that happens to sites of both kinds leaves the table as a rebuild makes it."""
    open_, own, third = numbers(roll, east, site(), private(), site("third"))
    today = roll.day(roll.clock())
    for command in (
        commands.ChangeSite(site=open_, on=today, services="books and tea", control="word"),
        commands.ChangePrivateSite(site=own, on=today, digests=tuple(map(digest, "def"))),
        *(commands.CheckSite(site=one, state="silent") for one in (open_, own)),
        *(commands.EndSite(site=one, on=today) for one in (open_, own)),
    ):
        assert isinstance(step(roll, command, east), Acted), command
    assert rebuild(roll, replace=False).differences == ()
    with roll.database.open() as connection:
        connection.execute("update site set state = 'retired' where number = %s", (third,))
        connection.execute("delete from site where number = %s", (own,))
    assert {one.key for one in rebuild(roll, replace=True).differences} == {str(third), str(own)}
    assert rebuild(roll, replace=False).differences == ()
    ended = lookup.by_number(roll, own)
    assert ended is not None
    assert ended.state == "ended"


def test_one_site_is_not_changed_without_end_in_a_day(roll: Roll, east: Seat) -> None:
    """Each time is an entry for ever. Its end is taken at any time."""
    (number,) = numbers(roll, east, site())
    states = ("silent", "live") * A_DAY
    taken = [step(roll, commands.CheckSite(site=number, state=state), east) for state in states[: A_DAY - 1]]
    assert all(isinstance(one, Acted) for one in taken)
    refused = step(roll, commands.CheckSite(site=number, state=states[A_DAY - 1]), east)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "too-many-acts"
    assert isinstance(step(roll, commands.EndSite(site=number, on=roll.day(roll.clock())), east), Acted)


def test_an_operator_that_hosts_sites_does_not_leave_and_its_heir_hosts_them(roll: Roll, east: Seat) -> None:
    """Its sites are ended first, or are its heir's: who files and checks them is never nobody."""
    (number,) = numbers(roll, east, site())
    lead, heir = seated(roll, "east", "operator-lead"), seated(roll, "west", "operator-lead")
    refused = leave_roll(roll, "east", "", lead)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "still-hosts"
    assert isinstance(offer_succession(roll, "east", "west", lead), Accepted)
    assert isinstance(succeed(roll, "east", by=heir), Accepted)
    assert isinstance(step(roll, commands.CheckSite(site=number, state="silent"), heir), Acted)
    seen = lookup.by_number(roll, number)
    assert seen is not None
    assert (seen.operator, seen.state) == ("west", "silent")
    assert rebuild(roll, replace=False).differences == ()


def test_sites_in_the_open_are_where_the_log_has_them_after_the_database_went_back(roll: Roll, east: Seat) -> None:
    """Filed, checked or ended since the copy: each is so again under its own number. Of a person's it is said that it is lost."""
    one, two = numbers(roll, east, site(), site("two"))
    Sequencer(roll).run_until_empty()
    go_back = remember(roll)
    three, own = numbers(roll, east, site("three", control="word"), private())
    today = roll.day(roll.clock())
    assert isinstance(step(roll, commands.CheckSite(site=one, state="silent"), east), Acted)
    assert isinstance(step(roll, commands.EndSite(site=two, on=today), east), Acted)
    before = [lookup.by_number(roll, number) for number in (one, two, three)]
    Sequencer(roll).run_until_empty()
    go_back()
    done = resumed(roll)
    assert [lookup.by_number(roll, number) for number in (one, two, three)] == before
    assert (done.lost, lookup.by_number(roll, own)) == (1, None)
    assert rebuild(roll, replace=False).differences == ()
    with covering_sites(roll):
        assert numbers(roll, east, private()) > [own]
