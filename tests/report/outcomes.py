"""Small outcomes that the tests tell of: the village for some weeks, under a notice, a regulation and a proposal."""

from functools import cache
from typing import Any

import msgspec

from openroll.rules import Rule, load
from openroll.whatif import Outcome, load_city, run

NAMES = ("cn-cq-2006-notice", "cn-cq-2006-regulation", "notification-2006")
HOSTILE = "</title></svg><script>alert(1)</script><img src=http://x.example/>&amp;\"'{city}#panic(1)\u202e册"


def village(**changed: Any) -> Any:
    """The village, with some of it changed, for the 120 days that hold the deadline of the notice."""
    city = load_city("village")
    return msgspec.structs.replace(city, **({"days": 120} | changed))


@cache
def few() -> Outcome:
    """Six runs."""
    return run([load(name) for name in NAMES], village(), runs=6, seed=3)


@cache
def single() -> Outcome:
    """One run."""
    return run([load(name) for name in NAMES], village(days=40), seed=3)


@cache
def hostile() -> Outcome:
    """Titles that want to be something else, wherever others write them."""
    bad = {"zh": HOSTILE, "en": HOSTILE}
    rules: list[Rule] = [msgspec.structs.replace(load(name), title=bad, summary=bad, notes=(bad,)) for name in NAMES]
    return run(rules, village(days=40, title=bad, summary=bad, notes=(bad,)), runs=2, seed=3)
