"""A sentence of ours that has several lines is printed as lines: what keeps others' line breaks away is not for ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/openroll"
ONE_LINE = {"line", "one_line", "fail", "out.print", "err.print", "table.add_row"}
"""What takes each text for one line, whatever is in it. A `Text`, or what was split into its lines, is another thing."""


class Module:
    """The texts and functions of a file, with the texts that it takes from other files."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = {one.name: one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef)}
        self.texts = {
            target.id: one.value.value
            for one in self.tree.body
            if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)
            for target in one.targets
            if isinstance(target, ast.Name)
        }

    def taken(self) -> Iterator[tuple[Path, str]]:
        """The names in capitals that it takes from other files of ours, with the file."""
        for one in self.tree.body:
            if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("openroll."):
                path = SOURCE / Path(*str(one.module).split(".")[1:]).with_suffix(".py")
                yield from ((path, name.name) for name in one.names if name.name.isupper() and path.exists())

    def has_lines(self, node: ast.AST) -> bool:
        """Whether an expression makes a text of several lines by the program's own words."""
        if isinstance(node, ast.Constant):
            return isinstance(node.value, str) and "\n" in node.value
        if isinstance(node, ast.Name):
            return "\n" in str(self.texts.get(node.id, ""))
        if isinstance(node, ast.Call):
            made = self.functions.pop(ast.unparse(node.func), None)  # a function that calls itself says no more by that
            returned = [one.value for one in ast.walk(made) if isinstance(one, ast.Return)] if made else []
            found = ast.unparse(node.func) == "'\\n'.join" or any(self.has_lines(one) for one in returned if one)
            self.functions |= {made.name: made} if made else {}
            return found
        if isinstance(node, ast.JoinedStr | ast.FormattedValue | ast.IfExp | ast.BinOp):
            return any(map(self.has_lines, ast.iter_child_nodes(node)))
        return False


def test_no_command_gives_lines_of_ours_for_one_line() -> None:
    """Every call that prints one line, in every command: no text of ours with a line break goes into it whole."""
    paths = [*(SOURCE / "cli").rglob("*.py"), SOURCE / "bench/command.py"]
    modules = {path: Module(path) for path in paths}
    for module in list(modules.values()):
        for path, name in module.taken():
            others = modules.setdefault(path, Module(path)) if path not in modules else modules[path]
            module.texts.setdefault(name, others.texts.get(name))
    found = [
        f"{path.relative_to(SOURCE)}:{call.lineno}: {ast.unparse(given)[:60]}"
        for path in paths
        for call in ast.walk(modules[path].tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ONE_LINE
        for given in call.args
        if modules[path].has_lines(given)
    ]
    assert found == []
    assert len(paths) > 50
