"""What the faces say, in Chinese and English: refusals and faults by their codes, pages through Babel's catalogues."""

from openroll.words.faults import say_fault
from openroll.words.findings import say_finding
from openroll.words.refusals import SENTENCES, say, say_refused

__all__ = ["SENTENCES", "say", "say_fault", "say_finding", "say_refused"]
