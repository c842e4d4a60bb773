"""What an auditor who reads a roll's log from its first entry finds of requests, and what whoever believes it leaves out."""

from openroll.service.roll import Roll
from openroll.tlog import Entry
from openroll.watch.audit.bodies import Bodies
from openroll.watch.audit.entries import CivilDays
from openroll.watch.audit.request_rules import RequestRules
from openroll.watch.log_reader import LogReader
from openroll.watch.requests.believed import BelievedLog
from openroll.watch.source import FolderSource


def not_following(roll: Roll) -> list[str]:
    """What of each entry does not follow from those before it, or was not allowed; if all does, what no reader believes."""
    log = FolderSource(roll.public)
    head = roll.keys.succession.open(log.get("checkpoint") or b"")
    rules, believed = RequestRules(bodies=Bodies(), from_first=True), BelievedLog()
    entries = list(map(Entry.parse, LogReader(log, head).entries(0, head.size)))
    for index, entry in enumerate(entries):
        believed.take(index, entry)
    days = CivilDays(roll.zone)
    wrong = [
        f"{one.act}: {said}" for one in entries if (said := rules.take(one.kind, one.act or "", days.within(one.day)))
    ]
    return wrong or list(filter(None, [str(believed.left_out)]))
