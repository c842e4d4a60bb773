"""docs/architecture.md is the code's: its rooms and their imports, and every file and name that its walks go by."""

import ast
import re

from tests.architecture import PAGE, SOURCE, floors, imports, sentence, written

TEXT = PAGE.read_text("utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    """Rooms, floors, sentences, imports and files; `python -m tests.architecture` writes them anew."""
    assert written(TEXT) == TEXT


def test_every_room_is_on_a_floor_and_says_what_it_is_for() -> None:
    """A folder or file of the package that stands on no floor is held by no contract."""
    rooms = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert rooms - {"__init__", "__main__"} == {room for _, room in floors()}
    assert all(sentence(SOURCE / room) for _, room in floors())


def test_a_room_imports_from_below_alone() -> None:
    """What the table shows goes down the floors, or to a room that stands beside on none."""
    floor = {room: number for number, room in floors()}
    assert all(floor[other] < number for number, room in floors() for other in imports(room)), floor


def test_every_file_and_name_of_the_walks_is_there() -> None:
    """A step of a walk names a file, and what to look for in it."""
    walks = TEXT[TEXT.index("## A filing") :]
    steps = re.findall(r"`([a-z_/]+\.py)`(?: `(\w+)`)?", walks)
    assert len(steps) > 20
    for path, name in steps:
        tree = ast.parse((SOURCE / path).read_text("utf-8"))
        defined = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        for node in tree.body:
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
        assert not name or name in defined, (path, name)


def test_what_is_not_built_is_said() -> None:
    """A walk through rooms that are not there yet says so, until they are."""
    section = TEXT.split("## A request")[1].split("## ")[0]
    assert ("**Not built yet.**" in section) == (not (SOURCE / "service/requests").exists())
