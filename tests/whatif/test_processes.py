"""Each process by itself: what it fills in on one day, and what makes it more or less."""

import msgspec
import numpy as np
import pytest

from openroll.rules import Rule
from openroll.whatif import costs, demography, detection, learning, officials
from openroll.whatif.city import GROUPS, City
from openroll.whatif.filing import eagerness
from openroll.whatif.moves import NAMES, State
from openroll.whatif.rng import Streams
from openroll.whatif.running import probabilities
from tests.whatif.made import NOTICE, NOTIFICATION, REGULATION, first_day, number, village

HOME, OFFLINE, FIRM = (GROUPS.index(one) for one in ("household-online", "household-offline", "organisation"))


def eager(since: float, left: float, put_off: float = 0, **values: float) -> float:
    """The chance of an attempt to file in the village."""
    day, _ = first_day(NOTICE, village(**values))
    return number(eagerness(day.assumptions.filing, np.array(since), np.array(left), np.array(put_off)))


def test_filing_has_a_rush_at_the_launch_a_lull_and_a_rush_before_the_deadline() -> None:
    """The first day and the last are busier than the middle; once the deadline has passed, less is left than the lull."""
    first, middle, last, late = eager(0, 100), eager(50, 50), eager(100, 0), eager(101, -1)
    assert first > middle < last
    assert late < middle
    assert middle == pytest.approx(0.005, rel=0.02)
    assert late == pytest.approx(0.005 * 0.5)


def test_a_deadline_that_was_put_off_is_believed_less() -> None:
    """Each extension takes its share of the rush, and a day that nobody named makes no rush at all."""
    rush = [eager(100, 0, put_off) - 0.005 for put_off in (0, 1, 2)]
    assert rush[1] == pytest.approx(rush[0] * 0.5, rel=1e-3)
    assert rush[2] == pytest.approx(rush[0] * 0.25, rel=1e-3)
    assert eager(100, np.inf) == pytest.approx(0.005, rel=1e-3)


def test_fear_keeps_newcomers_out_only_where_there_is_a_threat() -> None:
    """Under the notice some who would connect stay out; under the proposal, which threatens no home, nobody does."""
    for rule, some in ((NOTICE, True), (NOTIFICATION, False)):
        day, _ = first_day(rule, village(fear__stay_out=0.5))
        demography.demography(day)
        table = day.tables[State.OUTSIDE]
        stayed = number(table["stayed-out"][:, HOME])
        assert (stayed > 0) is some
        came = number((table["came"] + table["came-unaware"])[:, HOME])
        assert stayed + came == pytest.approx(0.002)


def test_nobody_gives_up_out_of_fear_who_has_no_duty() -> None:
    """A home under the proposal has nothing to fear; the same home under the notice has."""
    for rule, some in ((NOTICE, True), (NOTIFICATION, False)):
        day, _ = first_day(rule, village(fear__leave=0.1))
        demography.demography(day)
        demography.fear_of_measures(day)
        assert (number(day.tables[State.OPEN]["gave-up"][:, HOME]) > 0) is some


def found(index: int, *, works: bool = True, **values: float) -> float:
    """The chance that a home which was there before is found on a day of the notice."""
    day, _ = first_day(NOTICE, village(400, **values), index, works=works)
    demography.demography(day)
    detection.detect(day)
    return number(day.tables[State.OPEN]["detected"][0, HOME, 0])


def test_nobody_is_found_before_the_deadline_or_on_a_day_off() -> None:
    """30 October itself is in time; from the 31st on a day of work finds as many as officials can go through."""
    on_the_day, after, off = found(115), found(116), found(116, works=False)
    assert on_the_day == off == 0 < after


def test_officials_find_no_more_than_their_day_allows() -> None:
    """The expected number found is the officials' checks, however many are late; twice the checks, twice the chance."""
    once = found(116, officials__number=1, officials__checks=10)
    twice = found(116, officials__number=1, officials__checks=20)
    assert twice == pytest.approx(2 * once)
    assert once * 2040 == pytest.approx(10, rel=0.01)


def asked(rule: Rule, group: int, city: City | None = None, **values: float) -> float:
    """The share of cases in which a bribe is asked."""
    day, _ = first_day(rule, city or village(officials__ask=0.2, **values))
    return number(officials.share_asked_for_bribe(day, day.rule_effects.consequence[group]))


def test_bribes_need_a_choice_to_sell() -> None:
    """The notice sells months off the network; where nothing heavier than a warning can follow, there is nothing to ask for."""
    assert asked(NOTICE, HOME) > 0
    assert asked(REGULATION, HOME) == 0
    assert 0 < asked(NOTIFICATION, FIRM) < asked(REGULATION, FIRM)


def test_asymmetric_liability_means_more_reports_and_fewer_asks() -> None:
    """When the giver goes free more is reported, so less is asked (Basu 2011)."""
    both = village(officials__ask=0.2)
    free = msgspec.structs.replace(both, liability="asymmetric")
    assert asked(NOTICE, HOME, free) < asked(NOTICE, HOME, both)


def test_a_decision_adds_up_to_what_was_decided() -> None:
    """Warned, fined, cut, bribed or reported: the ways a case can end add up to the cases that are decided, for each group."""
    for rule in (NOTICE, REGULATION, NOTIFICATION):
        day, population = first_day(rule, village(officials__decisions=3, officials__ask=0.3), 20)
        part = day.layout.part[State.CASE]
        population.counts[..., part.stop - 1] = 7
        demography.demography(day)
        officials.decide(day)
        ends = ["warn", "fine", "cut-short", "cut-half", "cut-full", "appealed"]
        ends += ["bribe-paid", "bribe-reported", "refused-warn", "refused-cut"]
        table = day.tables[State.CASE]
        ripe = np.sum([table[name] for name in ends], axis=0)[0, :, -1]
        hands = number(day.assumptions.officials.number * 3)
        waiting = 7 * 3 * len(GROUPS)
        consequence = np.array([one.anything for one in day.rule_effects.consequence])
        spare = 1 - number(day.assumptions.life.end)
        np.testing.assert_allclose(ripe, consequence * min(hands / waiting, 1) * spare)


