"""By which words an organisation's site is found: those of the organisation's name, and its domains in both spellings. Pure.

What is typed is the beginning of a word. Scripts that put no blanks between words (Chinese, Japanese, Thai) are found from any
letter on, a domain from any of its labels on. A domain as a whole stands there once more, behind a mark that nobody types.
"""

import re
import unicodedata
from collections.abc import Iterator

from openroll.register.request.one_record import u_labels

MOST_TERMS, LONGEST = 4, 253
"""Words that one search looks for, and letters of each: a domain has so many at most."""
_MOST_WORDS, _LONGEST_WORD, _MOST_SUFFIXES = 40, 64, 32
"""Of a name: its words, their letters, and from how many letters on a word without blanks is found."""
_WORD = re.compile(r"\w+")
_WHOLE = "="
_AROUND = "=\"'“”‘’«»„()[]{}<>,;:!?/*%_\\"


def search_words(sponsor: str, domains: tuple[str, ...]) -> tuple[str, ...]:
    """The words by which an organisation's site is found, each once, in the order of their letters; a person's has none."""
    return tuple(sorted({*_of_name(sponsor), *(word for domain in domains for word in _of_domain(domain))}))


def search_terms(text: str) -> tuple[str, ...]:
    """The beginnings of words that somebody typed, the longest first: of a site that is found each begins one of its words."""
    pieces = (piece.strip(_AROUND).strip(".")[:LONGEST] for piece in _plain(text).split())
    return tuple(sorted({piece for piece in pieces if piece}, key=lambda piece: (-len(piece), piece))[:MOST_TERMS])


def whole_domain(domain: str) -> str:
    """The word by which the sites of just this domain, in A-labels, are found."""
    return f"{_WHOLE}{domain}"


def _of_name(sponsor: str) -> Iterator[str]:
    pieces = [piece.strip(_AROUND).strip(".") for piece in _plain(sponsor).split()[:_MOST_WORDS]]
    for piece in pieces:
        if piece:
            yield piece[:_LONGEST_WORD]
        for word in _WORD.findall(piece):
            # Letters that are neither large nor small are those of scripts that may have no blanks.
            many = _MOST_SUFFIXES if any(unicodedata.category(letter) == "Lo" for letter in word) else 1
            for at in range(min(len(word), many)):
                yield word[at : at + _LONGEST_WORD]


def _of_domain(domain: str) -> Iterator[str]:
    """A domain as a whole, and from each of its labels on, but the last: that is half of all sites'."""
    yield whole_domain(domain)
    for written in {domain, _plain(u_labels(domain))} if "xn--" in domain else (domain,):
        labels = written.split(".")
        for at in range(max(1, len(labels) - 1)):
            yield ".".join(labels[at:])


def _plain(text: str) -> str:
    """Large and small letters, full and half width, alike (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("\x00", "")
