"""What differs between two rules, or two of another form: value by value, things compared by their names, each with its article.

A path is made by the form's types (`rules.members`): each of its parts is known for a `Name` that somebody chose, or else a key.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openroll.rules.members import NAMED_BY, Name, is_default, is_struct, members
from openroll.rules.model import Rule


class Difference(NamedTuple):
    """One value that differs. `path` leads to it, names as `Name`; `old` or `new` is None where it is not there.

    `form` is the type of the value, by which one that comes or goes whole is opened (`each_value`).
    """

    path: tuple[str, ...]
    article: str
    old: Any
    new: Any
    form: Any = None


BOOKS = {("version",), ("jurisdiction", "version")}
"""What goes up with each change, by its whole path: said of no change, and nothing that a version undoes."""
_TITLES = {("id",), ("overlays",), *BOOKS}
"""What a rule or a jurisdiction is called."""


def differences(old: Any, new: Any, form: Any = Rule) -> Iterator[Difference]:
    """The differences of two states of one form as plain values, in the order of the form and of the old one."""
    yield from _differences(Difference((), "", old, new, form))


def as_read(found: Iterable[Difference]) -> list[Difference]:
    """Differences without each new article of a clause that another change of it names already."""
    differing = list(found)
    named = {(one.path[:place], one.article) for one in differing for place in range(len(one.path)) if not _cites(one)}
    return [one for one in differing if not (_cites(one) and (one.path[:-1], one.new) in named)]


def each_value(one: Difference) -> tuple[Difference, ...]:
    """A difference value by value: a thing that comes or goes whole as one for each value that it says.

    Its name stands in its path, and its article beside each value.
    """
    came = one.old is None
    there = one.new if came else one.old
    parts = members(there, one.form) if came or one.new is None else None
    if parts is None:
        return (one,)
    article = _article(there, one.form) or one.article
    said = (
        Difference((*one.path, key), article, None if came else value, value if came else None, form)
        for key, (value, form) in parts.items()
        if isinstance(key, Name) or (key not in ("article", *NAMED_BY) and not is_default(key, value, one.form))
    )
    return tuple(each for value in said for each in each_value(value)) or (one,)


def kept_in(old: Any, new: Any, later: Any, form: Any = Rule) -> bool:
    """Whether each value in which `new` differs from `old` stands in `later` as in `new`. All are plain; `version` counts not."""
    found = (one for one in differences(old, new, form) if one.path not in BOOKS)
    return all(_at(later, one.path, form) == one.new for one in found)


def taken_back(before: Iterable[Any], now: Any, new: Any, form: Any = Rule) -> Iterator[Difference]:
    """What `new` changes of `now` back to what it was in one of `before`, as a text does that was made on one of those.

    Of a list or a text in several languages it is enough that one member goes back. All are plain; names and versions count not.
    """
    earlier = list(before)
    for one in differences(now, new, form):
        if one.path not in _TITLES and any(_goes_back(_at(was, one.path, form), one.old, one.new) for was in earlier):
            yield one


def _differences(one: Difference) -> Iterator[Difference]:
    if one.old == one.new:
        return
    old, new = members(one.old, one.form), members(one.new, one.form)
    if old is None or new is None:
        yield one._replace(article=_article(one.new, one.form) or _article(one.old, one.form) or one.article)
        return
    article = _article(one.new, one.form) or _article(one.old, one.form) or one.article
    for key, (_, form) in {**old, **new}.items():
        before, after = (there[key][0] if key in there else None for there in (old, new))
        yield from _differences(Difference((*one.path, key), article, before, after, form))


def _cites(one: Difference) -> bool:
    """Whether what differs is the article of a clause itself."""
    return one.path[-1:] == ("article",) and not isinstance(one.path[-1], Name)


def _article(value: Any, form: Any) -> str:
    """The article that a clause names; empty for what is no clause."""
    article, _ = (members(value, form) or {}).get("article", (None, None))
    return article if isinstance(article, str) and is_struct(form) else ""


def _goes_back(was: Any, now: Any, new: Any) -> bool:
    """Whether a value, or a member of it, that was changed from `was` to `now` is in `new` as it was."""
    if was == now:
        return False
    if was == new:
        return True
    if all(isinstance(one, list) for one in (was, now, new)):
        return any((one in was) == (one in new) != (one in now) for one in [*was, *now])
    if all(isinstance(one, dict) for one in (was, now, new)):
        return any(_goes_back(was.get(key), now.get(key), new.get(key)) for key in {*was, *now})
    return False


def _at(value: Any, path: tuple[str, ...], form: Any) -> Any:
    """The value at a path of a difference; None where nothing is there."""
    for part in path:
        value, form = (members(value, form) or {}).get(part, (None, None))
        if value is None:
            return None
    return value


def without_type(one: Difference) -> dict[str, Any]:
    """A difference as plain values, for faces that print JSON."""
    return {"path": [str(part) for part in one.path], "article": one.article, "old": one.old, "new": one.new}
