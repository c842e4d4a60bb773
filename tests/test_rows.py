"""A row without columns is an empty tuple, which is false: who asks whether there is one compares it with None."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_NO_COLUMNS = re.compile(r"\s*select from ")


def asked_for_truth(function: ast.AST) -> Iterator[ast.expr]:
    """Every expression of which a function asks whether it is true."""
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            yield node.test
        elif isinstance(node, ast.BoolOp):
            yield from node.values
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node.operand
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "bool":
            yield from node.args


def is_row(node: ast.expr) -> bool:
    """Whether an expression is what `fetchone` gave."""
    node = node.value if isinstance(node, ast.NamedExpr) else node
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fetchone"


def taken_for_false(source: str) -> list[int]:
    """The lines in which a function that selects no columns asks for the truth of a row."""
    found = []
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        texts = [
            one.value for one in ast.walk(function) if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if not any(map(_NO_COLUMNS.match, texts)):
            continue
        given = [one for one in ast.walk(function) if isinstance(one, ast.Assign | ast.NamedExpr) and is_row(one.value)]
        targets = [target for one in given for target in (one.targets if isinstance(one, ast.Assign) else [one.target])]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        asked = [
            one for one in asked_for_truth(function) if is_row(one) or (isinstance(one, ast.Name) and one.id in names)
        ]
        found += [one.lineno for one in asked]
    return found


def test_no_row_without_columns_is_taken_for_none() -> None:
    """In no function of the program and its tests; and the search finds one where it stands."""
    assert taken_for_false(
        'def look(c):\n    row = c.execute("select from work").fetchone()\n    return 1 if row else 0'
    ) == [3]
    assert taken_for_false('def look(c):\n    return not c.execute("select from work").fetchone()') == [2]
    assert taken_for_false('def look(c):\n    return c.execute("select from work").fetchone() is not None') == []
    files = [*(ROOT / "src/openroll").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    sources = {path: path.read_text("utf-8") for path in files if path != Path(__file__)}
    found = {
        str(path): lines
        for path, text in sources.items()
        if "select from " in text and (lines := taken_for_false(text))
    }
    assert found == {}
