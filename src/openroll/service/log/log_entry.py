"""The entry of an event in the public log: the one definition, for the sequencer and for everything that checks it."""

from datetime import date

from openroll.register.kinds import OFFICIAL
from openroll.tlog import Entry
from openroll.tlog.entry import longest_act


def log_entry(name: str, day: date | str, commitment: bytes, body: str) -> Entry:
    """The entry of an event: an official act's in full, a person's as kind, day and commitment only.

    An official act that is longer than an entry can be has its commitment alone, so that it does not keep everything behind it
    out of the log. None is written any more (`register.texts.too_long`), and an event that stands in a roll of before can neither
    be shortened nor taken away. `openroll log fsck` names it, and to whoever audits the log it is a silent act.
    """
    act = body if name in OFFICIAL and not is_too_long(name, body) else None
    return Entry(name, str(day), bytes(commitment), act or None)


def is_too_long(name: str, body: str) -> bool:
    """Whether an official act's text does not fit into an entry of its kind."""
    return name in OFFICIAL and len(body.encode()) > longest_act(name)
