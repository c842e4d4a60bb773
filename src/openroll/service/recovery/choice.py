"""What a folder of backups brings back, and what it shows as taken and does not: each command about backups says this.

Of several histories the one that began last is brought back, from its newest base; no clock decides which that is. Whatever was
written beside it since it began and is not in it (a dump, log without a base) is named: nobody knows if it was given up.
So is what another cluster has, a dump whose word no history holds, and a history that its own clock ends later.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from openroll.service.recovery.backups import (
    Backup,
    History,
    Reach,
    backup_of,
    backups,
    cluster_of,
    held_name,
    histories,
    newest_mark,
    reach,
)
from openroll.service.recovery.dump_loading import CannotRestore


class Choice(msgspec.Struct, frozen=True):
    """The backup to begin with; of all that was taken what does not come back (`lacks`), and what was given up, in sentences.

    `lacks` holds what may be newer than what comes back, or is missing of it: whoever brings this back is not told that all is
    well. `others` were ended, or the instant that was asked for leaves them out.
    """

    backup: Backup
    lacks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def choose(folder: Path, to: datetime | None = None) -> Choice:
    """What to begin with, in a folder of backups or by the file of one of them. Raises CannotRestore."""
    if (named := backup_of(folder)) is not None:
        return _choose_named(named, to)
    there = histories(folder)
    if not any(one.bases for one in there):
        return _choose_dump(folder, there, to)
    fitting = [one for one in there if any(to is None or base.at <= to for base in one.bases)]
    if not fitting:
        oldest = min(base.at for one in there for base in one.bases)
        raise CannotRestore(f"the oldest backup here is of {oldest.isoformat()}: nothing before it can be brought back")
    if to is None:
        chosen = fitting[0]
        base = chosen.bases[-1]
        return Choice(base, (*_lacks_itself(base, to), *_newer(folder, there, chosen)), tuple(_given_up(there, chosen)))
    reaching = [one for one in fitting if one.end >= to]
    chosen = (reaching or fitting)[0]
    base = [one for one in chosen.bases if one.at <= to][-1]
    doubtful = [
        f"that instant is in {one.path} too, by its clock: to have it from there, name one of its backups instead of the folder"
        for one in reaching[1:]
        if one.system == chosen.system
    ]
    doubtful += _dumps_beside(folder, there, chosen, to)
    doubtful += [_other_cluster(one) for one in there if one.system != chosen.system]
    return Choice(base, (*_lacks_itself(base, to), *doubtful), tuple(_after(folder, there, chosen, to)))


def _choose_named(named: Backup, to: datetime | None) -> Choice:
    if not named.path.is_file():
        raise CannotRestore(f"there is no {named.path}")
    if to is not None and named.kind == "dump":
        raise CannotRestore("a dump brings back its own moment and no other")
    if to is not None and named.at > to:
        raise CannotRestore(f"{named.path} is of {named.at.isoformat()}: nothing before it can be brought back")
    return Choice(named, tuple(_lacks_itself(named, to)))


def _lacks_itself(one: Backup, to: datetime | None) -> Iterator[str]:
    """What is missing beside a backup; where its log breaks off before an instant, the restore refuses it."""
    if one.kind == "dump":
        return
    there = reach(one)
    if there.lacks and (to is None or there.gap is None):
        yield there.lacks
    if one.number and there.taken is None:  # each that is counted was made with one
        yield f"the mark that says how far the log was taken is gone from {one.path.parent}: what it named is not known"


def _newer(folder: Path, there: list[History], chosen: History) -> Iterator[str]:
    """What was written since a history began, and is not in it."""
    for one in there:
        if one.system != chosen.system:
            yield _other_cluster(one)
        elif one != chosen and one.last >= chosen.begun:
            what = "log" if one.bases else "log without a base backup, which never comes back"
            yield (
                f"{one.path} holds {what}, taken up to {one.end.isoformat()} and since this history began, and it is not in it"
                + _instead(one)
            )
        elif one != chosen and one.end > chosen.end:
            yield (
                f"{one.path} was taken up to {one.end.isoformat()} by its clock, later than what comes back"
                f" ({chosen.end.isoformat()}), and is not in it" + _instead(one)
            )
    yield from _dumps_beside(folder, there, chosen)


def _dumps_beside(folder: Path, there: list[History], chosen: History, to: datetime | None = None) -> Iterator[str]:
    """The newest dump of each roll of which nothing shows that it is in what comes back.

    That one found in a history of before is not in the newest goes without saying: that history is named.
    """
    held = {path.name for one in there if one.system == chosen.system for path in one.path.glob("holds-*")}
    for dump, earlier in _newest_dumps(folder, held, to):
        more = f" ({earlier} earlier ones of it too)" if earlier else ""
        if cluster_of(dump.path.parent) != chosen.system:
            what = f"{dump.path}{more} is of another database cluster, and is not in it"
        elif dump.order >= _until(chosen):
            what = f"{dump.path}{more} was made after what comes back was taken, and is not in it"
        else:
            what = f"{dump.path}{more} may not be in it: its word was found in no log that was taken"
        yield f"{what}; to have it instead, name it instead of the folder"


def _instead(one: History) -> str:
    return f"; to have it instead, name {one.bases[-1].path} instead of the folder" if one.bases else ""


def _other_cluster(one: History) -> str:
    """Clusters are no histories of each other: whatever another one has, this one has not."""
    return f"{one.path} is of another database cluster, taken up to {one.end.isoformat()}, and is not in it" + (
        f"; to have it too, name {one.bases[-1].path} instead of the folder, for another home" if one.bases else ""
    )


def _until(chosen: History) -> tuple[int, datetime]:
    """What was written from then on is not in a history."""
    return chosen.taken.order if chosen.taken is not None else chosen.bases[-1].order


def _given_up(there: list[History], chosen: History) -> Iterator[str]:
    """The other histories in a folder: what only they hold was given up, or was begun anew since."""
    for one in there:
        if one != chosen and one.system == chosen.system and one.last < chosen.begun and one.end <= chosen.end:
            yield f"Another history, taken up to {one.end.isoformat()}, is not in it: {one.path}"
    for path in sorted(chosen.path.glob("aside-*")):
        yield f"Log that may be of a history before, and was sealed apart, is not in it: {path}"


def _after(folder: Path, there: list[History], chosen: History, to: datetime) -> Iterator[str]:
    """What an instant leaves out that was asked for."""
    for one in there:
        if one == chosen:
            if one.end > to:
                yield f"Left out, as was asked: what was taken after that instant, up to {one.end.isoformat()}, in {one.path}"
        elif one.system == chosen.system:
            yield f"Left out, as was asked: {one.path}, taken up to {one.end.isoformat()}"
    for dump, _ in _newest_dumps(folder):
        if dump.at > to:
            yield f"Left out, as was asked: {dump.path}"


def _newest_dumps(folder: Path, held: Collection[str] = (), to: datetime | None = None) -> list[tuple[Backup, int]]:
    """The newest dump of each roll of each cluster, and of those that do not say whose they are; how many were earlier.

    Those that are `held` do not count, nor those that were made after an instant.
    """
    found: dict[tuple[str, str], list[Backup]] = {}
    for one in backups(folder):
        if one.kind == "dump" and held_name(one.path) not in held and (to is None or one.at <= to):
            found.setdefault((cluster_of(one.path.parent), one.roll), []).append(one)
    return [(every[0], len(every) - 1) for every in found.values()]


def _choose_dump(folder: Path, there: list[History], to: datetime | None) -> Choice:
    dumps = [one for one, _ in _newest_dumps(folder)]
    if not dumps:
        raise CannotRestore(f"there is no backup in {folder}")
    if to is not None:
        raise CannotRestore("there are dumps only here, and a dump brings back its own moment and no other")
    chosen, *others = dumps
    lacks = [
        f"{one.path} is not in it: name it instead of the folder, to have that roll too"
        for one in others
        if one.roll or cluster_of(one.path.parent) != cluster_of(chosen.path.parent)
    ]
    lacks += [
        f"{one.path} holds log without a base backup, taken up to {one.end.isoformat()}, and it never comes back"
        for one in there
    ]
    return Choice(chosen, tuple(lacks))


def lacks_of(folder: Path) -> tuple[str, ...]:
    """What does not come back of all that was taken into a folder, in sentences; none where there is no backup yet."""
    try:
        return choose(folder).lacks
    except CannotRestore:
        return ()


def is_earlier(one: Backup) -> bool:
    """Whether a base backup is of a history that another one in its folder followed."""
    newest = next(
        (history for history in histories(one.path.parents[1]) if history.system == cluster_of(one.path.parent)), None
    )
    return one.kind == "base" and newest is not None and newest.path != one.path.parent


def taken_up_to(one: Backup) -> datetime | None:
    """The last instant that comes back with a base backup, where all that was taken comes back and it is known."""
    mark = newest_mark(one.path.parent)
    there: Reach = reach(one)
    return mark.at if mark is not None and not there.lacks else None
