"""The closed lists of codes that a request is spoken of in: what is missing, why it is refused, what the operator answers."""

MISSING = ("record", "moment", "zone", "port", "case", "grounds", "basis", "officer")
"""What a request can lack: the record, the moment with its second, its time zone, the port, ... """

REASONS = (
    "incomplete",
    "not-specific",
    "no-basis",
    "beyond-purpose",
    "no-grounds",
    "disproportionate",
    "immunity",
    "conflict-of-law",
    "no-emergency",
    "other",
)
"""The one main reason of a refusal. `not-specific`: more than one record, or a pattern."""

GROUNDS = ("immunity", "privilege", "press-freedom", "conflict-of-law", "security", "other")
"""Why a third body objects."""

GIVING = ("given", "partly")
"""Outcomes with something in the envelope."""
NOT_GIVING = ("not-held", "impossible", "immunity", "conflict-of-law", "unclear", "disproportionate")
HOLDS_NONE = ("not-held", "unclear")
"""Outcomes of an operator that may hold no such record: then there is nobody to be told."""
OUTCOMES = (*GIVING, *NOT_GIVING)
"""How an operator answers (Regulation (EU) 2023/1543, Annex III, as codes)."""

URGENCIES = ("ordinary", "emergency")
DESIRED = ("now", "preserve", "produce")
"""What the officer wishes; what became of it stands beside it."""

MOST_ENVELOPE = 64 * 1024
"""Bytes of an envelope."""
KIB = 1024
TEXT = 24 * KIB
"""Bytes that the content of an ask, a question, what answers it and a letter is filled up to: the longest of them fits, in any
language, so that the length of the grounds tells nothing."""
ANSWER = MOST_ENVELOPE
"""An answer fills the whole envelope: neither the values nor how often the record changed can be seen in its length."""
NOTICE = 8 * KIB
"""Bytes that the content of a notice is filled up to: a page of text. All are of one size, so that nothing is told by it."""
MOST_BUCKET = 1023
"""The last bucket that notices are published in."""
