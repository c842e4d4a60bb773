"""What commands read of a roll's answers is what its API answers: held by the types of both, wherever a command names its own."""

import ast
import builtins
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect as shapes
from tests.api.test_api import Client

from openroll.api.app import api_routes
from openroll.compose.server import application
from openroll.service.roll import Roll

SRC = Path(__file__).parents[2] / "src"
METHODS = {"json_at": "GET", "pages": "GET", "sent": "POST", "_marked": "POST"}
"""What asks a roll, and how."""
ROUTES = [one for one in api_routes if isinstance(one, HTTPRouteHandler)]


def asked() -> Iterator[tuple[str, str, str, Any]]:
    """Each answer that a command reads as a type of its own: where, by which method, from which path, as what."""
    for file in sorted((SRC / "openroll/cli").rglob("*.py")):
        text = file.read_text()
        if not any(f"{name}(" in text for name in METHODS):
            continue
        module = importlib.import_module(".".join(file.relative_to(SRC).with_suffix("").parts))
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in METHODS:
                path, kind = path_of(call.args[1]), kind_of(call.args[-1], vars(module))
                if path is not None and kind is not None:
                    yield f"{file.name} {ast.unparse(call)}", METHODS[call.func.id], path, kind


def kind_of(node: ast.expr, names: dict[str, Any]) -> Any:
    """The type as which an answer is read; None for one that the caller gives."""
    if any(isinstance(one, ast.Name) and one.id not in {*names, *dir(builtins)} for one in ast.walk(node)):
        return None
    return eval(ast.unparse(node), names)  # noqa: S307 - our own source


def path_of(node: ast.expr) -> str | None:
    """A path as it is asked for, with a brace for each part that is filled in; None for one that is made elsewhere."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [str(one.value) if isinstance(one, ast.Constant) else "{" for one in parts]
    if not all(isinstance(one, ast.Constant | ast.FormattedValue) for one in parts) or texts[0] == "{":
        return None
    return "".join(texts).partition("?")[0]


def served(method: str, path: str) -> HTTPRouteHandler:
    """The route that answers at a path: the one that has all of it in its own words, or else one with a place to fill in."""
    parts = path.split("/")
    there = [(one, of.strip("/").split("/")) for one in ROUTES if method in one.http_methods for of in one.paths]
    for filled_in in (False, True):
        for route, own in there:
            pairs = list(zip(own, parts, strict=False)) if len(own) == len(parts) else [("", "none")]
            if all(of == is_ or (of[0:1] == "{" and (filled_in or is_ == "{")) for of, is_ in pairs):
                return route
    raise LookupError(f"{method} {path}")


def lacking(read: shapes.Type, answer: shapes.Type, at: str = "") -> Iterator[str]:
    """What is read of an answer and stands not there in it."""
    if isinstance(read, shapes.ListType | shapes.VarTupleType):
        if isinstance(answer, shapes.ListType | shapes.VarTupleType):
            yield from lacking(read.item_type, answer.item_type, f"{at}[]")
        elif not isinstance(answer, shapes.AnyType):
            yield f"{at} is no list"
    elif isinstance(read, shapes.StructType | shapes.DataclassType):
        if isinstance(answer, shapes.StructType | shapes.DataclassType):
            there = {one.encode_name: one.type for one in answer.fields}
            for field in read.fields:
                if field.encode_name in there:
                    yield from lacking(field.type, there[field.encode_name], f"{at}.{field.encode_name}")
                elif field.required:
                    yield f"{at}.{field.encode_name}"
        elif not isinstance(answer, shapes.AnyType | shapes.DictType):
            yield f"{at} is no object"


def test_commands_read_what_the_api_answers(roll: Roll) -> None:
    """By the types of both; of an answer that has none (the rule, the log), by what is really answered."""
    seen = 0
    with Client(application(roll)) as client:
        for where, method, path, kind in asked():
            answer = served(method, path).parsed_fn_signature.return_type.annotation
            shape = shapes.type_info(*get_args(answer)[:1] if get_origin(answer) is Response else (answer,))
            assert not [*lacking(shapes.type_info(kind), shape, path)], where
            if isinstance(shape, shapes.DictType) and method == "GET":
                msgspec.json.decode(client.get(f"/api/v1/{path}").content, type=kind)
            seen += 1
    assert seen >= 30
