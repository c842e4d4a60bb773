"""Command line arguments that name rules and files, and the errors where they cannot be read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.text import Text

from openroll.cli.output import err
from openroll.disk_room import is_full, say_full
from openroll.rules import (
    NoSuchRule,
    Overlay,
    Rule,
    RuleFaults,
    known_rules,
    load_overlay,
    load_under,
    overlays,
    parse_overlay,
    parse_rule,
)
from openroll.rules.language import ENGLISH, TAG


def _tag(_: type, value: str | None) -> None:
    if value and not TAG.fullmatch(value):  # a default is held to this too: empty is a language that was not said
        raise ValueError("expected the tag of a language (BCP 47), as zh, en or pt-BR")


Language = Annotated[str, Parameter(validator=_tag)]
"""A language by its tag. What has no words in it is said in English."""


def titles(given: Sequence[str], option: str = "title") -> dict[str, str]:
    """The texts of `--title LANGUAGE=TEXT`, by language. Raises NotSaid for what is not that."""
    named = {}
    for one in given:
        lang, equals, text = one.partition("=")
        if not (equals and TAG.fullmatch(lang) and text.strip()):
            raise NotSaid(f"--{option} {one}: expected a language and a text, as --{option} {ENGLISH}=Kenya")
        named[lang] = text.strip()
    return named


MOST_BYTES = 4_000_000
MOST_FAULTS = 50


class NotSaid(ValueError):
    """Something on the command line that cannot be meant as it stands; the text says what was expected."""


@contextmanager
def spoken(command: str) -> Iterator[None]:
    """Whatever a person can mend is a sentence on standard error and status 2."""
    try:
        yield
    except RuleFaults as error:
        many = len(error.faults)
        err.print(Text(f"openroll {command}: {many} fault{'s' if many > 1 else ''}", style="bold red"))
        for fault in error.faults[:MOST_FAULTS]:
            err.print(Text(str(fault)), soft_wrap=True)
        if many > MOST_FAULTS:
            err.print(f"… and {many - MOST_FAULTS} more.")
        raise SystemExit(2) from error
    except NoSuchRule as error:
        known = "\n".join(f"  {name}" for name in error.known)
        if error.known == known_rules() and (over := overlays()):
            known += "\nLaid over one of these, as in RULE+OVERLAY:\n" + "\n".join(f"  {name}" for name in over)
        err.print(
            Text(f"openroll {command}: there is no {error.name!r}. There is:\n{known}\nA file is given by its path.")
        )
        raise SystemExit(2) from error
    except (OSError, NotSaid) as error:
        err.print(Text(f"openroll {command}: {reason(error)}"), soft_wrap=True)
        raise SystemExit(2) from error


def reason(error: Exception) -> str:
    """What a person can mend, as a sentence."""
    if isinstance(error, OSError) and is_full(error):
        return f"{say_full(error)}."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}. Give the path of a file that can be read, or of one that can be written."
    return str(error)


def text_of(file: Path, what: str = "a rule or subjects") -> str:
    """A file's text, never more of it than `what` can be."""
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotSaid(f"{file}: the file is larger than {MOST_BYTES:,} bytes. Expected: {what}, as YAML.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NotSaid(f"{file}:{line}: this is not UTF-8 text. Expected: a file saved as UTF-8.") from error


def rule_named(name: str) -> Rule:
    """A shipped rule by its reference, or one in a file; overlays follow after +, each one that ships or in a file."""
    first, *over = _split(name)
    laid = [_overlay_named(one) for one in over]
    if not is_file(first, known_rules()):
        return load_under(first, laid)
    text = text_of(Path(first))
    if first.endswith(".json") and not laid:
        # As a roll keeps it and gives it out (`/api/v1/rules/DIGEST`): whole, with what was laid over it.
        with suppress(msgspec.DecodeError):
            return msgspec.json.decode(text, type=Rule)
    return parse_rule(text, first, laid)


def _overlay_named(name: str) -> Overlay:
    if not is_file(name, overlays()):
        return load_overlay(name)
    return parse_overlay(text_of(Path(name), "an overlay"), name)


def is_file(name: str, known: tuple[str, ...]) -> bool:
    """Whether a name means a file, not a thing that ships."""
    first = name.partition("+")[0]
    return first not in known and ("/" in name or first.endswith((".yaml", ".yml", ".json")) or Path(name).exists())


def _split(name: str) -> list[str]:
    """A rule and the overlays after it. A path may hold + itself: the longest that is a file is one name."""
    parts = name.split("+")
    names = []
    while parts:
        files = (count for count in range(len(parts), 1, -1) if Path("+".join(parts[:count])).is_file())
        taken = next(files, 1)
        names.append("+".join(parts[:taken]))
        parts = parts[taken:]
    return names
