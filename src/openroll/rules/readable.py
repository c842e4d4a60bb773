"""What stands readable in every record beside its digests: the kind, the way to connect, the district. Judged by its words.

A clear field that says who somebody is, or what they believe or do, is refused whatever door it comes in by: so is the name of
a kind. Of kinds of people the words are a closed list; other kinds say in so many words that they are no people.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from openroll.rules.heads import is_headed
from openroll.rules.kinds import NATURAL, DeclaredKind, Nature
from openroll.rules.language import Text
from openroll.rules.naming import names_somebody
from openroll.rules.sentence import Sentence, sentence
from openroll.rules.strays import because
from openroll.rules.telltales import Group, folded, only, says, tells


def _(text: str) -> str:
    """Mark a text for the catalogue."""
    return text


_WHY: tuple[tuple[Group, Sentence], ...] = (
    ("sensitive", Sentence(_("it says what data protection law sets apart"))),
    ("activity", Sentence(_("it says what they do"))),
    ("identity", Sentence(_("it says who somebody is"))),
)
_NUMBER = Sentence(_("it holds a number or an address by which somebody is found"))
_NOT_PLAIN = Sentence(_("its words are in no list of plain words for kinds of people"))
PLAIN: Mapping[Nature, Group] = {"person": "plain", "household": "dwelling", "machine": "gear"}
"""The closed list of the words of kinds of people: a machine is its user's, and nobody says who is in a household."""
MOST_KINDS = 4
"""Kinds of people and machines a rule declares at most: each more of them tells people apart in each record (our policy)."""
MOST_WORDS = 8
"""Words that the title of a kind of people has at most; of Chinese, characters twice as many."""
COMES_OF_AGE = range(14, 22)
"""Ages at which the laws of the world let somebody come of age: the one number that kinds of people may have."""
_LONG = sentence(_("it has more than {most} words, which say more of them than what they are"), most=MOST_WORDS)
_AGE = Sentence(_("a number in it is no age at which somebody comes of age"))
_AGES = Sentence(_("its number is not that of another kind of the rule: they set people apart by age"))
_SAME = Sentence(_("another kind of people has the same title: what tells them apart is not said"))
_MANY = sentence(
    _("the rule has more than {most} kinds of people and machines, which set people apart"), most=MOST_KINDS
)


def revealing(name: str, title: Text) -> Iterator[Sentence]:
    """Why a name and its title may not stand readable in a record, in words; nothing where they may."""
    yield from (why for group, why in _WHY if tells(group, (name,), (title,)))
    if any(names_somebody(text) for text in (name, *title.values())):
        yield _NUMBER


def revealing_kind(nature: Nature, name: str, title: Text) -> Iterator[Sentence]:
    """The same of a kind: of people it may say nothing but plain words, and few of them."""
    found = tuple(revealing(name, title))
    yield from found
    if found or nature not in PLAIN:
        return
    if not only(PLAIN[nature], name, title):
        yield because(_NOT_PLAIN, PLAIN[nature], name, title)
    else:
        yield from too_telling(name, title)


def too_telling(name: str, title: Text) -> Iterator[Sentence]:
    """Why plain words say more of people than what they are: by being many, or by a number that is no age of coming of age."""
    if any(_is_long(text) for text in (name, *title.values())):
        yield _LONG
    elif not _numbers(name, title) <= set(map(str, COMES_OF_AGE)):
        yield _AGE


def telling_apart(kinds: Iterable[DeclaredKind]) -> Iterator[tuple[str, Sentence]]:
    """Kinds that tell people apart by being many, by a second age, or by their name alone; each with why."""
    people = [one for one in kinds if one.nature in PLAIN]
    yield from ((one.id, _MANY) for one in people[MOST_KINDS:])
    ages = [(one.id, _numbers(one.id, one.title)) for one in people]
    first = next((numbers for __, numbers in ages if numbers), frozenset[str]())
    yield from ((name, _AGES) for name, numbers in ages if len(numbers) > 1 or not numbers <= first)
    called: set[tuple[str, str]] = set()
    for one in people:
        titles = {(tag, folded(text).strip()) for tag, text in one.title.items()}
        if called & titles:
            yield one.id, _SAME
        called |= titles


def _numbers(name: str, title: Text) -> frozenset[str]:
    return frozenset(number for text in (name, *title.values()) for number in re.findall(r"\d+", folded(text)))


def _is_long(text: str) -> bool:
    """Whether a text has more words than the name of a kind needs."""
    words = re.findall(r"[^\W_]+", text)
    signs = sum(len(word) for word in words if not word.isascii() and "CJK" in unicodedata.name(word[0], ""))
    return len(words) > MOST_WORDS or signs > 2 * MOST_WORDS


def names_people(nature: Nature, name: str, title: Text) -> bool:
    """Whether a kind is people at home whatever its nature: its words say so, or do not say that it is something else.

    A machine is its user's. Who is served may be a company, and then it says so. An organisation, an operator and a site say
    that they are one.
    """
    if nature in NATURAL or nature == "machine":
        return True
    by_name = nature != "site" and tells("person", (name,), (title,))
    return by_name or not says_nature(nature, name, title)


def says_nature(nature: Nature, name: str, title: Text) -> bool:
    """Whether a kind that is no person says that it is what its nature says: an organisation, an operator or a site.

    Its words say so, and the head of each of its phrases is one of them: a card that a shop sells is no shop.
    """
    group: Group = "site" if nature == "site" else "firm"
    return says(group, name, title) and is_headed(group, name, title)
