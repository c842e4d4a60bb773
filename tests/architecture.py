"""The tables of docs/architecture.md, made from the code: floors from import-linter's contract, sentences from docstrings.

`python -m tests.architecture` writes them into the page.
"""

import ast
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src/openroll"
PAGE = ROOT / "docs/architecture.md"


def floors() -> list[tuple[int, str]]:
    """Each room with its floor, the highest first, as import-linter holds them; the lowest is 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    rooms = [[name.strip().removeprefix("openroll.") for name in layer.split("|")] for layer in layers]
    return [(len(rooms) - 1 - nth, room) for nth, layer in enumerate(rooms) for room in layer]


def sentence(path: Path) -> str:
    """The first line of a room's docstring: what it is for."""
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n")[0].replace("|", "\\|")


@cache
def imports(room: str) -> list[str]:
    """The other rooms that a room's files import, in the order of the alphabet."""
    path = SOURCE / room
    files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("openroll."):
                found.add(node.module.split(".")[1])
            elif isinstance(node, ast.ImportFrom) and node.module == "openroll":
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Import):
                found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("openroll.")}
    return sorted(found - {room})


def rooms_table() -> str:
    """Every room: its floor, what it is for, what it imports."""
    lines = ["| floor | room | what it is for | imports |", "|---|---|---|---|"]
    for floor, room in floors():
        uses = " ".join(f"`{one}`" for one in imports(room)) or "nothing of Openroll"
        lines.append(f"| {floor} | `{room}` | {sentence(SOURCE / room)} | {uses} |")
    return "\n".join(lines)


def folders_table() -> str:
    """The folders of `register` and `service`, with their files."""
    lines = ["| folder | what it is for | files |", "|---|---|---|"]
    for room in ("register", "service"):
        inside = sorted(path for path in (SOURCE / room).rglob("*") if (path / "__init__.py").exists())
        for folder in (SOURCE / room, *inside):
            files = " ".join(f"`{path.stem}`" for path in sorted(folder.glob("*.py")) if path.stem != "__init__")
            lines.append(f"| `{folder.relative_to(SOURCE)}` | {sentence(folder)} | {files} |")
    return "\n".join(lines)


def written(page: str) -> str:
    """The page with both tables as the code has them now."""
    for name, table in (("rooms", rooms_table()), ("folders", folders_table())):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
