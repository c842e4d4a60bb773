"""A command that another one names as the next step can be pasted: it is there, and takes the options that stand in it."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App, CycloptsError

from openroll.bench.command import app_of
from openroll.cli import build
from openroll.cli.output import command
from openroll.cli.requests.at_roll import AtRoll, Believed
from openroll.compose.main import Process
from openroll.compose.settings import settings_from

SOURCE = Path(__file__).parents[2] / "src/openroll"
SPEAKING = [SOURCE / "cli", SOURCE / "compose"]
MENTIONED = {
    "audit",
    "backup follow",
    "disclosure give",
    "handle of",
    "handle rekey",
    "pack",
    "provider",
    "receipt explain",
    "request complete",
    "request not-given",
    "request take",
    "token issue",
    "verify",
}
"""Commands that a sentence speaks of, as what made a file or what there is besides, with nothing said of how to call them."""
AT = AtRoll(roll="https://roll.example", token=Path("my token"))
BELIEVED = Believed(log_key=["log.pub", "other.pub"], policy=Path("a policy"))
OWN = ["--key", "east.key", "--disclosures", "east", "--handle-key", "east.handle-key", *BELIEVED.words()]
GIVEN = {"at.roll": AT.roll, "*believed.words()": BELIEVED.words(), "*here": ["--settings", "w.yaml"], "*given": OWN}


@pytest.fixture(scope="module")
def app() -> App:
    """All commands."""
    process = Process(settings_from({}))
    made = build(process)
    made.command(app_of(process))
    return made


def files() -> Iterator[tuple[str, ast.Module]]:
    """The files that speak, by their place."""
    for folder in SPEAKING:
        for path in sorted(folder.rglob("*.py")):
            yield str(path.relative_to(SOURCE)), ast.parse(path.read_text("utf-8"))


def words_of(nodes: list[ast.expr]) -> list[str]:
    """What a call puts into a command: its own words as they are, and `1` for each that only a run knows."""
    found: list[str] = []
    for node in nodes:
        given = GIVEN.get(ast.unparse(node), "1")
        said = node.value if isinstance(node, ast.Constant) else given
        found += [str(one) for one in (said if isinstance(said, list) else [said])]
    return found


def made() -> Iterator[tuple[str, list[str]]]:
    """Every command that is put together by `output.command`, and where."""
    for file, tree in files():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name == "command" and node.args and file != "cli/requests/at_roll.py":
                yield file, words_of(node.args)
            elif name == "at.command":
                act, number, *more = words_of(node.args)
                yield file, shlex.split(AT.command(act, int(number), *more).strip("`"))[1:]


def written() -> Iterator[tuple[str, list[str]]]:
    """Every command that stands written out in a sentence, with `1` for what a run puts in, and where."""
    for file, tree in files():
        docs = {id(node.body[0].value) for node in ast.walk(tree) if _has_doc(node)}  # type: ignore[attr-defined]
        helps = {id(one) for node in ast.walk(tree) if _is_help(node) for one in ast.walk(node)}
        for node in ast.walk(tree):
            text = _text(node)
            if text and id(node) not in docs | helps:
                for found in re.findall(r"`openroll ([^`]+)`", text):
                    words = shlex.split(found.partition(" > ")[0])
                    if words != ["1"]:  # `output.command` itself
                        yield file, ["1" if word == "N" else word for word in words]


def _has_doc(node: ast.AST) -> bool:
    body = getattr(node, "body", None)
    return isinstance(body, list) and bool(body) and isinstance(body[0], ast.Expr)


def _is_help(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("Parameter", "App", "app.command", "group.command")


def _text(node: ast.AST) -> str:
    """A text as it is printed."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "1" for one in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_command_that_is_put_together_can_be_pasted(app: App) -> None:
    """Each has all that it needs, and no option that it does not take."""
    found = list(made())
    assert len(found) > 15
    for file, words in found:
        try:
            app.parse_args(words, print_error=False, exit_on_error=False)
        except CycloptsError as error:
            raise AssertionError(f"{file}: openroll {shlex.join(words)}: {error}") from error


def test_a_command_in_a_sentence_is_whole_or_only_spoken_of(app: App) -> None:
    """Whoever reads how to call it can call it so; one that is only spoken of is there."""
    spoken_of = []
    for file, words in written():
        try:
            app.parse_args(words, print_error=False, exit_on_error=False)
        except CycloptsError as error:
            spoken_of.append((file, shlex.join(words), str(error)))
    assert [one for one in spoken_of if one[1] not in MENTIONED] == []
    assert all(app.parse_commands(name.split())[0] == tuple(name.split()) for name in MENTIONED)


def test_what_this_run_was_given_stands_in_the_next_step() -> None:
    """The roll, the log's keys and the policy go along, and a blank in a path breaks nothing."""
    said = command("request", "show", 7, "--roll", AT.roll, *BELIEVED.words())
    assert said == (
        "`openroll request show 7 --roll https://roll.example --log-key log.pub --log-key other.pub --policy 'a policy'`"
    )
    told = AT.command("not-given", 7, "--outcome", "not-held")
    assert told == ("`openroll request not-given 7 --roll https://roll.example --token 'my token' --outcome not-held`")
