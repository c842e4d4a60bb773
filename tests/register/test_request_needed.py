"""An answer is judged by the receipts that it needs as by all that its record has."""

from collections import Counter
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.register.lives import life
from tests.register.test_request_checked import DAY, DIGESTS, KEYS, OPENS, OTHER, changed, corrected, filed, receipts

from openroll.disclosure import Disclosure
from openroll.register.request.checked import Expected, LogPosition, checked
from openroll.register.request.content import Answer
from openroll.register.request.needed import fewest


@settings(max_examples=300)
@given(rng=st.randoms(use_true_random=False))
def test_an_answer_is_judged_by_the_receipts_it_needs_as_by_all(rng: Random) -> None:
    """Whatever became of a record, whichever facts name it, and whenever it was asked about: the same values and faults, the same
    unproved and late; and in whatever order the receipts stand."""
    answer, expected = life(rng)
    opened = frozenset(Disclosure.parse(one).digest() for one in answer.disclosures)
    shuffled = rng.sample(answer.receipts, len(answer.receipts))
    some = [
        fewest(order, opened, expected.asked, newest=new)
        for order in (answer.receipts, shuffled)
        for new in (True, False)
    ]
    want = verdict(answer, expected)
    for given_receipts in (*some, shuffled, [*shuffled, *answer.receipts]):
        assert verdict(msgspec.structs.replace(answer, receipts=tuple(given_receipts)), expected) == want


def verdict(answer: Answer, expected: Expected) -> tuple[object, ...]:
    """What a check comes to, its faults in no order."""
    found = checked(answer, expected, KEYS)
    return dict(found.values), Counter(found.faults), found.unproved, found.late


def test_the_receipt_that_shows_a_value_stood_there_is_not_left_out() -> None:
    """A value that came by a correction a month before the request is not late because a later change has it too."""
    old, new = (Disclosure.parse(one["name"]).digest() for one in (OPENS, OTHER))
    log = receipts(filed(DIGESTS), corrected([new], [old]), filed(["d" * 43]), changed(sorted({*DIGESTS, new} - {old})))
    asked = LogPosition(2, DAY)
    for newest in (True, False):
        made = Answer("given", (OTHER["name"],), fewest((*log[:2], log[3]), frozenset({new}), asked, newest=newest), {})
        assert checked(made, Expected("east", ("name",), "given", ("name",), asked=asked), KEYS).proved
    assert len(fewest((*log[:2], log[3]), frozenset({new}))) == 2
