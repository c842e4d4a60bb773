"""What the faces say: refusals and faults by their codes, everything through Babel's catalogues."""

from openroll.words.faults import say_fault
from openroll.words.refusals import SENTENCES, say, say_refused

__all__ = ["SENTENCES", "say", "say_fault", "say_refused"]
