"""`openroll status`: whether the roll goes on, and who does what."""

from datetime import datetime
from pathlib import Path

from cyclopts import App

from openroll.cli.output import command, out, working
from openroll.cli.wiring import Wiring
from openroll.service.log.publishing import PASSED_BY, SILENT, Publishing, passed_by, publishing
from openroll.service.log.signing_hold import current_hold, said
from openroll.service.recovery.choice import lacks_of
from openroll.service.recovery.following import Copy, copies, damaged_notes, is_followed
from openroll.service.requests.notices import Lateness, lateness


def add(app: App, wiring: Wiring) -> None:
    """Add the command."""

    @app.command
    def status() -> None:
        """Who publishes the log and since when, how old its newest checkpoint and the last backup are, what waits, and for whom.

        Ends with status 1 where the log stands still, or has passed a fact by, or a backup is late or has a hole.
        """
        roll = wiring.roll()
        stands, hold, past = publishing(roll), current_hold(roll.home), passed_by(roll)
        for sentence in (*_of_log(stands), *_of_leader(stands)):
            out.print(sentence, soft_wrap=True, markup=False)
        with working("Looking at every notice"):
            late = lateness(roll, all_notices=True)
        for sentence in _of_requests(late):
            out.print(sentence, soft_wrap=True, markup=False)
        for one in stands.blockers:
            out.print(
                f"Places wait for an open transaction of {one.login} ({one.application or 'without a name'}, process {one.pid}).",
                soft_wrap=True,
                markup=False,
            )
        for sentence in [f"Stands still: {SILENT.partition(';')[0]}."] * stands.silent + (
            [] if hold is None else [said(hold)]
        ):
            out.print(sentence, soft_wrap=True, markup=False)
        if past:
            out.print(f"{PASSED_BY.format(past)}.", soft_wrap=True, markup=False)
        now, backed_up = roll.clock(), copies(roll)
        for copy in backed_up:
            out.print(_of_copy(copy, now, followed=is_followed(roll, copy.folder)), soft_wrap=True, markup=False)
        notes = damaged_notes(roll)
        if not backed_up and not notes:
            out.print(_NEVER, soft_wrap=True, markup=False)
        damaged = [_of_damage(note) for note in notes]
        damaged += [sentence for copy in backed_up if (sentence := _of_lack(copy))]
        for sentence in damaged:
            out.print(sentence, soft_wrap=True, markup=False)
        if stands.silent or hold is not None or past or damaged or any(copy.late(now) for copy in backed_up):
            raise SystemExit(1)


def _of_log(stands: Publishing) -> list[str]:
    age = "" if stands.age is None else f", published {stands.age:,.0f} seconds ago"
    waits = (
        "No event waits." if stands.waiting is None else f"The first event that waits: {stands.waiting:,.0f} seconds."
    )
    return [f"The log: {stands.size:,} entries{age}.", waits]


def _of_requests(late: Lateness) -> list[str]:
    told = f"Requests of which the person was not told in time: {late.tellings:,}."
    steps = f"Requests in a step whose time is over: {late.steps:,} (`openroll work run` passes them)."
    return [told] * (late.tellings > 0) + [steps] * (late.steps > 0)


def _of_leader(stands: Publishing) -> list[str]:
    leader = stands.leader
    if leader is None or not leader.alive:
        said = "No process gives filings their places: none serves, or the one that did has just ended or lost the database"
        return [f"{said} (then it takes it up again within seconds)."]
    who = f"process {leader.pid} of the database ({leader.application})"
    if not stands.led:
        return [
            f"Places are given by {who}, which gave no sign for {leader.age:,.0f} seconds: the next one takes over."
        ]
    return [f"Places are given by {who}, for {leader.since:,.0f} seconds now."]


_NEVER = "No backup is known of here: `openroll backup make --to FOLDER` makes one. What this machine loses until then is lost."


def _of_damage(note: Path) -> str:
    return (
        f"{note} is damaged: which folder of backups it is of, and when something was last taken there, is not known."
        " Whoever follows there writes it anew with the next round; of a folder that nobody follows, take it away."
    )


def _of_lack(copy: Copy) -> str:
    lacks = "; ".join(lacks_of(Path(copy.folder)))
    again = command("backup", "make", "--to", copy.folder)
    return f"What is in {copy.folder} does not bring back everything: {lacks}. Make a backup: {again}." if lacks else ""


def _of_copy(copy: Copy, now: datetime, *, followed: bool) -> str:
    age = f"Backed up into {copy.folder} {max((now - copy.at).total_seconds(), 0):,.0f} seconds ago."
    if copy.every is None:
        return age
    promised = f"`backup follow` is to take what is new there every {copy.every:,g} seconds"
    if not followed:
        again = command("backup", "follow", "--to", copy.folder)
        to_do = f"begin it again ({again}), or give the folder up ({command('backup', 'stop', '--to', copy.folder)})"
        return f"{age} Nobody follows there any more, though {promised}: {to_do}."
    if copy.late(now) and copy.late_after is not None:
        after = f"called late from {copy.late_after.total_seconds():,.0f} seconds on, as a round takes some itself"
        return f"{age} That is late: {promised}, and it is {after}. It runs, and waits for what its own output says."
    return age
