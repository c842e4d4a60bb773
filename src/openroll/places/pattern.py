"""Patterns of numbers, matched in time that a hostile file cannot stretch: a row of characters and how often each stands.

The form is a part of regular expressions that people know (`[0-9]{7,8}`, `A[0-9]{6}|[0-9]{9}[A-Z]?`): characters and classes of
letters, digits, `/`, `.` and `-`, each with `?` or `{m}` or `{m,n}`, and `|` between whole patterns. No groups and no stars.

Here every way is followed at once; a browser, which is given the same pattern, tries them one after another (`shape.js`). So the
ways in which a pattern can be gone through are counted and bounded: two that overlap multiply, whatever text they are tried on.
"""

import re
from functools import cache
from math import prod
from typing import NamedTuple

MOST_TIMES = 40
MOST_WAYS = 1000
"""Ways to go through a pattern, all alternatives together: so many times its length are the steps of a browser, at most."""
MOST_LENGTH = 100
"""Characters of the longest text that a pattern fits; `shape.js` tries no longer one."""
_ATOM = re.compile(
    r"(?:(?P<one>[A-Za-z0-9/.-])|\[(?P<of>[A-Za-z0-9/.-]+)\])(?:\{(?P<least>\d{1,2})(?:,(?P<most>\d{1,2}))?\}|(?P<may>\?))?"
)


class PatternWrong(ValueError):
    """A pattern that is not of the form above. Says where it stops to be."""


class Atom(NamedTuple):
    """One of these characters, from `least` to `most` times."""

    characters: frozenset[str]
    least: int
    most: int


@cache
def read(pattern: str) -> tuple[tuple[Atom, ...], ...]:
    """What a pattern asks: its alternatives, each a row of atoms. Raises PatternWrong."""
    found = tuple(tuple(_atoms(part)) for part in pattern.split("|"))
    ways = sum(prod(one.most - one.least + 1 for one in atoms) for atoms in found)
    if ways > MOST_WAYS:
        raise PatternWrong(f"it can be gone through in {ways} ways, more than {MOST_WAYS}: let fewer counts vary")
    longest = max(sum(one.most for one in atoms) for atoms in found)
    if longest > MOST_LENGTH:
        raise PatternWrong(f"it fits {longest} characters, more than the {MOST_LENGTH} of a number")
    return found


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text fits. Steps grow with the length of both and no faster."""
    return any(_fits(text, atoms) for atoms in read(pattern))


def _atoms(part: str) -> list[Atom]:
    atoms, at = [], 0
    while at < len(part):
        found = _ATOM.match(part, at)
        if found is None:
            raise PatternWrong(f"{part[at:][:20]!r} is neither a character, a class in brackets nor a count in braces")
        least = 0 if found["may"] else int(found["least"] or 1)
        most = 1 if found["may"] else int(found["most"] or least)
        if not least <= most <= MOST_TIMES:
            raise PatternWrong(f"{found[0]!r} asks for {least} to {most}; a count goes up, to {MOST_TIMES} at most")
        atoms.append(Atom(_class(found["of"]) if found["of"] else frozenset(found["one"]), least, most))
        at = found.end()
    if not atoms:
        raise PatternWrong("it, or a part between its bars, is empty")
    return atoms


def _class(inside: str) -> frozenset[str]:
    """The characters of a class: single ones, and ranges such as `0-9`."""
    ranges = re.findall(r"[A-Za-z0-9]-[A-Za-z0-9]", inside)
    singles = re.sub(r"[A-Za-z0-9]-[A-Za-z0-9]", "", inside)
    for first, last in (one.split("-") for one in ranges):
        if first > last:
            raise PatternWrong(f"the range {first}-{last} goes down")
    within = {chr(code) for one in ranges for code in range(ord(one[0]), ord(one[2]) + 1)}
    return frozenset(within | set(singles))


def _fits(text: str, atoms: tuple[Atom, ...]) -> bool:
    """Follow every way at once: which ends of the text's beginnings each atom can reach."""
    ends = {0}
    for atom in atoms:
        reached: set[int] = set()
        for start in ends:
            run = start
            while run < len(text) and run - start < atom.most and text[run] in atom.characters:
                run += 1
            reached.update(range(start + atom.least, run + 1))
        ends = reached
    return len(text) in ends
