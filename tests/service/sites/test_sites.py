"""Sites in a roll: filed all or none, told once, known to anybody by number or domain, and nothing of a person's."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from psycopg import Connection

from openroll.register.decision import Accepted, Refused
from openroll.register.organisation.roles import Seat
from openroll.register.site import commands
from openroll.register.site.number import number_of_record
from openroll.service.acts import Acted
from openroll.service.filing.rebuild import rebuild
from openroll.service.governance.lives import leave_roll, offer_succession, succeed
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.service.sites import lookup
from openroll.service.sites.filing import Filed, Filing, file_sites, step
from openroll.service.sites.pace import A_DAY
from openroll.store import sites
from openroll.store.sites import SiteRow
from tests.conftest import Ticking
from tests.seats import seated
from tests.service.filings import digest
from tests.service.going_back import remember
from tests.service.test_later_acts import resumed
from tests.sites import covering_sites, numbers, private, site


def planned(connection: Connection, look: Callable[[], object]) -> str:
    """How PostgreSQL goes about what a look-up asks."""
    asked: list[tuple[Any, Any]] = []
    run: Any = connection.execute

    def note(query: Any, given: Any = ()) -> Any:
        asked.append((query, given))
        return run(query, given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "execute", note)
        look()
    ((query, given),) = asked
    return "\n".join(row[0] for row in run(f"explain {query}", given).fetchall())


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


def test_numbers_are_in_no_order_and_are_the_records_own_under_the_key(roll: Roll, east: Seat) -> None:
    """A person's site is no neighbour of the sites that its operator filed with it; a handle of one that ended is filed anew."""
    given = numbers(roll, east, *(site(f"a{at}") for at in range(8)), private())
    assert given != sorted(given)
    assert min(abs(one - given[-1]) for one in given[:-1]) > 10**6
    with roll.database.own() as connection:
        streams = dict(connection.execute("select number, stream from site").fetchall())
    assert streams == {number_of_record(stream, roll.keys.code_key): stream for stream in streams.values()}
    today = roll.day(roll.clock())
    for own in (given[-1], *numbers(roll, east, private("wu"))):
        assert isinstance(step(roll, commands.EndSite(site=own, on=today), east), Acted)
    for name in ("li", "wu") * 2:
        assert len(numbers(roll, east, private(name))) == 1
    assert roll.numbers.restart(leaping=False)


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


def test_a_domain_is_of_whoever_showed_it_whoever_files_it_besides(roll: Roll, east: Seat) -> None:
    """By a word, or 25 times: nobody comes before it or keeps it out. Where none shows it, the first filed stands first."""
    west = seated(roll, "west", "clerk")

    def found() -> list[lookup.Seen]:
        return lookup.by_domain(roll, "shudian.example.org")

    (word,), (bare,) = numbers(roll, west, site(control="word")), numbers(roll, east, site())
    assert [one.number for one in lookup.unshown(found())] == [one.number for one in found()] == [word, bare]
    (shown,) = numbers(roll, east, site(control="record"))
    assert ([one.number for one in found()], lookup.unshown(found())) == ([shown, word], [])
    refused = step(roll, commands.CheckSite(site=word, control="file"), west)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "domain-taken"
    columns = ", ".join(name for name in SiteRow._fields if name not in ("number", "operator"))
    with roll.database.open() as connection:
        connection.execute(
            f"insert into site (number, operator, {columns}) select number + 1000 * at, operator || at, {columns}"
            " from site, generate_series(1, 25) at where number = %s",
            (word,),
        )
        connection.execute(
            "insert into site_word (number, word) select number + 1000 * at, word from site_word, generate_series(1, 25) at"
            " where number = %s",
            (word,),
        )
    assert (found()[0].number, len(found())) == (shown, lookup.MOST)


def test_a_domain_is_looked_up_in_an_index_however_many_sites_there_are(roll: Roll, east: Seat) -> None:
    """Also under row-level security, which lets no comparison of arrays into an index: each look-up read every site."""
    one, two, _ = numbers(
        roll, east, site(control="word"), site("two", domains=("sub.shudian.example.org",)), private()
    )
    with roll.database.own() as connection:
        words = connection.execute("select number, word from site_word order by word").fetchall()
        assert {number for number, _ in words} == {one, two}
        connection.execute("set local enable_seqscan = off")
        for look in (
            lambda: sites.standing(connection, ["shudian.example.org"]),
            lambda: sites.ended(connection, "shudian.example.org"),
        ):
            plan = planned(connection, look)
            assert "site_word_found" in plan, plan
            assert "Seq Scan" not in plan, plan
        assert [row.number for row in sites.standing(connection, ["shudian.example.org"])] == [one]


