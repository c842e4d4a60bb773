"""What the faces say, in Chinese and English: refusals by their code, pages through Babel's catalogues."""

from openroll.words.refusals import SENTENCES, say

__all__ = ["SENTENCES", "say"]
