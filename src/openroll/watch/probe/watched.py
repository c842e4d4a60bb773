"""A list of sites that somebody watches, and what is known of each: a file that a crash leaves as it was or as it is."""

import fcntl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from openroll.durable import write_durably
from openroll.register.site.life import Life, State, begun
from openroll.register.site.looks import reaches_nobody
from openroll.watch.probe.look import Look
from openroll.watch.probe.place import Place
from openroll.watch.probe.rounds import looks

_VERSION = 1


class NotWatched(Exception):
    """A file is none of what is known of sites, or another run is at it; the message says which, and what to do."""


class _File(msgspec.Struct):
    version: int
    sites: dict[str, Life]


class Changed(NamedTuple):
    """A site whose state is another since a look: before (None where it was the first one) and now, and what was seen."""

    domain: str
    before: State | None
    life: Life
    seen: Look


class Watched:
    """What is known of the sites of a list, in a file; one run at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sites: dict[str, Life] = {}

    @contextmanager
    def opened(self, domains: Sequence[str], at: datetime) -> Iterator[None]:
        """Read what is known of these sites, new ones as begun at a moment; others are forgotten. Raises NotWatched, OSError."""
        with self._path.with_name(self._path.name + ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise NotWatched(f"{self._path} is being written by another run: wait for its end") from error
            known = self._read()
            self.sites = {domain: known.get(domain) or begun(at) for domain in domains}
            yield

    def _read(self) -> dict[str, Life]:
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return {}
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotWatched(f"{self._path} is not what is known of sites: name another file") from error
        if found.version != _VERSION:
            raise NotWatched(f"{self._path} is of another version of Openroll: name another file")
        return found.sites

    def save(self) -> None:
        """Write what is known. Raises OSError."""
        file = _File(_VERSION, self.sites)
        write_durably(self._path, msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n")

    def due(self, at: datetime) -> list[str]:
        """The sites that are to be looked at by a moment, the longest due first."""
        return sorted((one for one in self.sites if self.sites[one].due <= at), key=lambda one: self.sites[one].due)

    async def round(
        self, place: Place, at: datetime, seconds: float, progress: Callable[[int, int], None] = lambda *_: None
    ) -> "Round":
        """Look at what is due, for so many seconds, and save what is known then. Raises OSError.

        Where most of those that answered before are silent at once, or name servers tell nothing of any as long as none has ever
        answered, it is this machine that reaches nobody: nothing is known of anybody by that, so nothing is saved.
        """
        due = self.due(at)
        found: dict[str, Look] = {}
        async for domain, seen in looks(place, due, seconds):
            found[domain] = seen
            progress(len(found), len(due))
        if reaches_nobody(found, self.sites):
            return Round(len(found), len(due) - len(found), [], alone=True)
        changed = []
        for domain, seen in found.items():
            before, life = self.sites[domain], self.sites[domain].looked(seen.answers, at)
            self.sites[domain] = life
            if life.state != before.state:
                first = before.answered is None and before.quiet is None
                changed.append(Changed(domain, None if first else before.state, life, seen))
        self.save()
        return Round(len(found), len(due) - len(found), changed)

    def counted(self) -> Counter[str]:
        """How many sites there are of each state."""
        return Counter(life.state for life in self.sites.values())


class Round(NamedTuple):
    """What a round did: how many sites it looked at, how many it did not come to, and whose state is another since.

    `alone` says that this machine reached nobody, so that nothing of it counts.
    """

    looked: int
    left: int
    changed: list[Changed]
    alone: bool = False
