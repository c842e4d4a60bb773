"""`openroll jurisdiction propose`: the first pair of eyes for a changed jurisdiction, and `save`: what is in force as files."""

from datetime import date
from pathlib import Path

from cyclopts import App

from openroll.cli.arguments import NotSaid, spoken
from openroll.cli.jurisdiction_files import made_on_in, proposed_in
from openroll.cli.output import out, refuse
from openroll.cli.wiring import Wiring
from openroll.durable import fill_folder
from openroll.places import full_name
from openroll.places.writing import saved_files
from openroll.register.decision import Refused
from openroll.register.organisation.roles import KEEPER
from openroll.rules.language import ENGLISH
from openroll.service.governance.made_on import place_lost_in
from openroll.service.governance.rule_versions import place_to_change, propose_place


def add(jurisdictions: App, wiring: Wiring) -> None:
    """Add the commands on the jurisdiction of the roll."""
    _add_save(jurisdictions, wiring)
    _add_propose(jurisdictions, wiring)


def _add_save(jurisdictions: App, wiring: Wiring) -> None:
    @jurisdictions.command
    def save(folder: Path, /, *, day: date | None = None) -> None:
        """Write the jurisdiction in force of the roll as files to change: all that the roll holds of it.

        These are jurisdiction.yaml, districts.csv, offices.csv, days.csv (what the library of holidays does not say), and the map
        and the what-if city of its own, if there are any. What the folder that is proposed has no file of stays as it is.

        Parameters
        ----------
        folder
            Where to write them; empty, or not there yet.
        day
            The day on which the change is to start (default: today). What is in force then is what is changed.
        """
        roll = wiring.roll()
        place = roll.place if day is None else roll.rule_on(day).place
        with spoken("jurisdiction"):
            if folder.exists() and any(folder.iterdir()):
                raise NotSaid(
                    f"{folder}: there is something in it already. Give a folder that is empty or not there yet."
                )
            texts = saved_files(place)
            fill_folder(folder, {Path(name): text.encode() for name, text in texts.items()})
            for name in texts:
                out.print(str(folder / name), soft_wrap=True)
        for one in roll.versions:
            if day is None and one.starts > roll.day(roll.clock()) and one.place_name != roll.version.place_name:
                out.print(
                    f"From {one.starts} on {one.place_name} is in force: --day {one.starts} saves that.", soft_wrap=True
                )


def _add_propose(jurisdictions: App, wiring: Wiring) -> None:
    @jurisdictions.command
    def propose(folder: Path, /, *, starts: date, yes: bool = False) -> None:
        """Propose a changed jurisdiction, in force from a day (official; the first pair of eyes). Says what it changes first.

        It is read with the rule of that day, and made on what is in force that day. Somebody of the registrar publishes it on the
        page Rules, or drops it. It counts as proposed by whoever keeps the machine.

        Parameters
        ----------
        folder
            The changed jurisdiction, as `jurisdiction save` writes one; what it has no file of stays as it is.
        starts
            Its first day, tomorrow at the earliest.
        yes
            Send it. Without this only what it changes is said.
        """
        from openroll.web.place_changes import place_changes  # noqa: PLC0415 - the words of pages come with what says them

        roll = wiring.roll()
        with spoken("jurisdiction"):
            base = made_on_in(folder)
            old = place_to_change(roll, starts, base)
            if isinstance(old, Refused):
                refuse(old)
            place = proposed_in(folder, old)
        for one in place_changes(old, place, ENGLISH):
            out.print(f"{one['path']}: {one['old'] or '—'} → {one['new'] or '—'}", soft_wrap=True)
        if (later := place_lost_in(roll, place, starts)) is not None:
            out.print(
                f"From {later.starts} on {later.name} in {later.place_name} is in force, without this change. It can be published"
                f" once the change was published from {later.starts} on as well (jurisdiction save --day {later.starts}).",
                soft_wrap=True,
            )
        if not yes:
            out.print(f"This would be {full_name(place)} from {starts} on. Nothing was sent: read it, then add --yes.")
            return
        proposed = propose_place(roll, place, starts, KEEPER, base)
        if isinstance(proposed, Refused):
            refuse(proposed)
        out.print(
            f"Proposed {full_name(place)} from {starts} on. Somebody of the registrar publishes it, on the page Rules."
        )
