"""Two commits in turn: what is made of their figures."""

import json
import os

import pytest

from openroll.bench.against import HANDLE_LETTERS, compared, figures_of, mended, shown
from openroll.bench.figure import Figure, busy
from openroll.register.subscription.handle import KEY_BYTES, handle_of


def test_each_turn_is_held_against_the_same_turn_of_the_other() -> None:
    """The ratio is the median over the turns with its least and most; of a time and of memory less is better."""
    ours = [{"rate": ("/s", 100.0), "p99": ("ms", 10.0)}, {"rate": ("/s", 300.0), "p99": ("ms", 40.0)}]
    theirs = [{"rate": ("/s", 50.0), "p99": ("ms", 20.0)}, {"rate": ("/s", 300.0), "p99": ("ms", 20.0)}]
    rate, late = compared(ours, theirs)
    assert (rate.ours, rate.theirs, rate.ratio, rate.least, rate.most) == (200.0, 175.0, 1.5, 1.0, 2.0)
    assert (late.ratio, late.least, late.most) == (1.25, 0.5, 2.0)


@pytest.mark.parametrize(
    ("ours", "verdict"), [((11, 12, 9), "no slower"), ((9, 9, 11), "within the spread"), ((9, 8, 9.9), "slower")]
)
def test_slower_is_what_is_slower_in_every_turn(ours: tuple[float, ...], verdict: str) -> None:
    """A turn that was otherwise makes it the noise's doing."""
    (found,) = compared([{"rate": ("/s", one)} for one in ours], [{"rate": ("/s", 10.0)}] * 3)
    assert found.verdict == verdict


def test_a_figure_that_only_one_of_them_has_is_left_out() -> None:
    """An older bench measures less."""
    old = {"import": ("/s", 1.0)}
    assert [one.name for one in compared([old | {"new": ("/s", 2.0)}], [old])] == ["import"]


def test_figures_go_by_a_name_without_what_was_measured() -> None:
    """The p99 in an old figure's name, its memory, and its part of the limit beside it become figures of their own."""
    one = {"name": "online, 8 connections (p50 4 ms, p99 9 ms)", "unit": "filings/s", "ours": 50.0, "limit": 200.0}
    found = figures_of("measuring\n" + json.dumps({"figures": [one | {"megabytes": 131}]}))
    assert found == {
        "online, 8 connections": ("filings/s", 50.0),
        "online, 8 connections, p99": ("ms", 9.0),
        "online, memory": ("MB", 131.0),
        "online, 8 connections, of its limit": ("ratio", 0.25),
    }


def test_an_old_bench_draws_no_telephone_numbers() -> None:
    """Its handles get letters for digits; a bench that makes real handles stays as it is."""
    assert 'translate(str.maketrans("0123456789"' in mended("    handle = random[128:].hex()\n")
    kept = "    handle = handle_of(random[128:].hex(), _KEY)\n"
    assert mended(kept) == kept
    row = mended('                [f"acc-{number:08d}", "household", "adsl"]\n')
    drawn = eval(row.strip(), {"os": os})[0]  # noqa: S307 - the row of the old bench as we patched it
    assert len(drawn) == len(handle_of("acc-1", bytes(KEY_BYTES))) == HANDLE_LETTERS
    assert drawn.isalpha()


def test_the_comparison_goes_into_eighty_columns() -> None:
    """However long the names and large the figures."""
    text = shown(compared([{"x" * 90: ("subscriptions/s", 1e9)}], [{"x" * 90: ("subscriptions/s", 2e9)}]), "e77595a")
    assert max(map(len, text.splitlines())) <= 80
    assert "slower" in text


@pytest.mark.parametrize(
    ("aim", "ours", "megabytes", "verdict"),
    [
        ("", 1.0, 0, ""),
        ("0.5 or more", 5.0, 0, "met"),
        ("0.5 or more", 4.9, 0, "missed"),
        ("0.5 or more; 160 MB", 5.0, 161, "missed"),
        ("8 or less", 90.0, 0, "missed"),
        ("10 s or less", 9.0, 0, "met"),
    ],
)
def test_an_aim_is_judged(aim: str, ours: float, megabytes: int, verdict: str) -> None:
    """By the ratio, by our own figure where a unit is named, by the memory; all parts of it."""
    assert Figure("a", "s", ours, 10.0, "b", aim, megabytes).verdict == verdict


def test_it_is_said_what_else_ran() -> None:
    """The load averages at least."""
    assert busy(0.01).startswith("load ")


def test_a_page_is_compared_by_its_address_and_who_asks() -> None:
    """Its p99 stands in its name, and differs at each run: it is a figure of its own."""
    one = {"name": "/en/ (anyone; p99 1,008.5 ms)", "unit": "ms", "ours": 1.7, "limit": 0.2, "megabytes": 0}
    assert figures_of(json.dumps({"figures": [one]})) == {
        "/en/ (anyone)": ("ms", 1.7),
        "/en/ (anyone), p99": ("ms", 1008.5),
    }
