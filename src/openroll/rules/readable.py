"""What stands readable in every record beside its digests: the kind, the way to connect, the district. Judged by its words.

A clear field that says who somebody is, or what they believe or do, is refused whatever door it comes in by: so is the name of
a kind. Of kinds of people the words are a closed list; other kinds say in so many words that they are no people.
"""

from collections.abc import Iterator

from openroll.rules.heads import is_headed
from openroll.rules.kinds import NATURAL, Nature
from openroll.rules.language import Text
from openroll.rules.naming import names_somebody
from openroll.rules.sentence import Sentence
from openroll.rules.strays import because
from openroll.rules.telltales import Group, only, says, tells


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


def revealing(name: str, title: Text) -> Iterator[Sentence]:
    """Why a name and its title may not stand readable in a record, in words; nothing where they may."""
    yield from (why for group, why in _WHY if tells(group, (name,), (title,)))
    if any(names_somebody(text) for text in (name, *title.values())):
        yield _NUMBER


def revealing_kind(nature: Nature, name: str, title: Text) -> Iterator[Sentence]:
    """The same of a kind: of people it may say nothing but plain words."""
    found = tuple(revealing(name, title))
    yield from found
    if not found and nature in NATURAL and not only("plain", name, title):
        yield because(_NOT_PLAIN, "plain", name, title)


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
