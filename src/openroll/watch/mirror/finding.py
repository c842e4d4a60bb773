"""What a mirror needs to begin: where the log is behind an address, and the keys it is checked with."""

from collections.abc import Sequence
from pathlib import Path

from openroll.tlog import Malformed, Missing, Verifier
from openroll.watch.mirror.folder import Shape
from openroll.watch.source import FolderSource, HttpSource, Source, shows_head, source_of

MOST_KEYS = 100_000
"""Bytes of a file of keys."""


def find_log(address: str) -> tuple[str, Shape]:
    """The log's prefix behind an address, and whether the address is the log's own or a roll's with its log at `log/`.

    Raises Missing when there is neither, or Unreachable.
    """
    base = address.rstrip("/")
    for prefix, shape in ((base, "log"), (f"{base}/log", "roll")):
        if _shows_head(source_of(prefix)):
            return prefix, "roll" if shape == "roll" else "log"
    raise Missing(
        f"neither {base}/checkpoint nor {base}/log/checkpoint is a log's checkpoint: give a log's prefix, or a roll's address"
    )


def _shows_head(source: HttpSource | FolderSource) -> bool:
    try:
        return shows_head(source)
    finally:
        if isinstance(source, HttpSource):
            source.close()


def keys_from(given: Sequence[str]) -> list[Verifier]:
    """Verifier keys as they were typed: each a key, or a file with one a line. Raises Malformed or OSError."""
    lines: list[str] = []
    for one in given:
        path = Path(one)
        lines += path.read_text(encoding="utf-8").split() if "+" not in one or path.is_file() else [one]
    return _different(lines)


def keys_shown(source: Source) -> list[Verifier]:
    """The keys a roll's log shows beside itself; empty where it shows none. Nobody vouches for them. Raises Malformed."""
    data = source.get("keys")
    if data is None or len(data) > MOST_KEYS:
        return []
    try:
        return _different(data.decode("utf-8").split())
    except UnicodeDecodeError as error:
        raise Malformed(f"the keys at {source.where}/keys are no text") from error


def _different(lines: Sequence[str]) -> list[Verifier]:
    return [Verifier.parse(line) for line in dict.fromkeys(lines)]
