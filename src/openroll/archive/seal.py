"""Encrypt a stream to its holder's key with age (age-encryption.org/v1) or GnuPG (OpenPGP, RFC 9580), and decrypt it.

Memory stays flat: bytes go through in pieces, whatever the size. A sealed file is written under another name, made durable
and renamed, so that one that was broken off is never taken for a whole one. Without a key nothing is written: who wants a
file that everyone can read has to say so by its dangerous name (`Sealing.readable_by_anyone`).
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

import msgspec
import pyrage

from openroll.durable import open_to_write, sync_folders

AGE, GNUPG, PLAIN = "age", "gpg", "plain"
_SUFFIXES = {AGE: ".age", GNUPG: ".gpg", PLAIN: ""}
_PIECE = 1 << 20
_SSH = ("ssh-ed25519 ", "ssh-rsa ")


class CannotSeal(Exception):
    """Nothing was sealed: the key is none, its program is missing, or the disk did not take the file."""


class CannotUnseal(Exception):
    """What was sealed does not open: another key, or bytes that were altered or cut off."""


class KeyLacks(CannotUnseal):
    """None of the keys that were given is one that it is sealed to, so nothing is known of what is in it."""


class Sealing(msgspec.Struct, frozen=True):
    """How a file is sealed: `kind` is age, gpg or plain; `recipients` are age recipients or GnuPG keys."""

    kind: str
    recipients: tuple[str, ...]

    @classmethod
    def readable_by_anyone(cls) -> "Sealing":
        """No sealing. Danger: whoever gets the file has the roll's keys, and can sign in its name."""
        return cls(PLAIN, ())

    @classmethod
    def to(cls, recipients: Sequence[str]) -> "Sealing":
        """Sealing to keys as a person names them. Raises CannotSeal.

        `age1...` and `ssh-ed25519 ...` are age recipients, as are files that hold such lines; anything else is a GnuPG key: a
        fingerprint or address in the keyring, or a file with a public key.
        """
        found = [one for given in recipients for one in _recipients(given)]
        kinds = {AGE if _is_age(one) else GNUPG for one in found}
        if len(kinds) != 1:
            raise CannotSeal(
                "name at least one key, and either age keys or GnuPG keys: a file is sealed by one of the two"
            )
        sealing = cls(kinds.pop(), tuple(found))
        sealing.check()
        return sealing

    @property
    def suffix(self) -> str:
        """What the name of a file sealed so ends in."""
        return _SUFFIXES[self.kind]

    def check(self) -> None:
        """Whether the keys are keys. Raises CannotSeal, before any work was done for nothing."""
        if self.kind == AGE:
            _age_recipients(self.recipients)
        elif self.kind == GNUPG:
            _try_gpg(self)


class Keys(msgspec.Struct, frozen=True):
    """What opens a sealed file: files of age identities. GnuPG finds its own in the keyring (GNUPGHOME) and its agent."""

    identities: tuple[Path, ...] = ()


def _recipients(given: str) -> list[str]:
    if _is_age(given) or not Path(given).is_file():
        return [given]
    text = Path(given).read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return lines if lines and all(map(_is_age, lines)) else [str(Path(given).resolve())]


def _is_age(text: str) -> bool:
    return text.startswith(("age1", *_SSH))


def _age_recipients(texts: Sequence[str]) -> "list[pyrage.x25519.Recipient | pyrage.ssh.Recipient]":
    try:
        return [
            pyrage.ssh.Recipient.from_str(one) if one.startswith(_SSH) else pyrage.x25519.Recipient.from_str(one)
            for one in texts
        ]
    except pyrage.RecipientError as error:
        raise CannotSeal(f"this is not a public key of age: {error}") from None


def _gpg() -> str:
    program = shutil.which("gpg")
    if program is None:
        raise CannotSeal("GnuPG's program gpg is not on the path: install it (Debian: gnupg), or use an age key")
    return program


def _gpg_arguments(sealing: Sealing) -> list[str]:
    # The holder's key was named by who seals, so it needs no trust from a keyring; the archive is compressed already.
    arguments = [
        _gpg(),
        "--batch",
        "--yes",
        "--quiet",
        "--trust-model",
        "always",
        "--compress-algo",
        "none",
        "--encrypt",
    ]
    for one in sealing.recipients:
        arguments += ["--recipient-file" if Path(one).is_file() else "--recipient", one]
    return arguments


def _try_gpg(sealing: Sealing) -> None:
    done = subprocess.run(_gpg_arguments(sealing), input=b"", capture_output=True, check=False)  # noqa: S603 - gpg itself
    if done.returncode:
        raise CannotSeal(f"GnuPG does not seal to {', '.join(sealing.recipients)}: {_said(done.stderr)}")


def _said(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it does not say why"


@contextmanager
def sealed(
    path: Path, sealing: Sealing, *, called: Callable[[], str] | None = None, mode: int = 0o600
) -> Iterator[BinaryIO]:
    """A stream to write to; what was written is the file `path`, sealed, once the block ends well. Raises CannotSeal.

    A block that ends badly leaves nothing behind. `path` carries the suffix already; `called` names the file instead, for who
    knows its name only at the end.
    """
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_to_write(fresh, mode) as file:
            with _sealed_into(file, sealing) as stream:
                yield stream
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path.with_name(called()) if called else path)
        sync_folders([path.parent])
    except OSError as error:
        what = error.filename or path
        raise CannotSeal(f"{what} failed: {error.strerror or error}. Nothing was kept of {path.name}") from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


