"""What a monitor sees of requests in the log: each entry follows from those before it, and the figures come of them alone."""

from datetime import timedelta
from random import Random

import msgspec
import pytest

from openroll.register.request.account import Tally, summed
from openroll.register.request.events import (
    PersonTold,
    RequestAnswered,
    RequestApproved,
    RequestConfirmed,
    RequestEvent,
    RequestFiled,
)
from openroll.register.request.state import Request, fold
from openroll.rules.procedure import procedure
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.requests.recount import counted
from tests.register.test_request_acts import WAITS, WAYS, walked


@pytest.fixture(scope="module")
def lives() -> list[list[RequestEvent]]:
    """The facts of two hundred requests, each lived through at random."""
    chance = Random(7)
    found = []
    for number in range(200):
        tries = [
            (
                chance.random() < 0.8,
                chance.randrange(200),
                chance.randrange(36),
                chance.choice((*WAITS[:3] * 4, *WAITS)),
            )
            for _ in range(25)
        ]
        facts = walked(WAYS[number % len(WAYS)], tries).facts
        found.append([fact for fact in facts if isinstance(fact, RequestEvent)])
    return found


def found_in(facts: list[RequestEvent]) -> str:
    """What is wrong with a request's entries, the first of it."""
    rules = RequestRules()
    return next((wrong for fact in facts if (wrong := rules.take(fact.name, fact.body()))), "")


def test_one_missing_entry_is_found(lives: list[list[RequestEvent]]) -> None:
    """Whole lives are right; without one act that led to another step, an entry after it does not follow.

    But for what leaves another life that could have been: a request that was withdrawn after its approval, or before it.
    """
    dropped, unseen = 0, 0
    for facts in lives:
        assert found_in(facts) == ""
        for place in range(len(facts) - 1):
            before, after = fold(facts[:place]), fold(facts[: place + 1])
            moved = before is None or after is None or before.standing.step != after.standing.step
            if moved:
                dropped += 1
                seen = found_in(facts[:place] + facts[place + 1 :])
                unseen += not seen
                answered = any(isinstance(fact, RequestAnswered) and fact.fields for fact in facts[place + 1 :])
                assert seen or not answered, (place, [fact.name for fact in facts])
    assert dropped > 300
    assert unseen < dropped / 10


def test_a_filing_behind_a_later_one_and_a_state_of_before(lives: list[list[RequestEvent]]) -> None:
    """A number comes once and in order; whoever began to follow in the middle says nothing of what they did not see begin."""
    filed = lives[0][0]
    rules = RequestRules()
    assert rules.take(filed.name, filed.body()) == ""
    assert "is filed behind" in rules.take(filed.name, filed.body())
    second = next(fact for facts in lives for fact in facts[1:])
    assert "never filed" in RequestRules().take(second.name, second.body())
    assert RequestRules(whole=False).take(second.name, second.body()) == ""
    assert RequestRules().take("request.told/1", "{") == ""  # another rule of the log names it


def test_whoever_was_told_is_told_anew_after_the_end_too(lives: list[list[RequestEvent]]) -> None:
    """Where the notice was lost: by the operator, also in a state that was kept, and then the request goes on. A state of before
    those that ended were kept says nothing of it."""
    ended = [facts for facts in lives if (found := fold(facts)) and found.ended and found.complaint]
    for facts in ended[:5]:
        told = next(fact for fact in facts if isinstance(fact, PersonTold))
        anew = msgspec.structs.replace(told, at=facts[-1].at + timedelta(days=1), complaint="0" * 64)
        stranger = msgspec.structs.replace(anew, by="police/9")
        for last, said in ((anew, False), (stranger, True)):
            rules = RequestRules()
            assert "".join(rules.take(fact.name, fact.body()) for fact in facts) == ""
            rules.over = msgspec.json.decode(msgspec.json.encode(rules.over), type=dict[int, Request])
            assert bool(rules.take(last.name, last.body())) == said
            assert (told.request in rules.going, told.request in rules.over) == (True, False)
        before = RequestRules(last=told.request, over_whole=False)
        assert before.take(anew.name, anew.body()) == ""
        assert Tally().add([*facts, anew], "2006-11").standing.step == "told"
    assert len(ended) > 5


def test_open_and_closed_make_the_filed(lives: list[list[RequestEvent]]) -> None:
    """In every group and month, whatever was done; sums are of the parts; what was never filed is named and not counted."""
    rows, broken = counted(
        [[(f"2006-{11 + number % 2}", fact) for fact in facts] for number, facts in enumerate(lives)]
    )
    assert broken == ()
    assert all(row.counts["filed"] == row.counts.get("open", 0) + row.counts.get("closed", 0) for row in rows)
    (year,) = summed(rows, yearly=True)
    assert (year.month, year.counts["filed"]) == ("2006", len(lives))
    assert [row.month for row in summed(rows)] == ["2006-11", "2006-12"]
    for name in (
        "refused",
        "narrowed",
        "annulled",
        "returned",
        "told",
        "told_late",
        "postponed",
        "urgent",
    ):
        assert 0 < year.counts[name] < len(lives), name
    assert sum(year.reasons.values()) >= year.counts["refused"]
    assert year.seconds["under-review"] > 0
    assert counted([[("2006-11", fact) for fact in lives[0][1:] or lives[1][1:]]])[1][0].endswith("it was never filed")


def test_time_in_a_step_is_what_passed_there() -> None:
    """A request that waited two days for its reviewer spent two days under review."""
    world = walked(("ordinary", "now", "request-1"), [(True, 4, 0, timedelta(days=2))])
    facts = [fact for fact in world.facts if isinstance(fact, RequestEvent)]
    assert isinstance(facts[0], RequestFiled)
    tally = Tally()
    tally.add(facts, "2006-11")
    (row,) = tally.rows()
    spent = sum(row.seconds.values())
    assert spent in (0, 2 * 86_400)


def test_acts_that_were_not_allowed_are_named(lives: list[list[RequestEvent]]) -> None:
    """Another body's act, one person as two, an authority that reviews itself, and one approval more than a pair may have."""
    facts = next(facts for facts in lives if any(isinstance(fact, RequestApproved) for fact in facts))
    place = next(at for at, fact in enumerate(facts) if isinstance(fact, RequestApproved))
    filed, approved = facts[0], facts[place]
    assert isinstance(filed, RequestFiled)
    other = msgspec.structs.replace(approved, by=filed.by)
    assert "is not of the body whose act it is" in found_in([*facts[:place], other])
    own = msgspec.structs.replace(filed, reviewer=filed.authority)
    assert "are not those that may" in found_in([own])
    urgent = next(facts for facts in lives if any(isinstance(fact, RequestConfirmed) for fact in facts))
    place = next(at for at, fact in enumerate(urgent) if isinstance(fact, RequestConfirmed))
    one = msgspec.structs.replace(urgent[place], by=urgent[0].by)
    assert "is both of the two people" in found_in([*urgent[:place], one])
    rules, said = RequestRules(), []
    most = procedure("request-1").pair
    for number in range(1, most + 2):
        asked = msgspec.structs.replace(filed, request=number)
        agreed = RequestApproved(
            request=number, at=filed.at + timedelta(hours=number), by="court/2", rule="r", fields=filed.fields, why=""
        )
        said += [rules.take(fact.name, fact.body()) for fact in (asked, agreed)]
    assert not any(said[:-1])
    assert f"court/2 approves more than {most} requests of {filed.by} within 30 days" in said[-1]
