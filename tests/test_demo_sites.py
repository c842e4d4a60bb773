"""The sites of a demonstration: made-up ones with a life behind them, by real acts, each at its own time."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from openroll.compose import demo_sites
from openroll.compose.demo_month import SetClock
from openroll.compose.demo_sites import BEFORE, begin_sites, sites_shown
from openroll.places import demonstration
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.site.number import read_number
from openroll.service.governance.open_roll import admit_operator
from openroll.service.roll import Roll
from openroll.service.sites import lookup
from openroll.sheet.pack import Kept
from tests.sites import covering_sites


def test_a_demonstration_has_sites_with_a_life_behind_them(
    roll: Roll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live, silent, retired and ended ones, organisations' and persons', all below `.example`; what opens a person's is kept."""
    monkeypatch.setattr(demo_sites, "COUNT", 78)
    made_up, clock = demonstration("cn-cq-2006"), SetClock(roll.clock())
    roll.clock, until = clock, clock.now + BEFORE
    for one in made_up.operators:
        admit_operator(roll, AdmitOperator(operator=one.operator, title=one.title, kind=one.kind))
    with covering_sites(roll, "notification-2006+with-sites"):
        assert begin_sites(roll, made_up, tmp_path, clock, until) == 78
        assert until - timedelta(days=40) < clock.now < until - timedelta(days=36)
        with roll.database.own() as connection:
            given = [number for (number,) in connection.execute("select number from site")]
        seen = [lookup.by_number(roll, number) for number in given]
        shown = sites_shown(roll, made_up)
    states = Counter(one.state for one in seen if one)
    assert states.keys() == {"live", "silent", "retired", "ended"}
    assert states["live"] > 60
    assert sum(one.private for one in seen if one) == 3
    assert any(one.changed or one.announced for one in seen if one)
    domains = [domain for one in seen if one for domain in one.domains]
    assert len(set(domains)) == len(domains) == 75
    assert all(domain.endswith(".example") for domain in domains)
    kept = [
        msgspec.json.decode(line, type=Kept)
        for path in tmp_path.glob("*.sites.disclosures.ndjson")
        for line in path.read_bytes().splitlines()
    ]
    assert len(kept) == 3
    assert shown is not None
    assert read_number(shown.retired)