@contextmanager
def _sealed_into(file: BinaryIO, sealing: Sealing) -> Iterator[BinaryIO]:
    if sealing.kind == PLAIN:
        yield file
    elif sealing.kind == AGE:
        recipients = _age_recipients(sealing.recipients)
        try:
            with _worked_by(lambda source: pyrage.encrypt_io(source, file, recipients), feeds=True) as stream:
                yield stream
        except pyrage.EncryptError as error:
            raise CannotSeal(f"age failed: {error}. Nothing was kept of it") from None
    else:
        with _gpg_writing(sealing, file) as stream:
            yield stream


@contextmanager
def _gpg_writing(sealing: Sealing, file: BinaryIO) -> Iterator[BinaryIO]:
    process = subprocess.Popen(  # noqa: S603 - gpg itself
        _gpg_arguments(sealing), stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE
    )
    assert process.stdin is not None and process.stderr is not None  # noqa: S101, PT018 - both were asked for
    try:
        with suppress(BrokenPipeError):  # it ended before its input did; what it says below tells why
            yield process.stdin  # type: ignore[misc] # an IO[bytes] that is a binary file
        with suppress(BrokenPipeError):
            process.stdin.close()
        said = process.stderr.read()
        if process.wait():
            raise CannotSeal(f"GnuPG failed: {_said(said)}. Nothing was kept of it")
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()


@contextmanager
def unsealed(path: Path, keys: Keys) -> Iterator[BinaryIO]:
    """The stream that was sealed in the file `path`. Raises CannotUnseal, at the latest when the block ends.

    Bytes that come out were not altered, but whether they are all is known only at the end: believe nothing before.
    """
    if path.suffix == ".age":
        identities = _identities(keys)
        with (
            path.open("rb") as file,
            _worked_by(lambda sink: _decrypt(path, file, sink, identities), feeds=False) as stream,
        ):
            yield stream
    elif path.suffix == ".gpg":
        with _gpg_reading(path) as stream:
            yield stream
    else:
        with path.open("rb") as file:
            yield file


def _identities(keys: Keys) -> list["pyrage.x25519.Identity | pyrage.ssh.Identity"]:
    if not keys.identities:
        raise KeyLacks("this is sealed with age: name the file with its private key (--identity FILE)")
    return [identity for path in keys.identities for identity in _identities_of(path)]


def _identities_of(path: Path) -> list["pyrage.x25519.Identity | pyrage.ssh.Identity"]:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        if "PRIVATE KEY-----" in text:
            return [pyrage.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise KeyLacks(f"{path} holds no private key of age: {error}") from None
    if not found:
        raise KeyLacks(f"{path} holds no private key of age")
    return found


def _decrypt(path: Path, file: BinaryIO, sink: BinaryIO, identities: Sequence[object]) -> None:
    try:
        pyrage.decrypt_io(file, sink, identities)
    except pyrage.DecryptError as error:
        if "no matching keys" in str(error).lower():
            raise KeyLacks(f"{path} is sealed to none of the keys that were given") from None
        raise CannotUnseal(f"{path} does not open: {str(error).rstrip('.')}") from None
    except OSError as error:
        if error.errno is not None:
            raise  # the reader's end or the disk, not the seal
        raise CannotUnseal(f"{path} does not open: it was altered or cut off ({error})") from None


@contextmanager
def _gpg_reading(path: Path) -> Iterator[BinaryIO]:
    arguments = [_gpg(), "--batch", "--quiet", "--decrypt", str(path)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - gpg itself
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - both were asked for
    said: list[bytes] = []
    listening = threading.Thread(target=lambda stderr: said.append(stderr.read()), args=(process.stderr,), daemon=True)
    listening.start()
    try:
        try:
            yield process.stdout  # type: ignore[misc] # an IO[bytes] that is a binary file
        finally:
            _drain(process.stdout)
            ended = process.wait()
            listening.join(timeout=5)
            if ended:
                raise CannotUnseal(f"{path} does not open: {_said(b''.join(said))}")
    finally:
        _end(process)


def _drain(stream: IO[bytes]) -> None:
    """Read to the end, so that the last word on the whole is heard."""
    while stream.read(_PIECE):
        pass


@contextmanager
def _worked_by(work: Callable[[BinaryIO], None], *, feeds: bool) -> Iterator[BinaryIO]:
    """A stream at whose other end `work` reads (`feeds`) or writes, in a thread of its own; its error is the one raised."""
    reading, writing = os.pipe()
    theirs, ours = (reading, writing) if feeds else (writing, reading)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(theirs, "rb" if feeds else "wb", buffering=_PIECE) as end:
                work(end)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="sealing", daemon=True)
    thread.start()
    try:
        with os.fdopen(ours, "wb" if feeds else "rb", buffering=_PIECE) as end:
            yield end
            if not feeds:
                _drain(end)
    except BaseException:
        thread.join()
        _raise_first(failed)
        raise
    thread.join()
    _raise_first(failed)


def _raise_first(failed: Sequence[BaseException]) -> None:
    if failed and not isinstance(failed[0], BrokenPipeError):
        raise failed[0]
