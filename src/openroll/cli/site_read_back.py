"""After sites were filed or told of: what the log has of each, held against what was sent. A site stands as the log says it."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from openroll.cli.output import MOST_SHOWN, err, fail, line
from openroll.cli.requests import at_roll
from openroll.cli.requests.at_roll import Log, json_at
from openroll.cli.requests.read_back import Act, believing, entry_said, fact_said, keep_head, keep_receipts
from openroll.cli.requests.unanswered import LOOKS as LOOKS_AFTER
from openroll.cli.requests.unanswered import Failed, was_refused, with_more
from openroll.register.site.number import number_text
from openroll.tlog import TlogError, parse_proof
from openroll.watch.requests.proved import Fact
from openroll.watch.requests.read_back import ReadBack
from openroll.watch.roll_api import Declined, NotSent, RollApi
from openroll.watch.site_facts import Sent, is_placed, read_site
from openroll.watch.source import Unreachable


class Facts(msgspec.Struct):
    """The facts of a site that one hosts, as they are served."""

    facts: list[Fact]


class _Found(msgspec.Struct, frozen=True):
    number: str
    operator: str


class _Otherwise(NamedTuple):
    sent: Sent
    found: ReadBack


def sites_back(api: RollApi, sent: Sequence[Sent], act: Act) -> None:
    """Hold what the log has of sites against what was sent of them; the end where it says otherwise, naming each.

    They are waited for together, as long as a log promises them a place. Status 2 where some have none then, or could not be
    looked for; 1 where the log says otherwise.
    """
    waits, wrong, late, newest = _Waits(), [], [], None
    with believing(act):
        for one in sent:
            served = _placed(api, one, waits)
            if not is_placed(one, served) and not (served and all(fact.receipt for fact in served)):
                late.append(one)
                continue
            found = read_site(one, served, act.log.keys, act.log.policy)
            newest = found.act or newest
            if found.act is None:
                wrong.append(_Otherwise(one, found))
    if wrong:
        _say_otherwise(act, wrong)
    if late:
        fail(
            f"{act.said}, and {_which(late)} {'is' if len(late) == 1 else 'are'} not in the log yet: rest nothing on it."
            f" Look again by {act.again}.",
            2,
        )
    if newest is not None:
        keep_head(act, newest.receipt)
        err.print(f"Read back from the log, as it was sent: {len(sent):,}.")


class _Waits:
    """How often may still be waited."""

    def __init__(self) -> None:
        self._left = at_roll.LOOKS

    def once(self) -> bool:
        """Wait, if that may be."""
        if not self._left:
            return False
        self._left -= 1
        at_roll.pause(at_roll.LOOKS_APART)
        return True


def _placed(api: RollApi, one: Sent, waits: _Waits) -> list[Fact]:
    """The facts of a site once they have their place in the log; or as they are when the time is over."""
    served = facts_of(api, one.number)
    while not is_placed(one, served) and waits.once():
        served = facts_of(api, one.number)
    return served


def facts_of(api: RollApi, number: int) -> list[Fact]:
    """The facts of a site that one hosts. Raises Declined, Unreachable."""
    return json_at(api, f"sites/{number_text(number)}/facts", Facts).facts


def _say_otherwise(act: Act, wrong: Sequence[_Otherwise]) -> None:
    """Name each site of which the log says otherwise, with what it says; keep the receipts that prove it; end with status 1."""
    kept: list[str] = []
    lost = ""
    for one in wrong:
        has = one.found.since
        meant = "" if one.found.meant is None else f", of which was sent: {fact_said(one.found.meant)}"
        instead = "; ".join(entry_said(each, one.found.size) for each in has) or "no entry of it"
        if len(kept) < MOST_SHOWN:
            line(f"{number_text(one.sent.number)}{meant}. THE LOG HAS {instead}.")
        files, lost = keep_receipts(act._replace(name=f"site-{number_text(one.sent.number)}"), has)
        kept += files
    saved = f" The receipts that prove it: {', '.join(kept[:MOST_SHOWN])}." if kept else ""
    fail(
        f"{act.said}, and THE LOG SAYS OTHERWISE of {_which([one.sent for one in wrong])}. That is not what was sent. Tell the"
        f" supervisor and whoever watches the log.{saved}{lost}",
        1,
    )


def _which(sent: Sequence[Sent]) -> str:
    named = ", ".join(number_text(one.number) for one in sent[:MOST_SHOWN])
    return named if len(sent) <= MOST_SHOWN else f"{named} and {len(sent) - MOST_SHOWN:,} more"


def sites_after(error: Failed, api: RollApi, domains: Sequence[str], operator: str, size: int, log: Log) -> Failed:
    """The error of sites in the open that were refused or not answered, with what the log has of them all the same.

    `domains`: the first of each. A part of a list is taken whole or not at all: where nothing answered, the first is waited for.
    """
    if isinstance(error, NotSent) or not domains:
        return error
    try:
        looks = 1 if was_refused(error) else LOOKS_AFTER
        for at in range(looks):
            if _fresh(api, domains[0], operator, size) or at + 1 == looks:
                break
            at_roll.pause(at_roll.LOOKS_APART)
        numbers = [number for domain in domains for number in _fresh(api, domain, operator, size)]
    except (Declined, Unreachable, TlogError) as blind:
        return with_more(error, f"It could not be looked for in the log: {str(blind).rstrip('.')}")
    return _with_numbers(error, numbers, log)


def _with_numbers(error: Failed, numbers: Sequence[str], log: Log) -> Failed:
    if not numbers:
        return with_more(error, f"Looked for by domain: nothing of it is in the log of {log.origin}")
    named = ", ".join(numbers[:MOST_SHOWN]) + (" …" if len(numbers) > MOST_SHOWN else "")
    if was_refused(error):
        return with_more(
            error,
            f"AND {len(numbers):,} of them WERE FILED since, whatever the roll says: {named}. Tell the supervisor and whoever"
            " watches the log",
        )
    return with_more(error, f"{len(numbers):,} of them are filed: {named}. Send the list again: it is read back then")


def _fresh(api: RollApi, domain: str, operator: str, size: int) -> list[str]:
    """The numbers of an operator's own sites under a domain that something was done to since the log had so many entries."""
    found = json_at(api, f"sites?domain={quote(domain, safe='')}", list[_Found])
    return [one.number for one in found if one.operator == operator and _stepped(api, one.number, size)]


def _stepped(api: RollApi, number: str, size: int) -> bool:
    facts = json_at(api, f"sites/{quote(number, safe='')}/facts", Facts).facts
    return any(not one.receipt or parse_proof(one.receipt.encode()).index >= size for one in facts)


def check_after(error: Failed, api: RollApi, number: int, size: int) -> Failed:
    """The error of something told of a site that was refused or not answered, with what was done to the site all the same."""
    if isinstance(error, NotSent):
        return error
    looks = 1 if was_refused(error) else LOOKS_AFTER
    try:
        for at in range(looks):
            stepped = _stepped(api, number_text(number), size)
            if stepped or at + 1 == looks:
                break
            at_roll.pause(at_roll.LOOKS_APART)
    except (Declined, Unreachable, TlogError) as blind:
        return with_more(error, f"It could not be looked for in the log: {str(blind).rstrip('.')}")
    if not stepped:
        return error
    return with_more(
        error, "AND SOMETHING WAS DONE to that site since, in your name if you did not do it: look at its page"
    )
