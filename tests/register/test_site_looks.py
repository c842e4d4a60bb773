"""What the roll's own look says: only what is new, only what it saw itself, and only what enough places saw."""

from datetime import timedelta

import msgspec
import pytest
from tests.register import test_site_record as filed_site
from tests.register.test_site_record import FILE, PRIVATE, TERMS, TODAY, UNDER, after, filed

from openroll.register.decision import Accepted, Refused
from openroll.register.kinds import decided
from openroll.register.organisation.roles import KEEPER
from openroll.register.organisation.seats import KEEPERS, Member
from openroll.register.site import commands
from openroll.register.site.decide import Known
from openroll.register.site.events import Sighting, SiteChecked
from openroll.register.site.life import SILENCE, Life, begun
from openroll.register.site.news import LOST, LOST_LOOKS, Missing, news_of_control, news_of_state
from openroll.register.site.record import Site

NOW, DAY = UNDER.now, timedelta(days=1)


def saw(answers: bool | None, control: str | None = None, place: str = "") -> Sighting:
    """What a place saw."""
    return Sighting(place=place, at=0, answers=answers, control=control)


def seen(site: Site, command: commands.SeeSite, who: Member = KEEPERS) -> Site | str:
    """A site after the roll's own look, or the code for which nothing is said."""
    return after(site, command, who=who)


def test_the_roll_says_what_it_saw_and_no_seat_of_anybody_does() -> None:
    """The fact is by the roll, with what it saw; an operator that says the same is not heard."""
    silent = commands.SeeSite(site=7, state="silent", sightings=(saw(False),))
    accepted = decided(silent, Known(filed(), TERMS), KEEPERS, UNDER)
    assert isinstance(accepted, Accepted)
    (fact,) = accepted.events
    assert isinstance(fact, SiteChecked)
    assert (fact.by, fact.state, fact.operator, fact.sightings) == ("roll", "silent", "east", silent.sightings)
    for who in (
        filed_site.by(),
        msgspec.structs.replace(filed_site.by(), seat=msgspec.structs.replace(KEEPER, number=1)),
    ):
        assert seen(filed(), silent, who) == "not-allowed"
    assert seen(filed(PRIVATE), silent) == "site-is-private"


@pytest.mark.parametrize(
    ("control", "sightings", "code"),
    [
        ("record", (saw(True, "record"),), ""),
        ("record", (saw(True, ""),), "places-disagree"),
        ("record", (saw(True, "record", "a"),), "places-disagree"),
        ("record", (), "places-disagree"),
        ("record", (saw(True, "record"), saw(True, "", "a")), "places-disagree"),
        ("record", (saw(True, "record"), saw(True, "", "a"), saw(True, "file", "b")), ""),
        ("record", (saw(True, "record"), saw(None, None, "a"), saw(True, "", "b")), "places-disagree"),
        ("record", (saw(True, "record"), *(saw(True, "" if at < 2 else "record", f"p{at}") for at in range(6))), ""),
        (
            "record",
            (saw(True, "record"), *(saw(True, "" if at < 3 else "file", f"p{at}") for at in range(6))),
            "places-disagree",
        ),
        ("word", (saw(True, "word"),), "word-unknown"),
    ],
)
def test_control_is_shown_by_the_roll_s_own_look_and_enough_remote_ones(
    control: str, sightings: tuple[Sighting, ...], code: str
) -> None:
    """None of one may fail, one of two to five, two of six; one that says nothing has failed; the roll's own never may."""
    site = seen(filed(), commands.SeeSite(site=7, control=control, sightings=sightings, account="a"))
    if code:
        assert site == code
        return
    assert isinstance(site, Site)
    assert (site.control, site.shown) == (control, TODAY)
    assert site.control_places == sum(bool(one.control) for one in sightings)


def test_a_claim_becomes_what_was_seen_once_and_a_word_of_the_operator_is_one_again() -> None:
    """Seen already is nothing new; another way that the operator says is its own word, seen from nowhere."""
    claimed = filed(msgspec.structs.replace(FILE, control="record"))
    assert (claimed.control_places, claimed.shown) == (0, TODAY)
    see = commands.SeeSite(site=7, control="record", sightings=(saw(True, "record"),))
    confirmed = seen(claimed, see)
    assert isinstance(confirmed, Site)
    assert (confirmed.control, confirmed.control_places, confirmed.state_places) == ("record", 1, 1)
    assert seen(confirmed, see) == "nothing-asked"
    said = after(confirmed, commands.CheckSite(site=7, control="word"))
    assert isinstance(said, Site)
    assert (said.control, said.control_places) == ("word", 0)
    moved = after(confirmed, commands.ChangeSite(site=7, on=TODAY, domains=("neu.example.org",)))
    assert isinstance(moved, Site)
    assert (moved.control, moved.control_places, moved.shown) == ("", 0, None)
    sold = after(confirmed, commands.ChangeSite(site=7, on=TODAY, sponsor="A Shop"))
    assert isinstance(sold, Site)
    assert (sold.control, sold.control_places) == ("record", 1)


def test_what_another_operator_showed_is_not_taken_from_it() -> None:
    """Where another site's control of the domain stands, the roll's look shows none here."""
    taken = msgspec.structs.replace(TERMS, taken={"books.example.org": 3})
    see = commands.SeeSite(site=7, control="file", sightings=(saw(True, "file"),))
    refused = decided(see, Known(filed(), taken), KEEPERS, UNDER)
    assert isinstance(refused, Refused)
    assert refused.refusal.code == "domain-taken"


def test_only_what_is_new_is_news() -> None:
    """A look changes what is known of a site; the register hears of it when its state is another there, one step at a time."""
    site, live, life = filed(), begun(NOW), begun(NOW).looked(True, NOW)
    assert (news_of_state(live, site), news_of_state(life, site)) == (None, None)
    failing = life.looked(False, NOW)
    assert news_of_state(failing, site) is None
    silent = Life("silent", NOW, NOW)
    retired = Life("retired", NOW, NOW)
    assert (news_of_state(silent, site), news_of_state(retired, site)) == ("silent", "silent")
    told = msgspec.structs.replace(site, state="silent")
    assert (news_of_state(silent, told), news_of_state(retired, told), news_of_state(life, told)) == (
        None,
        "retired",
        "live",
    )
    assert news_of_state(silent, msgspec.structs.replace(site, state="retired")) is None


def test_a_proof_is_lost_after_a_week_and_three_looks_and_nobody_who_could_not_tell_counts() -> None:
    """One that is there again is missed no more."""
    site = msgspec.structs.replace(filed(), control="record", control_places=1)
    missing = Missing()
    for at in range(LOST_LOOKS):
        assert news_of_control("", missing, site, NOW + at * DAY) is None
        missing = missing.looked("", NOW + at * DAY).looked(None, NOW)
    assert not missing.lost(NOW + LOST - DAY)
    assert news_of_control("", missing, site, NOW + LOST) == ""
    assert news_of_control("", missing, msgspec.structs.replace(site, control="word"), NOW + LOST) is None
    assert missing.looked("file", NOW) == Missing()
    assert not Missing(NOW, LOST_LOOKS - 1).lost(NOW + 2 * SILENCE)
    assert news_of_control("file", Missing(), site, NOW) is None
    assert news_of_control("file", Missing(), filed(), NOW) == "file"
