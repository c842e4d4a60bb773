"""What differs between two rules: value by value, things compared by their names, each with the article that says it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from openroll.rules.language import is_text


class Difference(NamedTuple):
    """One value that differs. `path` leads to it by names; `old` or `new` is None where it is not there."""

    path: tuple[str, ...]
    article: str
    old: Any
    new: Any


def differences(old: Any, new: Any, path: tuple[str, ...] = (), article: str = "") -> Iterator[Difference]:
    """The differences of two rules as plain values, in the order of the old one."""
    old, new = _by_name(old), _by_name(new)
    if old == new:
        return
    if not (_opens(old) and _opens(new)):
        yield Difference(path, _article(new) or _article(old) or article, old, new)
        return
    article = new.get("article") or old.get("article") or article
    keys = [key for key in [*old, *(key for key in new if key not in old)] if old.get(key) != new.get(key)]
    for key in keys if keys == ["article"] else [key for key in keys if key != "article"]:
        yield from differences(old.get(key), new.get(key), (*path, key), article)


def _opens(value: Any) -> bool:
    """Whether a value is compared part by part: mappings are, a text by language and money are one value."""
    return isinstance(value, dict) and not is_text(value) and set(value) != {"amount", "currency"}


def _article(value: Any) -> str:
    return str(value.get("article", "")) if isinstance(value, dict) else ""


def _by_name(value: Any) -> Any:
    """A list of things as a mapping by id or name; things without one by their place, from 1."""
    if not isinstance(value, list) or not value or not all(_opens(one) for one in value):
        return value
    return {str(one.get("id") or one.get("name") or place): one for place, one in enumerate(value, 1)}


def kept_in(old: Any, new: Any, later: Any) -> bool:
    """Whether each value in which `new` differs from `old` stands in `later` as in `new`. All are plain; `version` counts not."""
    return all(_at(later, one.path) == one.new for one in differences(old, new) if one.path[-1:] != ("version",))


def taken_back(before: Iterable[Any], now: Any, new: Any) -> Iterator[Difference]:
    """What `new` changes of `now` back to what it was in one of `before`, as a text does that was made on one of those.

    Of a list or a text in several languages it is enough that one member goes back. All are plain; names and versions count not.
    """
    earlier = list(before)
    for one in differences(now, new):
        if one.path[0] in _NAMES or one.path[-1] == "version":
            continue
        if any(_goes_back(_at(was, one.path), one.old, one.new) for was in earlier):
            yield one


_NAMES = ("id", "overlays", "version")
"""What a rule or a jurisdiction is called."""


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


def _at(value: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of a difference; None where nothing is there."""
    for part in path:
        value = _by_name(value)
        value = value.get(part) if isinstance(value, dict) else None
    return _by_name(value)
