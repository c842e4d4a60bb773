"""Commands on envelopes: keys of one's own, and sealing and opening what goes through a register that must not read it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from openroll.cli.key_files import read_bytes, read_private, write_private
from openroll.cli.output import fail, line, out
from openroll.cli.wiring import Wiring
from openroll.disclosure.envelope import (
    BLOCK,
    MOST_BYTES,
    NAMES,
    SEED_BYTES,
    EnvelopeError,
    EnvelopeNotOurs,
    HeldKey,
    KeyUnfit,
    Published,
    digest,
    key_line,
    key_of,
    open_envelope,
    public_line,
    published_of,
    recipients,
    seal,
)

_Key = Annotated[Path, Parameter(help="Your key, as `openroll envelope new-key` made it.")]
_Context = Annotated[str, Parameter(help="The matter it is about: it opens in no other.")]
_REMEDY = "`openroll envelope new-key FILE` makes a key."


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on envelopes."""
    envelopes = App(name="envelope", help="Envelopes: sealed by their sender for a few, and for no register to read.")
    app.command(envelopes)

    _add_new_key(wiring, envelopes)
    _add_public(envelopes)
    _add_seal(envelopes)
    _add_open(envelopes)


def _add_new_key(wiring: Wiring, envelopes: App) -> None:
    @envelopes.command
    def new_key(path: Path, /, *, suite: Literal["hybrid", "x25519"] = "hybrid") -> None:
        """Make a key for envelopes. It never leaves you: keep a copy, and publish what `openroll envelope public` prints.

        Parameters
        ----------
        path
            Where to write it. It must not be there yet; it is readable by its owner only.
        suite
            hybrid holds against quantum computers too. x25519 is for programs that cannot do that.
        """
        key = HeldKey(wiring.random(SEED_BYTES), NAMES[suite])
        write_private(path, key_line(key).encode(), "A key")
        told = "Keep it, and a copy: without it nothing opens that was sealed to it."
        out.print(f"Wrote the key {key.id} to {path}. {told}", soft_wrap=True)


def _add_public(envelopes: App) -> None:
    @envelopes.command
    def public(key: Path, /) -> None:
        """Print the public half of a key, one line: others seal to it, and check what you signed.

        Parameters
        ----------
        key
            Your key, as `openroll envelope new-key` made it.
        """
        line(public_line(read_held(key).published).strip())


def _add_seal(envelopes: App) -> None:
    @envelopes.command(name="seal")
    def seal_one(
        content: Path,
        /,
        *,
        to: Annotated[list[Path], Parameter(help="Public halves of whoever may open it: a file each, or --to again.")],
        key: _Key,
        context: _Context,
        output: Annotated[Path, Parameter(name=["--output", "-o"])],
        pad_to: Annotated[int, Parameter(help="Fill it up to a multiple of so many KiB.")] = 1,
    ) -> None:
        """Seal a file to a few, signed with your key. Needs no network and no roll.

        Parameters
        ----------
        content
            What to seal; - for standard input.
        output
            Where to write the envelope. It must not be there yet.
        """
        sealing = [one.sealing for one in read_published(to)]
        given = read_bytes(content, MOST_BYTES)
        if len(given) > MOST_BYTES:
            fail(f"{content} cannot be sealed: it has more than {MOST_BYTES:,} bytes.")
        try:
            sealed = seal(given, sealing, read_held(key).signing, context, pad_to=pad_to * BLOCK)
        except ValueError as error:
            fail(f"{content} cannot be sealed: {error}.")
        write_private(output, sealed, "An envelope")
        told = f"{len(sealed):,} bytes, to {', '.join(recipients(sealed))}, SHA-256 {digest(sealed)}"
        out.print(f"Wrote {output}: {told}.", soft_wrap=True)


def _add_open(envelopes: App) -> None:
    @envelopes.command(name="open")
    def open_one(
        envelope: Path,
        /,
        *,
        key: Annotated[list[Path], Parameter(help="Your key; --key again for older ones.")],
        sender: Annotated[list[Path], Parameter(name="--from", help="Public halves of who may have sent it.")],
        context: _Context,
        output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    ) -> None:
        """Open an envelope, and check who signed it, for whom and about what. Needs no network and no roll.

        Parameters
        ----------
        envelope
            The envelope; - for standard input.
        output
            Where to write what is in it, for its owner only (default: standard output). It must not be there yet.
        """
        senders = read_published(sender)
        keys = [read_held(path) for path in key]
        try:
            content = _opened(read_bytes(envelope, MOST_BYTES), keys, senders, context)
        except ValueError as error:
            fail(f"{envelope} does not open: {error}.", status=1)
        if output is None:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        else:
            write_private(output, content, "What was opened")
            out.print(f"Wrote {output}: {len(content):,} bytes.", soft_wrap=True)


def _opened(envelope: bytes, keys: Sequence[HeldKey], senders: Sequence[Published], context: str) -> bytes:
    """The content, by whichever of one's own keys it is sealed to. Raises EnvelopeError, ValueError."""
    named = set(recipients(envelope))
    ours = next((one for one in keys if one.id in named), None)
    if ours is None:
        raise EnvelopeNotOurs("not-a-recipient")
    return open_envelope(envelope, ours.private, [one.verifying for one in senders], context)


def read_held(path: Path) -> HeldKey:
    """The key in a file, or a sentence and the end."""
    try:
        return key_of(read_private(path, _REMEDY))
    except KeyUnfit as error:
        fail(f"{path}: {error}. Bring it back from your copy; {_REMEDY}")


def read_published(paths: Sequence[Path]) -> list[Published]:
    """The public halves in files, one a line, or a sentence and the end."""
    found = []
    for path in paths:
        text = read_bytes(path, 1_000_000).decode("ascii", errors="replace")
        lines = [one for one in text.splitlines() if one.strip()]
        try:
            found += [published_of(one) for one in lines]
        except EnvelopeError as error:
            fail(f"{path}: {error}. `openroll envelope public KEY` prints a public half.")
        if not lines:
            fail(f"{path}: it is empty. `openroll envelope public KEY` prints a public half.")
    return found
