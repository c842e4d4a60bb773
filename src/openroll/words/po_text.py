"""A catalogue as text: begun anew for a language, and changed in place, so that all else in it stays as somebody wrote it."""

from collections.abc import Callable, Collection, Mapping, Sequence

from babel.messages.pofile import normalize

from openroll.words.plurals import plural_header, plural_names
from openroll.words.template import Words

_HEADER = """\
# {name}: the words of Openroll, or of one roll, in this language.
# Lines with #. say where a text is seen; what stands after "# " is yours.
msgid ""
msgstr ""
"Language: {tag}\\n"
"Last-Translator: {by}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
Change = tuple[Sequence[str], Sequence[str]]
"""What a message is to become: its translations, a plural form each, and the lines of the translator's note."""


def new_catalogue(tag: str, name: str, by: str, texts: Sequence[Words], said: Callable[[Words], str]) -> str:
    """A catalogue with every text, each with what `said` gives for it (empty: not translated yet). `name` is the language's."""
    forms = len(plural_names(tag))
    blocks = [_HEADER.format(name=name, tag=tag, by=by, plural=plural_header(tag))]
    for one in texts:
        lines = [f"#. {one.seen}", *(f"#: {place}" for place in one.places)]
        lines += [f"msgctxt {_quoted(one.context)}"] if one.context else []
        lines += [f"msgid {_quoted(one.text)}"]
        if one.plural:
            lines += [f"msgid_plural {_quoted(one.plural)}", *(f'msgstr[{form}] ""' for form in range(forms))]
        else:
            lines += [f"msgstr {_quoted(said(one))}"]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def with_new(text: str, tag: str, texts: Sequence[Words], had: Collection[tuple[str, str]]) -> tuple[str, int]:
    """A catalogue's text with those texts added that it lacks, at its end, and how many they are. All else stays."""
    new = [one for one in texts if (one.context, one.text) not in had]
    if not new:
        return text, 0
    _, _, blocks = new_catalogue(tag, "", "", new, lambda _: "").partition("\n\n")
    return f"{text.rstrip()}\n\n{blocks}", len(new)


def _quoted(text: str) -> str:
    return normalize(text, width=0)


def changed(text: str, changes: Mapping[int, Change]) -> str:
    """The text of a catalogue with messages changed, each by the line of its `msgid`, counted from 1. All else stays."""
    lines = text.split("\n")
    for line in sorted(changes, reverse=True):
        _change(lines, line - 1, *changes[line])
    return "\n".join(lines)


def _change(lines: list[str], at: int, forms: Sequence[str], note: Sequence[str]) -> None:
    """Change the message whose `msgid` is this line; `lines` is changed from its end, so that lines above keep their places."""
    first = next(index for index in range(at, len(lines)) if lines[index].lstrip().startswith("msgstr"))
    after = first
    while after < len(lines) and (lines[after].lstrip().startswith(("msgstr", '"'))):
        after += 1
    if len(forms) == 1 and not lines[first].lstrip().startswith("msgstr["):
        lines[first:after] = f"msgstr {_quoted(forms[0])}".split("\n")
    else:
        told = [f"msgstr[{index}] {_quoted(form)}" for index, form in enumerate(forms)]
        lines[first:after] = "\n".join(told).split("\n")
    begin = _beginning(lines, at)
    head = [line for line in lines[begin:at] if not _own_comment(line)]
    head = [kept for line in head if (kept := _without_fuzzy(line)) is not None]
    lines[begin:at] = [*(f"# {one}".rstrip() for one in note), *head]


def _beginning(lines: Sequence[str], at: int) -> int:
    """Where the message begins whose `msgid` is line `at`: with its comments and its context."""
    begin = at
    while begin > 0:
        before = begin - 1
        while before > 0 and lines[before].lstrip().startswith('"'):
            before -= 1
        line = lines[before].lstrip()
        if line.startswith("msgctxt") or (before == begin - 1 and line.startswith("#") and not line.startswith("#~")):
            begin = before
        else:
            break
    return begin


def _own_comment(line: str) -> bool:
    """Whether a line is a translator's own comment: not one of the marks that tools write."""
    return line.startswith("#") and not line.startswith(("#.", "#:", "#,", "#|", "#~"))


def _without_fuzzy(line: str) -> str | None:
    if not line.startswith("#,"):
        return line
    flags = [flag for one in line[2:].split(",") if (flag := one.strip()) and flag != "fuzzy"]
    return f"#, {', '.join(flags)}" if flags else None
