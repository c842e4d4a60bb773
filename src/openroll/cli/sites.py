"""The commands that look at web sites as a roll's check does: for whoever files one, or keeps a list, before the roll looks."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, get_args

from cyclopts import App, Parameter
from cyclopts.validators import Number

from openroll.cli.output import MOST_SHOWN, bar, err, fail, line
from openroll.cli.table import Rows
from openroll.register.request.one_record import a_labels, domain_fault
from openroll.register.site.control import LABEL, WELL_KNOWN, Persisted, Wanted, persisted
from openroll.register.site.life import State
from openroll.sheet.faults import visible
from openroll.watch.probe import Control, Look, Place, check_control, look
from openroll.watch.probe.look import is_number
from openroll.watch.probe.watched import NotWatched, Watched
from openroll.words.domains import domain_shown

app = App(name="site", help="Web sites: look at them, file them, look them up.")

SEEN = {
    "answers": "yes",
    "faulty": "no: it says that it is broken",
    "no-name": "no: there is no such name, or it has no address",
    "names-silent": "no: its name servers say nothing",
    "names-fail": "no: its name servers fail",
    "forbidden": "not asked: its address is none of the public internet",
    "nobody": "no: nobody takes the connection, neither on port 80 nor on 443",
    "silent": "no: nothing came within the time",
    "not-http": "no: what answers there speaks no HTTP",
    "redirect": "no: it leads to where no check follows",
}
"""Every outcome of a look, as a sentence goes on behind "answers:"."""
MISSED = {
    "none": "there is none",
    "malformed": "what is there cannot be read as a proof",
    "issuer": "what is there is for another roll or authority",
    "account": "what is there names another filing",
    "ended": "it was for a time that is over",
    "subdomain": "the one of a domain above does not say policy=wildcard",
    "late": "nothing came within the time",
}
"""Why nothing proves control; what else can be is an outcome of a look."""
WHY_NONE = {
    "missing": "say which",
    "several": "it is more than one, or an ending (as co.uk) under which anybody may have theirs",
    "range": "it stands for numbers or networks",
    "pattern": "it is a pattern, or has characters that no domain has",
    "long": "it is longer than a domain can be",
    "hidden": "it has characters that nobody sees",
    "form": "write it as example.org, without http:// and without a path",
}


NameServers = Annotated[
    tuple[str, ...], Parameter(help="A name server's address to ask; otherwise this machine's own.")
]


@app.command
def check(
    domain: str,
    /,
    *,
    issuer: Annotated[str, Parameter(help="The roll's name, of which control is to be proved.")] = "",
    account: Annotated[str, Parameter(help="The address that the roll gave to the filing, with --issuer.")] = "",
    name_server: NameServers = (),
) -> None:
    """Ask a web site once whether it answers, and whether control of it is proved; nothing of what it says is kept.

    Only addresses of the public internet are asked, on ports 80 and 443. Status 1 where it does not answer, or is not proved.
    """
    name = domain_given(domain)
    wanted = _wanted(issuer, account)
    place = Place(servers=servers_given(name_server))
    seen = asyncio.run(look(place, name))
    _show(name, seen)
    proved = True
    if wanted is not None:
        control = asyncio.run(check_control(place, name, wanted, datetime.now(UTC)))
        _show_control(name, control, wanted)
        proved = control.proved
    raise SystemExit(0 if seen.answers and proved else 1)


@app.command
def watch(
    domains: Path,
    /,
    *,
    state: Annotated[Path, Parameter(help="The file that keeps what is known of each site; made the first time.")],
    name_server: NameServers = (),
    seconds: Annotated[float, Parameter(help="When the round ends, whatever is left.", validator=Number(gt=0))] = 600,
) -> None:
    """Look at those sites of a list (one domain a line) that are due, and say which have gone silent or come back.

    To be run every hour or day: a site that answers is looked at after one, two, four … 28 days. One that does not counts as
    silent after a week, as retired two months later, and as live again with one answer. Status 1 where one went silent or was
    retired, 2 where this machine reached nobody.
    """
    place, now = Place(servers=servers_given(name_server)), datetime.now(UTC)
    watched = Watched(state)
    try:
        with watched.opened(_listed(domains), now), bar() as show:
            done = asyncio.run(watched.round(place, now, seconds, partial(show, "sites")))
    except NotWatched as error:
        fail(f"{error}.")
    except OSError as error:
        fail(f"{state} cannot be written: {error.strerror or error}. Name another file.")
    if done.alone:
        fail(
            "This machine reaches nobody: most of the sites that answered before are silent at once, or its name servers tell"
            " nothing of any. Nothing of it counts; --name-server asks another."
        )
    for one in done.changed:
        state_now = f"{one.before} -> {one.life.state}" if one.before else f"{one.life.state} at the first look"
        line(f"{domain_shown(one.domain)}: {state_now}: {SEEN[one.seen.outcome]}")
    counted = watched.counted()
    states = ", ".join(f"{counted[state]:,} {state}" for state in get_args(State) if counted[state])
    left = f", {done.left:,} not come to in {seconds:g} seconds" if done.left else ""
    if not watched.sites:
        fail(f"{domains} names no domain: one a line, and nothing that begins with #. Nothing is watched.")
    due = min(life.due for life in watched.sites.values())
    line(
        f"Looked at {done.looked:,} of {len(watched.sites):,} sites{left}: {states or 'none'}.",
        f"Next due: {due:%Y-%m-%d %H:%M} UTC.",
    )
    raise SystemExit(1 if any(one.life.state in ("silent", "retired") for one in done.changed) else 0)


def _listed(path: Path) -> list[str]:
    """The domains of a list; every line that is none is said, and nothing is looked at."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        fail(f"{path} is not UTF-8. Save it as plain text, UTF-8, one domain a line.")
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror or error}.")
    found, wrong = [], []
    for number, text in enumerate(lines, 1):
        said = text.partition("#")[0].strip()  # no domain has that mark: what follows is a remark
        if not said:
            continue
        name, why = _read_domain(said)
        found.append(name)
        if why:
            wrong.append((str(number), said, WHY_NONE[why]))
    if wrong:
        table = Rows("line", "value", "what to do", title=f"{visible(str(path))}: lines that are no domain")
        for row in wrong[:MOST_SHOWN]:
            table.add_row(*row)
        err.print(table)
        if len(wrong) > MOST_SHOWN:
            err.print(f"… and {len(wrong) - MOST_SHOWN:,} more.")
        raise SystemExit(2)
    return list(dict.fromkeys(found))


