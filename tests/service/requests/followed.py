"""What an auditor who reads a roll's log from its first entry finds of requests."""

from openroll.service.roll import Roll
from openroll.tlog import Entry
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.log_reader import LogReader
from openroll.watch.source import FolderSource


def not_following(roll: Roll) -> list[str]:
    """What of each entry does not follow from those before it, or was not allowed."""
    log = FolderSource(roll.public)
    head = roll.keys.succession.open(log.get("checkpoint") or b"")
    rules = RequestRules(bodies=Bodies(), from_first=True)
    entries = map(Entry.parse, LogReader(log, head).entries(0, head.size))
    days = CivilDays(roll.zone)
    return [
        f"{one.act}: {said}" for one in entries if (said := rules.take(one.kind, one.act or "", days.within(one.day)))
    ]
