"""A site's number, and what is decided on a site: complete papers are filed, and a number is retired in steps."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.handles import handle

from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.official import Under
from openroll.register.organisation.roles import Seat
from openroll.register.organisation.seats import Member
from openroll.register.site import commands
from openroll.register.site.decide import AHEAD, MOST_DOMAINS, Known, Terms
from openroll.register.site.events import SiteEvent
from openroll.register.site.life import GRACE
from openroll.register.site.number import DIGITS, number_of_record, number_text, read_number
from openroll.register.site.record import Site, as_of, evolve

NUMBERS = st.integers(1, 10**12)
TODAY = date(2006, 12, 1)
UNDER = Under("sites@1", TODAY, datetime(2006, 12, 1, 8, tzinfo=UTC))
HANDLE = handle("a-1")
DIGESTS = tuple(f"{name}{'a' * 41}A" for name in "xyz")
TERMS = Terms(frozenset({"site"}), date(1994, 1, 1), len(DIGESTS), fresh=7)
FILE = commands.FileSite(
    kind="site",
    sponsor="重庆书店",
    domains=("shudian.example.org", "books.example.org"),
    services="a catalogue of books",
    began=TODAY,
)
PRIVATE = commands.FilePrivateSite(kind="site", handle=HANDLE, digests=DIGESTS, began=TODAY)


def by(organisation: str = "east", role: str = "clerk") -> Member:
    """Somebody in a seat of an operator."""
    seat = Seat(organisation, 1)
    return Member(seat, role, True, True, (seat,))


def filed(command: commands.FileSite | commands.FilePrivateSite = FILE) -> Site:
    """The site that a filing makes."""
    accepted = decided(command, TERMS, by(), UNDER)
    assert isinstance(accepted, Accepted), accepted
    site = evolve(None, accepted.events[0], TODAY)
    assert site is not None
    return site


def after(site: Site, command: commands.OfSite, day: date = TODAY, who: Member | None = None) -> Site | str:
    """A site after something was done to it on a day, or the code for which it was refused."""
    said = decided(command, Known(site, TERMS), who or by(), Under("sites@1", day, UNDER.now))
    if isinstance(said, Refused):
        return said.refusal.code
    now = evolve(site, said.events[0], day)
    assert now is not None
    return now


@given(NUMBERS)
def test_a_number_reads_back_however_it_is_typed(number: int) -> None:
    """It has eight digits or more in groups of four; dashes, blanks and full-width digits do not matter."""
    text = number_text(number)
    assert len(text.replace("-", "")) >= 8
    assert read_number(text) == read_number(f" {text.replace('-', ' ')} ") == number
    assert read_number(text.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})) == number


@given(NUMBERS)
def test_one_wrong_digit_shows_and_so_do_two_neighbours_that_are_swapped(number: int) -> None:
    """Every such slip of a number is none (ISO 7064 MOD 97-10)."""
    digits = number_text(number).replace("-", "")
    for at, digit in enumerate(digits):
        for other in "0123456789".replace(digit, ""):
            assert read_number(digits[:at] + other + digits[at + 1 :]) is None
        if digits[at + 1 :] and digit != digits[at + 1]:
            assert read_number(digits[:at] + digits[at + 1] + digit + digits[at + 2 :]) is None


@pytest.mark.parametrize("text", ["", "-", "0000-0098", "12", "0000 0195a", "١" * 8, "1" * 40])
def test_what_is_no_number_is_none(text: str) -> None:
    """Too short, too long, letters, number nothing: all are no number, whatever is sent."""
    assert read_number(text) is None


@given(st.frozensets(st.integers(1, 9 * 10**11 - 1), min_size=1, max_size=20))
def test_no_two_records_have_one_number_and_none_that_was_given_before(records: frozenset[int]) -> None:
    """Twelve digits, whatever the record's number; another key gives others."""
    given = {number_of_record(record, bytes(32)) for record in records}
    assert len(given) == len(records)
    assert all(len(str(number)) == DIGITS and read_number(number_text(number)) == number for number in given)
    assert not given & {number_of_record(record, bytes(31) + b"k") for record in records}
    with pytest.raises(ValueError, match="no site has a number"):
        number_of_record(9 * 10**11, bytes(32))


def test_the_number_of_before_iso_s_own_example() -> None:
    """The check digits are those of ISO 7064's example of MOD 97-10: 794 has 44."""
    assert number_text(794) == "0007-9444"


