"""What a decider may answer, read from its source: the classes of refusal that it, or what it calls, can make for a command.

The source is followed as Python would run it with a command of that class: a branch that an `isinstance(command, ...)` or a
`match command` closes is not entered. Everything else may be so or not, so what is found is what may be, and never too little.
"""

import ast
import inspect
import types
from collections.abc import Iterator
from functools import cache
from typing import Any

from openroll.register.refusal import Refusal

IN = "openroll.register."
"""Only what stands here decides: calls out of it make no refusals."""


@cache
def answers(function: types.FunctionType, command: type) -> frozenset[type[Refusal]]:
    """The classes of refusal that a function may make, asked with a command of this class."""
    return _Reading(command).of(function)


def answers_in(source: str, known: dict[str, Any], command: type) -> frozenset[type[Refusal]]:
    """The same of a function's source text, whose names mean what `known` says."""
    return _Reading(command).text(source, known)


class _Reading:
    """One reading: what was read already, and of which command."""

    def __init__(self, command: type) -> None:
        self.command = command
        self.read: set[types.FunctionType] = set()

    def of(self, function: types.FunctionType) -> frozenset[type[Refusal]]:
        if function in self.read:
            return frozenset()
        self.read.add(function)
        return self.text(inspect.getsource(function), function.__globals__)

    def text(self, source: str, known: dict[str, Any]) -> frozenset[type[Refusal]]:
        (node,) = ast.parse(source).body
        assert isinstance(node, ast.FunctionDef)
        asked = {name.arg for name in node.args.args if name.arg in ("command", "_")}
        within = _Within(self, known, asked)
        within.block(node.body)
        return frozenset(within.found)


class _Within:
    """The body of one function: the names it can mean, and which of them is the command."""

    def __init__(self, reading: _Reading, known: dict[str, Any], asked: set[str]) -> None:
        self.reading, self.known, self.asked = reading, known, asked
        self.found: set[type[Refusal]] = set()

    def block(self, body: list[ast.stmt]) -> bool:
        """Follow statements; whether none of what comes after them is reached."""
        return any(self.statement(one) for one in body)

    def statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.If():
                return self._if(node)
            case ast.Match(subject=ast.Name(id=name)) if name in self.asked:
                return self._match(node)
            case ast.Return() | ast.Raise():
                self.expressions(node)
                return True
            case ast.AnnAssign():
                self.expressions(node.value) if node.value else None
                return False
            case ast.Match():  # on something else than the command: any case may be the one
                self.expressions(node.subject)
                for case in node.cases:
                    self.expressions(case.guard) if case.guard else None
                    self.block(case.body)
                return False
            case _:
                for child in ast.iter_child_nodes(node):
                    self.block([child]) if isinstance(child, ast.stmt) else self.expressions(child)
                return False

    def _if(self, node: ast.If) -> bool:
        self.expressions(node.test)
        truth = self.truth(node.test)
        first = truth is not False and self.block(node.body)
        second = truth is not True and self.block(node.orelse)
        return bool(first if truth is True else second if truth is False else first and second)

    def _match(self, node: ast.Match) -> bool:
        for case in node.cases:
            if self._fits(case.pattern):
                self.expressions(case.guard) if case.guard else None
                ended = self.block(case.body)
                if case.guard is None:
                    return ended
        return False

    def _fits(self, pattern: ast.pattern) -> bool:
        match pattern:
            case ast.MatchAs(pattern=None):
                return True
            case ast.MatchOr(patterns=several):
                return any(map(self._fits, several))
            case ast.MatchClass(cls=named):
                return self._is(named)
        raise AssertionError(f"a pattern that is not followed here: {ast.dump(pattern)}")

    def expressions(self, node: ast.AST) -> None:
        """Take note of every class of refusal and follow every function that is named, but where the command forbids it."""
        match node:
            case ast.IfExp():
                truth = self.truth(node.test)
                self.expressions(node.test)
                self.expressions(node.body) if truth is not False else None
                self.expressions(node.orelse) if truth is not True else None
            case ast.BoolOp(op=ast.And(), values=values) if any(self.truth(one) is False for one in values):
                pass
            case ast.Call(func=ast.Name(id="isinstance"), args=[what, _]):
                self.expressions(what)
            case ast.Name(id=name) if name in self.known:
                self._named(self.known[name])
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if inspect.ismodule(self.known.get(name)):
                self._named(getattr(self.known[name], attr))
            case _:
                for child in ast.iter_child_nodes(node):
                    self.expressions(child)

    def _named(self, what: object) -> None:
        if isinstance(what, type) and issubclass(what, Refusal):
            self.found.add(what)
        elif isinstance(what, types.FunctionType) and what.__module__.startswith(IN):
            self.found |= self.reading.of(what)

    def truth(self, test: ast.expr) -> bool | None:
        """What a condition comes to for this command; None where it does not say."""
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), of]) if name in self.asked:
                return self._is(of)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                truth = self.truth(inner)
                return None if truth is None else not truth
            case ast.BoolOp(op=op, values=values):
                truths = [self.truth(one) for one in values]
                decides = isinstance(op, ast.Or)
                return decides if decides in truths else (None if None in truths else not decides)
        return None

    def _is(self, named: ast.expr) -> bool:
        return issubclass(self.reading.command, tuple(self._classes(named)))

    def _classes(self, named: ast.expr) -> Iterator[type]:
        match named:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from (*self._classes(left), *self._classes(right))
            case ast.Name(id=name):
                meant = self.known[name]
                yield from meant if isinstance(meant, tuple) else (meant,)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if inspect.ismodule(self.known.get(name)):
                yield getattr(self.known[name], attr)
            case _:
                raise AssertionError(f"classes that are not followed here: {ast.dump(named)}")
