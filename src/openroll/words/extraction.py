"""How `script/words` finds the sentences that stand in TOML files: every text of every part."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

Found = tuple[int, str, str | tuple[str, str], list[str]]


def toml_texts(file: BinaryIO, _: Collection[str], __: Collection[str], options: Mapping[str, Any]) -> Iterator[Found]:
    """A Babel extractor: the texts of a file, with the option `context` for its catalogue entries (babel.cfg)."""
    context = options.get("context", "")
    for name, part in tomllib.load(file).items():
        for text in part.values():
            yield (1, "_c", (f"{context}.{name}", text), []) if context else (1, "_", text, [])
