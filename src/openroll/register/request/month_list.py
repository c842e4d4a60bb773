"""What was told in a month, as everybody fetches it whole: each request as it stands in public, in columns.

A person who looks for their own fetches the months that they ask for, whatever is in them, so nobody learns whose notice is
whose. Written a request at a time it would be three times as long. The page reads the same: `frontend/src/month-list.js`.

Pure. A **column** is a list of as many values as there are requests, or of one, which all of them have. Moments are microseconds
since 1970 (UTC), digests bytes behind one another (in JSON: base64). What few values recur in is **coded**: the values that
there are, and a column of places among them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, repeat
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec

from openroll.register.request.compared import PublicRequest, PublicTelling

FORM: Literal["openroll-told-1"] = "openroll-told-1"
_DIGEST = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
T = TypeVar("T")
Place = Annotated[int, msgspec.Meta(ge=0)]
Moment = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""To the year 2255: a script holds no other whole number exactly."""


class MonthMalformed(ValueError):
    """What should be a list of what was told in a month is none. The message says what is wrong with it."""


class Coded(msgspec.Struct, Generic[T], frozen=True):
    """A column of values that recur: `values` are those that there are, `of` a column of places among them."""

    values: tuple[T, ...]
    of: list[Place]


class MonthList(msgspec.Struct, frozen=True, kw_only=True):
    """The requests whose person was last told in a month (UTC, as `2026-11`), in the order of their numbers.

    `told`, `notice`, `bucket` and `by_word` are of that telling; `complaints` the SHA-256 of the complaint words of all of a
    request's tellings, `words` how many each has. `until` is by when its person can complain, null where they cannot.
    """

    form: Literal["openroll-told-1"]
    month: str
    number: list[int]
    filed: list[Moment]
    told: list[Moment]
    postponed: list[Moment | None]
    until: list[Moment | None]
    notice: bytes
    bucket: list[int]
    words: list[Place]
    complaints: bytes
    authority: Coded[str]
    operator: Coded[str]
    filed_to: Coded[str]
    reviewer: Coded[str]
    use: Coded[int]
    fields: Coded[tuple[str, ...]]
    urgency: Coded[str]
    approved: Coded[tuple[str, ...] | None]
    outcome: Coded[str]
    given: Coded[tuple[str, ...]]
    annulled: Coded[bool]
    postponed_why: Coded[str]
    reason: Coded[str]
    complained: Coded[bool]
    by_word: Coded[bool]


_APART = ("number", "filed", "told", "postponed", "complaints")
_CODED = tuple(
    name for name in MonthList.__struct_fields__ if name in PublicRequest.__struct_fields__ and name not in _APART
)
"""The coded columns that are named as what they hold of a request."""


def month_json(month: str, requests: Sequence[PublicRequest]) -> bytes:
    """The list of a month, of requests that were all last told in it, in the order of their numbers."""
    told = [one.told for one in requests if one.told is not None]
    return msgspec.json.encode(
        MonthList(
            form=FORM,
            month=month,
            number=[one.number for one in requests],
            filed=_column([_since(one.filed) for one in requests]),
            told=_column([_since(one.at) for one in told]),
            postponed=_column([_since_or_none(one.postponed) for one in requests]),
            until=_column([_since_or_none(one.complain_until) for one in requests]),
            notice=b"".join(bytes.fromhex(one.notice) for one in told),
            bucket=_column([one.bucket for one in told]),
            words=_column([len(one.complaints) for one in requests]),
            complaints=b"".join(bytes.fromhex(word) for one in requests for word in one.complaints),
            by_word=_coded([one.by_word for one in told]),
            **{name: _coded([getattr(one, name) for one in requests]) for name in _CODED},
        )
    )


def month_of(data: bytes, month: str) -> list[PublicRequest]:
    """Read the list of a month. Raises MonthMalformed, also where it has a request twice, or one of another month."""
    try:
        read = msgspec.json.decode(data, type=MonthList)
        requests = list(_requests(read))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError) as error:
        raise MonthMalformed(f"it is no list of what was told in a month: {error}") from error
    if any(one >= other for one, other in pairwise(read.number)):
        raise MonthMalformed("its requests are not in the order of their numbers, each once")
    ends = (_moment(end) for end in read.told and (min(read.told), max(read.told)))
    if read.month != month or any(f"{end:%Y-%m}" != month for end in ends):
        raise MonthMalformed(f"it says of another month than {month} what was told in it")
    return requests


def _requests(read: MonthList) -> Iterator[PublicRequest]:
    many = len(read.number)
    words = list(_whole(read.words, many))
    columns: dict[str, Iterable[Any]] = {
        "number": read.number,
        "filed": map(_moment, _whole(read.filed, many)),
        "postponed": map(_moment_or_none, _whole(read.postponed, many)),
        "complain_until": map(_moment_or_none, _whole(read.until, many)),
        "complaints": _cut(_digests(read.complaints, sum(words)), words),
        "told": map(
            PublicTelling,
            _digests(read.notice, many),
            _whole(read.bucket, many),
            map(_moment, _whole(read.told, many)),
            _values(read.by_word, many),
        ),
        **{name: _values(getattr(read, name), many) for name in _CODED},
    }
    names = tuple(columns)
    return (PublicRequest(**dict(zip(names, values, strict=True))) for values in zip(*columns.values(), strict=True))


def _column(values: list[T]) -> list[T]:
    return values[:1] if len(set(values)) == 1 else values


def _coded(values: Sequence[Any]) -> Coded[Any]:
    places: dict[Any, int] = {}
    of = [places.setdefault(one, len(places)) for one in values]
    return Coded(tuple(places), _column(of))


def _whole(column: list[T], many: int) -> Iterator[T]:
    """A column with a value for each of so many requests."""
    if len(column) not in (1, many):
        raise MonthMalformed("its columns are not of one length")
    return repeat(column[0], many) if len(column) == 1 else iter(column)


def _values(coded: Coded[T], many: int) -> Iterator[T]:
    return (coded.values[place] for place in _whole(coded.of, many))


def _digests(data: bytes, many: int) -> list[str]:
    """So many digests in hexadecimal."""
    if len(data) != many * _DIGEST:
        raise MonthMalformed("its digests are not as many as its requests")
    text = data.hex()
    return [text[at : at + 2 * _DIGEST] for at in range(0, len(text), 2 * _DIGEST)]


def _cut(values: list[T], lengths: Iterable[int]) -> Iterator[tuple[T, ...]]:
    """The values in groups of these lengths."""
    rest = iter(values)
    return (tuple(islice(rest, length)) for length in lengths)


def _since(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _since_or_none(moment: object) -> int | None:
    return _since(moment) if isinstance(moment, datetime) else None


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(0, 0, microseconds)  # thousands of them: by place it takes half as long


def _moment_or_none(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _moment(microseconds)
