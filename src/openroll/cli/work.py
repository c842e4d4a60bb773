"""Commands on what waits: for people, and for the background worker."""

from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.output import clock_time, out, refuse
from openroll.cli.table import Rows
from openroll.cli.wiring import Wiring
from openroll.rules.language import ENGLISH
from openroll.service import work
from openroll.words.labels import why_it_waits


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on what waits."""
    group = App(name="work", help="What waits, for people and for the machine.")
    app.command(group)

    @group.command(name="list")
    def list_work() -> None:
        """Everything that waits: its number, kind, owner, reason, when it is due, and how often it was tried in vain."""
        roll = wiring.roll()
        table = Rows("no", "kind", "owner", "reason", "due", "tried", lined=False)
        waiting = work.queue(roll)
        for one in waiting:
            row, due = one.row, one.row.due.astimezone(roll.zone)
            said = why_it_waits(ENGLISH, row.kind, row.reason, machine=row.owner == work.MACHINE)
            why = f"{said} {row.fault}" if row.fault else said
            why = f"{why} ({one.about})" if row.kind == work.CONTACT and one.about else why
            table.add_row(str(row.id), row.kind, row.owner, why, clock_time(due), str(row.attempts))
        out.print(table if waiting else "Nothing waits.")

    @group.command
    def run(
        *,
        again: Annotated[
            int | None, Parameter(help="Try this once more first: a number of what the machine gave up.")
        ] = None,
    ) -> None:
        """Do what is due now. The serving process does this by itself; both may do it at once."""
        roll = wiring.roll()
        if again is not None and (refused := work.retry(roll, again)) is not None:
            refuse(refused)
        done = work.run_due(roll, wiring.kinds(roll), roll.clock())
        faults = [f"{one.row.kind}: {one.result.fault}" for one in done if hasattr(one.result, "fault")]
        out.print(f"Done: {len(done) - len(faults)} of {len(done)} pieces of work.")
        for fault in faults:
            out.print(f"Not done: {fault}", soft_wrap=True, markup=False)
        if faults:
            raise SystemExit(1)
