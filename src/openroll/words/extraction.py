"""How `script/words` finds the sentences that stand in files of data: every text of a TOML file, titles and units in YAML."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from openroll.rules.text import read_yaml

Found = tuple[int, str, str | tuple[str, str], list[str]]


def toml_texts(file: BinaryIO, _: Collection[str], __: Collection[str], options: Mapping[str, Any]) -> Iterator[Found]:
    """A Babel extractor: the texts of a file, with the option `context` for its catalogue entries (babel.cfg)."""
    context = options.get("context", "")
    for name, part in tomllib.load(file).items():
        for text in part.values():
            yield (1, "_c", (f"{context}.{name}", text), []) if context else (1, "_", text, [])


def yaml_titles(file: BinaryIO, _: Collection[str], __: Collection[str], options: Mapping[str, Any]) -> Iterator[Found]:
    """A Babel extractor: the `title` and the `unit` of every thing in every part, under the option `context`."""
    data, lines = read_yaml(file.read().decode("utf-8"), "the file")
    for part, things in data.items():
        for name, thing in things.items():
            for key in ("title", "unit"):
                yield lines[(part, name)], "_c", (options["context"], thing[key]), []