def _read_domain(text: str) -> tuple[str, str]:
    """A domain in A-labels, and what is wrong with it."""
    name = a_labels(text.strip())
    return name, "form" if is_number(name) else domain_fault(name)


def domain_given(text: str) -> str:
    """A domain that is named on the command line, in A-labels, or a sentence and the end."""
    name, why = _read_domain(text)
    if why:
        fail(f"{text}: this is not a domain that can be filed: {WHY_NONE[why]}.")
    return name


def servers_given(given: tuple[str, ...]) -> tuple[str, ...]:
    """Name servers that are named on the command line, or a sentence and the end."""
    for one in given:
        try:
            ip_address(one)
        except ValueError:
            fail(f"--name-server {one}: expected the address of a name server, as 192.0.2.53.")
    return given


def _wanted(issuer: str, account: str) -> Wanted | None:
    if not issuer and not account:
        return None
    wanted = persisted(f"{issuer}; accounturi={account}")
    if wanted is None:
        fail(
            "--issuer and --account belong together: a roll's name, as roll.example.org, and the address that it gave."
        )
    return Wanted(wanted.issuer, wanted.account)


def _show(domain: str, seen: Look) -> None:
    line(domain_shown(domain))
    status = f" (status {seen.status})" if seen.status else ""
    line(f"  answers: {SEEN[seen.outcome]}{status}{f': {seen.detail}' if seen.detail else ''}")
    if seen.host != domain:
        line(f"  at: {domain_shown(seen.host)}, where it leads")
    if seen.dialled:
        line(f"  asked at: {', '.join(dict.fromkeys(seen.dialled))}")


def _show_control(domain: str, control: Control, wanted: Wanted) -> None:
    if control.proved:
        line(f"  control: proved by {control.by}")
        return
    value = Persisted(wanted.issuer, wanted.account).value()
    line(
        "  control: not proved",
        f"    record {LABEL}.{control.above or domain}: {_missed(control.record)}",
        f"    file http://{domain}{WELL_KNOWN}: {_missed(control.file)}",
        "  to prove it, publish one of the two:",
        f'    {LABEL}.{domain}. IN TXT "{value}"',
        f"    the file, with this one line: {value}",
    )


def _missed(why: str | None) -> str:
    return MISSED.get(why or "none") or SEEN[why or "none"].removeprefix("no: ")
