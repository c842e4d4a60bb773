"""Acts on requests whose connection breaks off between any two statements: each is whole or not at all, and goes on."""

from collections.abc import Callable
from datetime import timedelta

import psycopg

from openroll.register.decision import Refused
from openroll.register.request import commands
from openroll.register.request.state import fold
from openroll.register.request.turns import part_of
from openroll.service.filing.rebuild import rebuild
from openroll.service.log.sequencer import Sequencer
from openroll.service.requests import ask, clock, rights, shown, steps
from openroll.service.requests.projections import row_of
from openroll.service.requests.states import facts_of
from openroll.service.roll import Roll
from openroll.store import requests
from tests.conftest import Ticking
from tests.register.asked import COMPLAINT, FIELDS, WORD, held, notice, sealed
from tests.service.copies import clean, size_of
from tests.service.killing import Killer, killing
from tests.service.requests.bodies import Bodies, bodies


def test_an_act_is_whole_or_not_at_all(roll: Roll) -> None:
    """Killed before each statement and on each side of each commit, facts, rows and envelopes agree, and the act is done once."""
    made = bodies(roll)
    with killing() as killer:
        for run in _acts(made):
            tried = _until_done(killer, run, lambda: _agrees(roll))
            assert tried > 5
    (later, earlier) = (one.request for one in shown.public(roll))
    assert (later.outcome, later.standing.step, earlier.outcome) == ("given", "told", "produced")
    assert len(earlier.opened) == len(later.opened) == 1
    assert rebuild(roll, replace=False).differences == ()
    Sequencer(roll).run_until_empty()
    assert clean(roll) == size_of(roll)


def _acts(made: Bodies) -> list[Callable[[], object]]:
    """What is preserved is asked for by a later request, which is answered after its operator is late, and told of."""
    roll, seats, clock_ = made.roll, made.seats, made.roll.clock
    assert isinstance(clock_, Ticking)
    first = made.asking(desired="preserve")
    answer = sealed(b"it is Li", ("police",), "east")
    envelope = sealed(b"now all of it", ("police", "court", "east"))

    def number(newest: bool) -> int:
        return shown.public(roll)[0 if newest else -1].number  # a number that was drawn and not used comes never again

    def later() -> object:
        second = made.asking(desired="produce", earlier=number(False), envelope=envelope)
        return ask.file_request(roll, second, seats["officer"])

    def does(kind: type[commands.Step], who: str, *, newest: bool = True, **said: object) -> Callable[[], object]:
        return lambda: steps.step(roll, kind(request=number(newest), **said), seats[who])

    def passing() -> object:
        clock_.now = max(clock_.now, made.filed_at(number(True)) + timedelta(days=11))
        return clock.pass_due(roll)

    use = commands.RegisterUse(
        purpose=0, basis="a law", fields=FIELDS, supervisor="a body", supervised_at="here", office="+86 23 1234"
    )
    return [
        lambda: rights.register_use(roll, use, seats["police lead"]),
        lambda: ask.file_request(roll, first, seats["officer"]),
        lambda: shown.envelopes(roll, number(False), seats["reviewer"]),
        does(commands.Preserve, "clerk", newest=False),
        does(commands.Approve, "reviewer", newest=False, fields=FIELDS),
        later,
        does(commands.Approve, "reviewer", fields=FIELDS),
        passing,
        lambda: shown.envelopes(roll, number(True), seats["clerk"]),
        does(commands.Answer, "clerk", outcome="given", fields=FIELDS, envelope=answer),
        does(commands.Tell, "clerk", notice=notice(), bucket=7, complaint=COMPLAINT),
        lambda: steps.complain(roll, commands.Complain(request=number(True), word=WORD)),
        lambda: rights.end_key(roll, held("court").id, "a new one", seats["court lead"]),
    ]


DONE_BEFORE = ("not-in-this-step", "complained-already", "envelope-key-unknown")
"""What is refused of an act that was done already, by one whose commit was not told."""


def _until_done(killer: Killer, run: Callable[[], object], check: Callable[[], None]) -> int:
    """Kill at one step more each time, until it is done without; how many times it was killed."""
    tried = 0
    while True:
        try:
            with killer.at(tried):
                outcome = run()
        except psycopg.Error:
            tried += 1
            check()
            continue
        # Refused is what was done already, by the one whose commit was not told.
        assert not isinstance(outcome, Refused) or outcome.refusal.code in DONE_BEFORE, outcome
        return tried


def _agrees(roll: Roll) -> None:
    """Every row of a request is what its facts say, and every fact that holds a digest has its envelope."""
    with roll.database.own() as connection:
        rows = requests.every(connection, before=None, most=100)
        for row in rows:
            facts = facts_of(connection, row.stream)
            request = fold(facts)
            assert request is not None
            said = row_of(request, row.stream, len(facts))
            assert [list(one) if isinstance(one, tuple) else one for one in said] == list(row)
            kept = connection.execute("select count(*) from envelope where request = %s", (row.number,)).fetchone()
            assert kept == (sum(part_of(fact) is not None for fact in facts),)
        streams = connection.execute(
            "select count(distinct stream) from event where name = 'request.filed/1'"
        ).fetchone()
    assert streams == (len(rows),)