def test_what_is_complete_is_filed_by_whatever_operator_hosts_it() -> None:
    """An organisation's site stands as it was said; a person's has a handle and digests, and nothing that says whose it is."""
    site, private = filed(), filed(PRIVATE)
    assert (site.number, site.operator, site.sponsor, site.domains) == (7, "east", FILE.sponsor, FILE.domains)
    assert (site.state, site.since, site.control) == ("live", TODAY, "")
    assert (private.sponsor, private.domains, private.services) == ("", (), "")
    assert (private.handle, private.digests) == (HANDLE, DIGESTS)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "household"}, "kind-not-covered"),
        ({"control": "a friend"}, "word-unknown"),
        ({"began": date(1990, 1, 1)}, "date-range"),
        ({"began": TODAY + AHEAD + timedelta(days=1)}, "date-range"),
        ({"sponsor": " "}, "sponsor-missing"),
        ({"services": ""}, "sponsor-missing"),
        ({"domains": ()}, "domains-miscounted"),
        ({"domains": ("a.example.org",) * 2}, "domains-miscounted"),
        ({"domains": tuple(f"{at}.example.org" for at in range(MOST_DOMAINS + 1))}, "domains-miscounted"),
        *(
            ({"domains": (name,)}, "domain-unfit")
            for name in ("co.uk", "10.0.0.1", "*.example.org", "重庆.example.org")
        ),
        ({"sponsor": "two\nlines"}, "text-unfit"),
    ],
)
def test_what_is_not_complete_is_refused(changed: dict[str, object], code: str) -> None:
    """Each with its own reason; nothing is left to anybody's discretion."""
    of = {name: getattr(FILE, name) for name in FILE.__struct_fields__} | changed
    said = decided(commands.FileSite(**of), TERMS, by(), UNDER)
    assert isinstance(said, Refused)
    assert said.refusal.code == code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"handle": "li.example.org"}, "handle-form"),
        ({"digests": DIGESTS[:2]}, "digests-miscounted"),
        ({"digests": (DIGESTS[0],) * 3}, "digest-shape"),
        ({"digests": (*DIGESTS[:2], "li.example.org")}, "digest-shape"),
    ],
)
def test_a_private_site_comes_by_digests_alone(changed: dict[str, object], code: str) -> None:
    """Nothing readable takes the place of a digest or a handle."""
    of = {name: getattr(PRIVATE, name) for name in PRIVATE.__struct_fields__} | changed
    said = decided(commands.FilePrivateSite(**of), TERMS, by(), UNDER)
    assert isinstance(said, Refused)
    assert said.refusal.code == code


def test_only_an_operator_files_and_only_its_own_are_its_to_change() -> None:
    """An officer files none; of another operator's site nobody learns that it is there."""
    said = decided(FILE, TERMS, by("police", "officer"), UNDER)
    assert isinstance(said, Refused)
    assert said.refusal.code == "not-allowed"
    assert after(filed(), commands.EndSite(site=7, on=TODAY), who=by("west")) == "site-unknown"


def test_a_domain_is_filed_once_by_one_operator() -> None:
    """The refusal says which site stands there."""
    taken = Terms(TERMS.kinds, TERMS.earliest, TERMS.digests, taken={"books.example.org": 3})
    said = decided(FILE, taken, by(), UNDER)
    assert isinstance(said, Refused)
    assert said.refusal.params == {"domain": "books.example.org", "site": number_text(3)}


def test_a_change_may_be_said_before_it_happens_and_new_domains_are_shown_anew() -> None:
    """What was shown of the old domains says nothing of new ones; another sponsor of the same ones changes nothing of it."""
    site = filed(commands.FileSite(**{n: getattr(FILE, n) for n in FILE.__struct_fields__} | {"control": "record"}))
    later = TODAY + timedelta(days=30)
    moved = after(site, commands.ChangeSite(site=7, on=later, domains=("neu.example.org",)))
    assert isinstance(moved, Site)
    assert (moved.domains, moved.changed, moved.control) == (FILE.domains, None, "record")
    then = as_of(moved, later)
    assert (then.domains, then.changed, then.control) == (("neu.example.org",), later, "")
    sold = after(site, commands.ChangeSite(site=7, on=later, sponsor="A Shop"))
    assert isinstance(sold, Site)
    assert (as_of(sold, later).sponsor, as_of(sold, later).control) == ("A Shop", "record")
    assert after(site, commands.ChangeSite(site=7, on=later)) == "nothing-asked"
    assert after(site, commands.ChangePrivateSite(site=7, on=later, digests=DIGESTS)) == "site-is-private"
    assert after(filed(PRIVATE), commands.ChangeSite(site=7, on=later, sponsor="A Shop")) == "site-is-private"


