"""Control of a domain is proved by its standing record, by a parent's for all below it, or by the file on the site."""

import asyncio
from datetime import UTC, datetime

from openroll.register.site.control import LABEL, WELL_KNOWN, Persisted, Wanted
from openroll.watch.probe import Control, check_control
from tests.watch.probe.world import SITE, World, says

NAME = "www.site.example"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
WANTED = Wanted("roll.example", "https://roll.example/site-filings/7f3a")
VALUE = Persisted(WANTED.issuer, WANTED.account).value()


def checked(world: World, **times: float) -> Control:
    return asyncio.run(check_control(world.place(**times), NAME, WANTED, NOW))


def record(world: World, name: str, *values: str) -> None:
    world.zone[f"{LABEL}.{name}", "TXT"] = [f'"{value}"' for value in values]


def test_a_standing_record_among_others_proves_control(world: World) -> None:
    record(world, NAME, "v=spf1 -all", "ca.example; accounturi=https://ca.example/1", VALUE)
    assert checked(world) == Control(True, f"{LABEL}.{NAME}")


def test_a_record_of_a_parent_proves_it_where_it_says_so(world: World) -> None:
    record(world, "site.example", VALUE)
    seen = checked(world)
    assert (seen.record, seen.above) == ("subdomain", "site.example")
    record(world, "site.example", VALUE + "; policy=wildcard")
    assert checked(world) == Control(True, f"{LABEL}.site.example")


def test_a_record_in_several_strings_and_too_large_for_a_datagram_is_read(world: World) -> None:
    world.zone[f"{LABEL}.{NAME}", "TXT"] = [
        *(f'"v=filler{number:020d}{"x" * 60}"' for number in range(40)),
        '"roll.example;" " accounturi=https://roll.example/site-filings/7f3a"',
    ]
    assert checked(world).proved


def test_a_zone_of_ten_thousand_records_is_not_worked_through(world: World) -> None:
    values = [f"v={number}" for number in range(2_000)]
    record(world, NAME, *values)
    assert checked(world, whole=20, names=10).record == "malformed"


def test_a_file_proves_it_where_no_record_does(world: World) -> None:
    world.at(NAME, SITE)
    world.sites[NAME] = says(200, VALUE.encode() + b"\n")
    assert checked(world) == Control(True, WELL_KNOWN)
    assert world.asked == [NAME + WELL_KNOWN]


def test_a_file_that_holds_more_than_the_proof_or_another_is_none(world: World) -> None:
    world.at(NAME, SITE)
    for body, why in (
        (VALUE.encode() + b" " * 200, "none"), (VALUE.encode() + b"\nmore", "malformed"),
        (VALUE.replace("7f3a", "0000").encode(), "account"), (b"<html>", "malformed"), ("é".encode(), "none"),
    ):  # fmt: skip
        world.sites[NAME] = says(200, body)
        assert checked(world) == Control(False, "", "none", why)
    world.sites[NAME] = says(404, VALUE.encode())
    assert checked(world) == Control(False, "", "none", "none")
