"""The command that keeps a verified copy of a log, and of a roll's public pages."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

from cyclopts import App, Parameter
from rich.text import Text

from openroll.cli.copied import words_of
from openroll.cli.output import bar, err, fail, out
from openroll.cli.wiring import Wiring
from openroll.disk_room import is_full, say_full
from openroll.tlog import KeyMissing, OtherLog, TlogError, Verifier
from openroll.watch.mirror import checking, copying, following
from openroll.watch.mirror.copying import LogRefused, MirrorRun
from openroll.watch.mirror.finding import find_log, keys_from, keys_shown
from openroll.watch.mirror.folder import MirrorBusy, MirrorFolder, MirrorState, NotAMirror
from openroll.watch.mirror.site import PagesRefused, copy_pages
from openroll.watch.source import HttpSource, Source, Unreachable, source_of

CONTRADICTED, WRONG, UNREACHED = 3, 1, 2
"""Exit statuses: the log contradicts itself; something is wrong and named; nothing was learnt."""


def add(app: App, wiring: Wiring) -> None:
    """Add the command `mirror`."""

    _add_mirror(app, wiring)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Believed:
    """Whose signatures the mirror believes."""

    key: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="A verifier key, or a file with one a line; needed the first time. All of them must have signed.",
        ),
    ] = None
    origin: Annotated[str | None, Parameter(help="The log's name, where it is not the first key's.")] = None
    trust_first_keys: Annotated[
        bool,
        Parameter(
            negative="",
            help="Take the keys that the address itself shows. DANGER: whoever answers there today is then believed for good.",
        ),
    ] = False
    new_keys: Annotated[
        bool,
        Parameter(
            negative="",
            help="From now on check with the keys given by --key instead of those remembered. Not needed where the log proves"
            " its new keys by its own history.",
        ),
    ] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Copying:
    """What is copied, and how often."""

    pages: Annotated[bool, Parameter(help="Copy the public pages of a roll too.", negative="--no-pages")] = True
    connections: Annotated[int, Parameter(help="How many files are asked for at once.")] = 8
    dry_run: Annotated[
        bool,
        Parameter(
            negative="",
            help="Look and verify the head, and say what would be copied; nothing but a refused head's evidence is written.",
        ),
    ] = False
    follow: Annotated[bool, Parameter(negative="", help="Go on looking until stopped.")] = False
    interval: Annotated[float, Parameter(help="Seconds between two looks.")] = 60.0


NOBODY_NEW, EVERYTHING_ONCE = Believed(), Copying()


def _add_mirror(app: App, wiring: Wiring) -> None:
    @app.command
    def mirror(
        address: str | None = None,
        folder: Path | None = None,
        /,
        *,
        believed: Believed = NOBODY_NEW,
        copying: Copying = EVERYTHING_ONCE,
        check: Path | None = None,
    ) -> None:
        """Keep a verified copy of a log as files that any web server can serve; of a roll, its public pages too.

        Parameters
        ----------
        address
            A log's prefix (https://log.example/abc), a roll's address (https://roll.example), or a folder.
        folder
            Where the copy is kept; what the mirror remembers is in its `.mirror`.
        check
            Check the mirror in this folder from its own disk, and nothing else.
        """
        if check is not None:
            _check(MirrorFolder(check))
            return
        if address is None or folder is None:
            fail("say what to mirror and where: openroll mirror ADDRESS DIR, or openroll mirror --check DIR")
        if copying.connections < 1 or copying.interval <= 0:
            fail("--connections and --interval are above 0")
        copy = MirrorFolder(folder)
        with _said(), copy.locked():
            first, new = believed.trust_first_keys, believed.new_keys
            state = _state(copy, address, believed.key or [], believed.origin, first=first, new=new)
            _copy(copy, state, copying, wiring)


def _copy(copy: MirrorFolder, state: MirrorState, asked: Copying, wiring: Wiring) -> None:
    """Look, or copy once, or copy until stopped."""
    if not asked.dry_run:
        copy.remember(state)
    source = _source(state, asked.connections)
    if asked.dry_run:
        _look(copy, state, source)
        return

    def step() -> None:
        done = _run(copy, state, source, asked.connections)
        if asked.pages and state.shape == "roll" and isinstance(source, HttpSource):
            _copy_pages(copy, state, done, wiring)

    if asked.follow:
        following.poll(step, interval=asked.interval, wait=time.sleep, said=_waiting)
    else:
        step()


@contextmanager
def _said() -> Iterator[None]:
    """Every trouble as a sentence and an exit status."""
    try:
        yield
    except LogRefused as refused:
        err.print(Text("REFUSED", style="bold red"), f"({refused.kind}): {refused}.", soft_wrap=True)
        err.print(f"The evidence is in {refused.evidence}. What the mirror serves is as it was.", soft_wrap=True)
        raise SystemExit(CONTRADICTED) from refused
    except (OtherLog, KeyMissing) as error:
        fail(
            f"{error}. Where the log has changed its keys, `python -P -m openroll.tlog keys` proves the new ones (docs/keys.md): "
            "give them by --key with --new-keys. What the mirror serves is as it was.",
            WRONG,
        )
    except (TlogError, PagesRefused) as error:
        fail(f"{error}. What the mirror serves is as it was.", WRONG)
    except (Unreachable, NotAMirror, MirrorBusy, OSError, UnicodeDecodeError) as error:
        fail(f"{say_full(error) if isinstance(error, OSError) and is_full(error) else error}.", UNREACHED)
    except KeyboardInterrupt:
        fail("stopped. Run it again to go on where it was.", 130)


def _state(
    copy: MirrorFolder, address: str, given: Sequence[str], origin: str | None, *, first: bool, new: bool
) -> MirrorState:
    keys = keys_from(given)
    if not copy.known:
        prefix, shape = find_log(address)
        if not keys:
            keys = _first(source_of(prefix), trusted=first)
        return copying.new_state(prefix, shape, keys, origin)
    state = copy.remembered()
    base = address.rstrip("/")
    if base not in (state.source, state.source.removesuffix("/log") if state.shape == "roll" else state.source):
        fail(f"{copy.root} is a mirror of {state.source}: mirror {address} to another folder")
    if keys and sorted(map(str, keys)) != sorted(state.keys):
        if not new and copying.known_keys(copy, state).proves(keys):
            return state
        if not new:
            fail(
                "these are other keys than this mirror was begun with, and the log's own history does not lead to them. "
                "If you know that the log has new ones, say --new-keys"
            )
        state.keys, state.origin = [str(one) for one in keys], origin or state.origin
    return state


def _first(source: Source, *, trusted: bool) -> list[Verifier]:
    shown = keys_shown(source)
    if not shown:
        fail("give the log's public keys by --key the first time: without them nothing it says can be checked")
    for one in shown:
        out.print(str(one), soft_wrap=True)
    if not trusted:
        fail(
            "no --key was given. Above are the keys that the log itself shows; nobody vouches for them. Compare them with "
            "keys got another way (a receipt, the registrar's letter, a friend) and give those by --key; or say "
            "--trust-first-keys to believe whoever answers at this address today, from now on"
        )
    err.print(
        Text("These keys are taken on trust:", style="bold yellow"),
        "whoever answered at this address is believed from now on.",
    )
    return shown


def _source(state: MirrorState, connections: int) -> Source:
    if state.source.startswith(("http://", "https://")):
        return HttpSource(state.source, connections=connections)
    return source_of(state.source)


def _run(copy: MirrorFolder, state: MirrorState, source: Source, connections: int) -> MirrorRun:
    with bar() as show:
        done = copying.run(
            copy, state, source, connections=connections, progress=lambda now, of: show("entries", now, of)
        )
    head = done.head.checkpoint
    for name in done.mended:
        out.print(f"Mended {name}.")
    for place in done.followed:
        out.print(
            f"The log changed its keys in its entry {place:,}. The keys before have signed for it, so they are followed."
        )
    out.print(
        f"Good: {head.size:,} entries of {head.origin}, root {head.root.hex()}; {done.files:,} files and "
        f"{done.received:,} bytes came.",
        soft_wrap=True,
    )
    return done


def _copy_pages(copy: MirrorFolder, state: MirrorState, done: MirrorRun, wiring: Wiring) -> None:
    roll = state.source.removesuffix("/log")
    with bar() as show:
        count = copy_pages(
            copy,
            roll,
            done.keys,
            words_of(roll, wiring.clock(), done.head.checkpoint),
            lambda now, of: show("pages", now, of),
        )
    out.print(f"The public pages of {roll}: {count} files.")


def _look(copy: MirrorFolder, state: MirrorState, source: Source) -> None:
    head, new = copying.preview(copy, state, source)
    out.print(f"Good head: {head.checkpoint.size:,} entries, {new:,} of them new here. Nothing was copied.")


def _waiting(error: following.Trouble, pause: float) -> None:
    err.print(f"{error}; looking again in {pause:,.0f} s.", soft_wrap=True)


def _check(copy: MirrorFolder) -> None:
    if not copy.known:
        fail(f"{copy.root} holds no mirror")
    with _said(), copy.locked():
        with bar() as show:
            head, faults = checking.check(copy, lambda now, of: show("entries", now, of))
        if not faults:
            out.print(f"Good: {head.checkpoint.size:,} entries give the root that is signed.")
            return
        _faulty(faults)


def _faulty(faults: Sequence[str]) -> NoReturn:
    for fault in faults:
        err.print(fault, soft_wrap=True)
    fail(f"{len(faults)} file{'s' if len(faults) > 1 else ''} wrong. The next run of the mirror mends this.", WRONG)
