"""The keys for envelopes that lie in a folder, and those of one's organisation that do not."""

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from openroll.disclosure.envelope import KeyUnfit, key_of, published_of
from openroll.watch.requests.proved import OwnKey

_MOST_FILES, _MOST_BYTES = 1_000, 10_000
"""Files of a folder that are looked at, and their size: a key is one line."""


def keys_elsewhere(keys: Iterable[OwnKey], folder: Path) -> list[OwnKey]:
    """Those keys of which neither half lies in a folder, in a file of its own or one of several lines.

    In a folder that cannot be listed none lies.
    """
    here = set[str]()
    with suppress(OSError):
        for path in islice(folder.iterdir(), _MOST_FILES):
            here |= _keys_in(path)
    return [one for one in keys if one.published.id not in here]


def _keys_in(path: Path) -> set[str]:
    """The ids of the keys, private or public, that stand in a file; none where it is another."""
    found = set[str]()
    with suppress(OSError, UnicodeDecodeError):
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            for text in path.read_text(encoding="ascii").splitlines():
                for read in (lambda text: key_of(text).published, published_of):
                    with suppress(KeyUnfit):
                        found.add(read(text).id)
    return found


__all__ = ["keys_elsewhere"]