def test_what_is_so_today_and_what_is_announced_do_not_touch_each_other() -> None:
    """Each from its own day on, in whatever order they are said; what is announced is taken back by saying what is so."""
    months = [TODAY + timedelta(days=30 * at) for at in range(4)]
    site: Site | str = filed()
    for on, said in (
        (months[2], {"domains": ("neu.example.org",), "control": "word"}),
        (months[3], {"sponsor": "B Shop"}),
        (months[1], {"sponsor": "A Shop"}),
        (TODAY, {"services": "books and maps"}),
    ):
        assert isinstance(site, Site)
        site = after(site, commands.ChangeSite(site=7, on=on, **said))
    assert isinstance(site, Site)
    assert [(as_of(site, day).sponsor, as_of(site, day).domains[0]) for day in months] == [
        (FILE.sponsor, FILE.domains[0]),
        ("A Shop", FILE.domains[0]),
        (FILE.sponsor, "neu.example.org"),
        ("B Shop", "neu.example.org"),
    ]
    assert (as_of(site, TODAY).services, site.changed) == ("books and maps", TODAY)
    shown = after(site, commands.CheckSite(site=7, control="file"))
    assert isinstance(shown, Site)
    assert [as_of(shown, day).control for day in months] == ["file", "file", "word", "word"]
    back = after(shown, commands.ChangeSite(site=7, on=months[1], sponsor=FILE.sponsor))
    assert isinstance(back, Site)
    assert as_of(back, months[1]).sponsor == FILE.sponsor
    late = after(shown, commands.CheckSite(site=7, state="silent"), months[3])
    assert isinstance(late, Site)
    assert (late.sponsor, late.announced) == ("B Shop", ())
    ended = after(shown, commands.EndSite(site=7, on=TODAY))
    assert isinstance(ended, Site)
    assert as_of(ended, months[3]).domains == FILE.domains
    own = after(
        filed(PRIVATE), commands.ChangePrivateSite(site=7, on=months[1], digests=(*DIGESTS[:2], f"q{'b' * 41}A"))
    )
    assert isinstance(own, Site)
    assert (own.digests, as_of(own, months[1]).digests[0]) == (DIGESTS, f"q{'b' * 41}A")


@pytest.mark.parametrize("filing", [FILE, PRIVATE], ids=["organisation", "person"])
def test_a_number_is_retired_in_steps_and_revived_in_one(filing: commands.FileSite | commands.FilePrivateSite) -> None:
    """Live, silent, and retired no sooner than its filer was given; one answer brings it back; a check of nothing new is none."""
    site = filed(filing)
    assert after(site, commands.CheckSite(site=7, state="live")) == "nothing-asked"
    assert after(site, commands.CheckSite(site=7, state="retired")) == "retired-too-soon"
    silent = after(site, commands.CheckSite(site=7, state="silent"))
    assert isinstance(silent, Site)
    assert after(silent, commands.CheckSite(site=7, state="retired"), TODAY + GRACE - timedelta(days=1)) == (
        "retired-too-soon"
    )
    retired = after(silent, commands.CheckSite(site=7, state="retired"), TODAY + GRACE)
    assert isinstance(retired, Site)
    back = after(retired, commands.CheckSite(site=7, state="live", control="word"), TODAY + GRACE)
    assert isinstance(back, Site)
    assert (back.state, back.control, back.since) == ("live", "word", TODAY + GRACE)


@pytest.mark.parametrize("filing", [FILE, PRIVATE], ids=["organisation", "person"])
def test_an_ended_site_takes_nothing_more(filing: commands.FileSite | commands.FilePrivateSite) -> None:
    """It ends on a day that was, once."""
    site = filed(filing)
    assert after(site, commands.EndSite(site=7, on=TODAY + timedelta(days=1))) == "date-range"
    ended = after(site, commands.EndSite(site=7, on=TODAY))
    assert isinstance(ended, Site)
    assert ended.ended == TODAY
    for command in (commands.EndSite(site=7, on=TODAY), commands.CheckSite(site=7, state="silent")):
        assert after(ended, command) == "site-ended"


def test_what_a_private_site_s_facts_say_stands_in_no_entry() -> None:
    """Of an organisation's the log holds all, of a person's kind, day and commitment."""
    said = {kind.name: kind.official for kind in SiteEvent.__subclasses__()}
    assert {name for name, official in said.items() if not official} == {
        f"private-site.{what}/1" for what in ("filed", "changed", "checked", "ended")
    }
    assert len(said) == 8
