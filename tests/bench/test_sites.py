"""The benchmark of sites measures what it says: its sites are found as filed ones are, and each check sees an answer."""

import pytest

from openroll.bench import sites
from openroll.service.roll import Roll
from openroll.service.sites import lookup
from openroll.service.sites.directory import Search, search


def test_the_sites_of_the_bench_are_found_like_any(roll: Roll, monkeypatch: pytest.MonkeyPatch) -> None:
    """By domain and by what is typed; what is typed finds something nearly always."""
    sites.fill(roll, 60)
    assert [one.number for one in lookup.by_domain(roll, sites._domain(7))] == [7]
    monkeypatch.setattr(sites, "SEARCHES", 40)
    typed = [one.partition("site=")[2].partition("&")[0].replace("+", " ") for one in sites._searches(60)]
    assert all(search(roll, Search(text)).sites for text in typed)


def test_every_check_sees_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name servers and over connections of its own, beside a loop that has no names to ask for."""
    monkeypatch.setattr(sites, "CHECKS", 30)
    found = sites._checks()
    assert 0 < found.ours < found.limit
