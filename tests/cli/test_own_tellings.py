"""An operator that looks later sees a telling in the log that is none of its own words."""

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from tests.handles import KEY, handle
from tests.register.asked import NOW
from tests.watch.held_acts import ASKS

from openroll.cli.requests import own_tellings
from openroll.cli.requests.own_tellings import not_own, told_for
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, word_of
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import PersonTold, PersonToldByWord, RequestFiled
from openroll.watch.requests.believed import BelievedLog, Placed

ORIGIN, BEFORE = "roll.example/now", "roll.example/before"


def told(secret: bytes, number: int, origin: str = ORIGIN) -> PersonToldByWord:
    """A telling by a secret, as the log has it."""
    word = complaint_digest(word_of(secret, notice_context(origin, number)))
    of: dict[str, Any] = {"request": number, "at": NOW, "by": "east/2", "rule": "law@1", "notice": "0" * 64}
    return PersonToldByWord(bucket=bucket_of(secret, number), complaint=word, **of)


def as_before(fact: PersonToldByWord, **changed: Any) -> PersonTold:
    """A telling as one of another kind, which says something else."""
    said = {name: getattr(fact, name) for name in fact.__struct_fields__}
    return PersonTold(**said | changed)


def test_tellings_that_the_roll_lists_nowhere_are_the_logs() -> None:
    """What is in an operator's name, or in that of one that it succeeded, is found in the whole log, whatever kind it is."""
    log = BelievedLog((RequestFiled, PersonTold))
    own = notice_secret(KEY, handle("u-7"))
    mine, older, others = (told(own, number) for number in (1, 2, 3))
    for fact, operator in ((mine, "east"), (as_before(older), "old"), (others, "west")):
        filed = msgspec.structs.replace(ASKS, request=fact.request, operator=operator)
        log._placed[fact.request] = [Placed(0, "", filed), Placed(1, "", fact)]
    log._heirs.append(("old", "east"))
    assert told_for(log, "east") == [mine, as_before(older)]


def test_what_is_read_of_the_roll_and_what_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each listed request's facts are asked, whatever the list says of tellings; that the rest was not looked at is said."""
    fact = told(notice_secret(KEY, handle("u-7")), ASKS.request)
    served = SimpleNamespace(matter=SimpleNamespace(facts=[ASKS, as_before(fact)]))
    monkeypatch.setattr(own_tellings, "pages", lambda *_: [SimpleNamespace(number=ASKS.request)])
    monkeypatch.setattr(own_tellings, "request_at", lambda *_: served)
    assert own_tellings._listed(cast("Any", None), cast("Any", None)) == [as_before(fact)]
    assert "Not looked at: whether the log has tellings in your name in other requests than these 1" in " ".join(
        capsys.readouterr().err.split()
    )


def test_a_word_that_is_none_of_its_own_is_named() -> None:
    """A record's, nobody's and one of before the log began anew are its own; another word, another bucket or key is not."""
    own = notice_secret(KEY, handle("u-7"))
    good = [told(own, 1), told(nobody_secret(KEY, 2), 2), told(own, 3, BEFORE)]
    lies = [
        msgspec.structs.replace(told(own, 4), complaint="f" * 64),
        msgspec.structs.replace(told(own, 5), bucket=(bucket_of(own, 5) + 1) % 1024),
        told(notice_secret(bytes(32), handle("u-7")), 6),
        told(notice_secret(KEY, handle("u-8")), 7),
        as_before(told(own, 8), complaint="f" * 64),
        as_before(told(own, 9), bucket=(bucket_of(own, 9) + 1) % 1024),
    ]
    assert not_own([*good, *lies], [KEY], [handle("u-7")], (ORIGIN, BEFORE)) == lies