def test_suspensions_end_on_their_last_day() -> None:
    """On the last day of a step everyone in the last slot is released, whoever does not leave; on other days nobody is."""
    for index, released in ((3, False), (4, True)):
        day, _ = first_day(NOTICE, village(), index)
        demography.demography(day)
        officials.serve(day)
        table = day.tables[State.OFF]
        assert (number(table["released"][0, HOME, 0]) > 0.99) is released
        assert not table["released"][..., 1:].any()


def test_homes_without_a_screen_never_come_by_the_portal() -> None:
    """The portal takes those who can use a form on a screen, counters the others; the operator files for both."""
    day, _ = first_day(NOTICE, village(), 5)
    probabilities(day)
    table = day.tables[State.OPEN]
    assert not table["filed-portal"][:, OFFLINE].any()
    assert (table["filed-portal"][:, HOME] > 0).any()
    assert (table["filed-proxy"][:, OFFLINE] > 0).any()


def test_counters_are_closed_on_days_off() -> None:
    """On a day off nobody is served and nobody stands in line; the portal and the operators go on."""
    day, population = first_day(NOTICE, village(), 5, works=False)
    probabilities(day)
    table = day.tables[State.OPEN]
    assert not table["filed-counter"].any()
    assert not table["turned-away"].any()
    assert not day.seen["visits"].any()
    assert table["filed-proxy"].any()
    assert not population.served.any()


def test_an_overrun_portal_turns_away_what_it_cannot_take() -> None:
    """Twice as many tries as the portal takes: half get in, half are counted as overloaded."""
    day, _ = first_day(NOTICE, village(channels__portal=1e9), 5)
    probabilities(day)
    tries = number(day.seen["portal-load"]) * 1e9
    tight, _ = first_day(NOTICE, village(channels__portal=tries / 2), 5)
    probabilities(tight)
    table, free = tight.tables[State.OPEN], day.tables[State.OPEN]
    np.testing.assert_allclose(table["filed-portal"][:, HOME], free["filed-portal"][:, HOME] / 2, rtol=1e-6)
    np.testing.assert_allclose(table["overloaded"][:, HOME, 0], table["filed-portal"][:, HOME, 0] / 0.9, rtol=1e-6)


def test_a_reminder_reaches_those_who_have_not_filed() -> None:
    """On the day a reminder comes more file and more of the unaware hear; it costs the state what letters cost."""
    reminders = (116 - 1,)
    plain, reminded = (msgspec.structs.replace(village(), reminders=when) for when in ((), reminders))
    without, _ = first_day(NOTICE, plain, 0)
    with_, population = first_day(NOTICE, reminded, 0)
    probabilities(without)
    probabilities(with_)
    for state, name in ((State.UNAWARE, "heard"), (State.OPEN, "filed-proxy")):
        assert number(with_.tables[state][name][0, HOME, 0]) > number(without.tables[state][name][0, HOME, 0])
    nothing = {name: np.zeros((1, len(GROUPS)), np.int64) for name in NAMES}
    ledger = costs.reckon(with_, nothing, np.zeros(1))
    assert number(ledger.moved["reminders"]) == pytest.approx(2042 * number(with_.assumptions.costs.reminder))
    assert population.people == 2042 + 20 + 400  # sites have no duty under the notice: nobody reminds them


def test_an_open_book_is_read_and_a_closed_one_is_asked() -> None:
    """Under the notice every filed record can be read; under the proposal none, some requests fail, and people are told."""
    for rule, open_book in ((NOTICE, True), (NOTIFICATION, False)):
        day, population = first_day(rule, village(requests__asked=5e4, requests__approved=0.5))
        population.counts[..., day.layout.part[State.FILED]] = 10
        learnt = learning.learn(day, Streams(1, np.arange(1)))
        assert number(learnt["readable"]) == (150 if open_book else 0)
        assert (number(learnt["opened"]) == number(learnt["requests"])) is open_book
        assert (number(learnt["told"]) > 0) is not open_book


def test_money_leaves_one_account_and_enters_another() -> None:
    """A fine goes from people to the state, a bribe to officials, and the accounts add up to nothing."""
    day, _ = first_day(REGULATION, village(), 5)
    probabilities(day)
    moved = {name: np.zeros((1, len(GROUPS)), np.int64) for name in NAMES}
    moved["fine"][0, FIRM], moved["bribe-paid"][0, FIRM] = 3, 2
    ledger = costs.reckon(day, moved, np.zeros(1))
    assert number(ledger.moved["fines"]) == 3 * 2000
    assert number(ledger.money["officials"]) == number(ledger.moved["bribes"]) > 0
    assert number(ledger.money["state"]) == 6000
    assert sum(number(amount) for amount in ledger.money.values()) == pytest.approx(0)


def test_attempts_leave_room_for_what_else_happens() -> None:
    """However eager everybody is, the chances of a row never add up to more than 1."""
    day, _ = first_day(NOTICE, village(filing__lull=1, life__end=0.5, channels__correct=1, fear__leave=1), 5)
    probabilities(day)
    assert (day.tables[State.OPEN].spare >= 0).all()
    names = ("filed-proxy", "filed-portal", "filed-counter", "gave-up", "ended")
    total = np.sum([day.tables[State.OPEN][name] for name in names], axis=0)
    assert (total <= 1 + 1e-9).all()