def test_sites_of_before_are_found_once_the_roll_is_upgraded(roll: Roll, east: Seat) -> None:
    """What migration 0042 makes of the table as it stood is what filings and a replay make."""
    numbers(roll, east, site(domains=("xn--1jqq80b.example.org", "b.example.org")), private())
    with roll.database.open() as connection:
        words = connection.execute("select number, word from site_word order by word").fetchall()
        connection.execute("delete from site_word")
        import_module("openroll.store.migrations.versions.0042_site_words").words_of_all(connection)
    with roll.database.own() as connection:
        assert connection.execute("select number, word from site_word order by word").fetchall() == words
    assert lookup.by_domain(roll, "b.example.org")
    assert rebuild(roll, replace=False).differences == ()


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
        connection.execute("update site_word set word = 'other' where word = 'third.example.org'")
    wrong = {str(third), str(own), f"{third} other", f"{third} third.example.org"}
    assert {one.key for one in rebuild(roll, replace=True).differences} == wrong
    assert rebuild(roll, replace=False).differences == ()
    ended = lookup.by_number(roll, own)
    assert ended is not None
    assert ended.state == "ended"


def test_a_domain_that_is_announced_is_found_from_its_day_on_and_the_one_of_today_until_then(
    roll: Roll, east: Seat
) -> None:
    """Without a further fact, as the clock has it; and neither can be filed by the same operator once more."""
    (number,) = numbers(roll, east, site("now"))
    day = roll.day(roll.clock()) + timedelta(days=30)
    move = commands.ChangeSite(site=number, on=day, domains=("then.example.org",))
    assert isinstance(step(roll, move, east), Acted)

    def found(at: Roll) -> list[str]:
        return [name for name in ("now", "then") if lookup.by_domain(at, f"{name}.example.org")]

    later = replace(roll, clock=lambda: roll.clock() + timedelta(days=30))
    assert (found(roll), found(later)) == (["now"], ["then"])
    seen, then = lookup.by_number(roll, number), lookup.by_number(later, number)
    assert seen is not None
    assert then is not None
    assert ([one.domains for one in seen.announced], then.announced, then.changed) == ([then.domains], (), day)
    for at, name, code in (
        (roll, "then", "domain-taken"),
        (roll, "now", "domain-taken"),
        (later, "then", "domain-taken"),
    ):
        refused = file_sites(at, [site(name, sponsor="B")], east)
        assert isinstance(refused, list)
        assert [one.refusal.code for one in refused if isinstance(one, Refused)] == [code]
    assert rebuild(roll, replace=False).differences == rebuild(later, replace=False).differences == ()
    with roll.database.open() as connection:  # as it stood before migration 0044
        old = "update site set domains = '{then.example.org}', changed = %s, announced = '{}'"
        connection.execute(old, (day,))
        connection.execute("delete from site_word where word like '%now%'")
        import_module("openroll.store.migrations.versions.0044_announced").as_facts_say(connection)
        connection.commit()
    assert rebuild(roll, replace=False).differences == ()


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
        assert numbers(roll, east, private()) != [own]


def test_an_upgrade_finds_from_the_facts_on_which_day_control_was_shown(roll: Roll, east: Seat) -> None:
    """As a rebuild makes it: filed with it, shown later or anew for other domains, kept where only the sponsor changed."""
    assert isinstance(roll.clock, Ticking)
    filed, own, later, moved, sold = numbers(
        roll,
        east,
        site(control="word"),
        private(control="word"),
        site("b"),
        site("c", control="record"),
        site("d", control="file"),
    )
    roll.clock.now += timedelta(days=3)
    today = roll.day(roll.clock())
    for command in (
        commands.CheckSite(site=later, control="record"),
        commands.CheckSite(site=filed, state="silent"),
        commands.ChangeSite(site=moved, on=today, domains=("neu.example.org",), control="record"),
        commands.ChangeSite(site=sold, on=today, sponsor="A Shop"),
        commands.ChangePrivateSite(site=own, on=today, digests=tuple(map(digest, "def")), control="word"),
    ):
        assert isinstance(step(roll, command, east), Acted), command
    with roll.database.open() as connection:
        before: dict[int, date | None] = dict(connection.execute("select number, shown from site").fetchall())
        connection.execute("update site set shown = null")
        script = (files("openroll.store.migrations.versions") / "0041_site_looks.sql").read_text("utf-8")
        connection.execute(script[script.index("update site s") : script.index(";", script.index("update site s"))])
        assert dict(connection.execute("select number, shown from site").fetchall()) == before
    assert [before[one] == today for one in (filed, own, later, moved, sold)] == [False, True, True, True, False]
