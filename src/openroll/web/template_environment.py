"""Jinja's environment with what our pages need of it made cheaper: most of what a page costs is the calls between its words.

It renders what Jinja's own does, character by character (`tests/web/test_template_environment.py` holds it to that).
"""

import types
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any

from jinja2 import Environment, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined] # of its two the one that is there

_PLAIN = (types.FunctionType, types.MethodType, types.BuiltinFunctionType, partial)
_OF_EACH_DICT = frozenset(dir(dict))


def shown(value: Any) -> str:
    """A value as it stands in a page. As `markupsafe.escape`, whose result says that it is markup; this is joined at once."""
    kind = type(value)
    if kind is Markup:
        return str(value)
    return _escape_inner(value) if kind is str else escape(value)


class _Context(Context):
    """Jinja's, but that it does not ask a macro or a plain function four times whether it wants the context."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # No template has globals of its own, so there are none to be looked for at each import of macros.
        self.globals_keys: set[str] = set()

    def call(__self, __obj: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - no argument is called so
        kind = type(__obj)
        if kind is Macro:
            args = (__self.eval_ctx, *args)
        elif kind not in _PLAIN or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(*args, **kwargs)


class _Code(CodeGenerator):
    """Jinja's, but that what stands in a page goes through `shown`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.shown(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Translating(NodeTransformer):
    """Puts the words of a language in place of each `_("…")` into which nothing else goes."""

    def __init__(self, translated: Callable[[str], Markup]) -> None:
        self._translated = translated

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja calls it by the node's class
        self.generic_visit(node)
        words = node.args[0] if len(node.args) == 1 else None
        others = node.kwargs or node.dyn_args or node.dyn_kwargs
        if (
            isinstance(node.node, nodes.Name)
            and node.node.name == "_"
            and isinstance(words, nodes.Const)
            and not others
        ):
            return nodes.Const(self._translated(words.value), lineno=node.lineno)
        return node


class TemplateEnvironment(Environment):
    """An environment of one language, whose templates have its globals themselves and are there as long as the program is."""

    context_class = _Context
    code_generator_class = _Code
    shown = staticmethod(shown)

    def __init__(self, translated: Callable[..., Markup], **given: Any) -> None:
        super().__init__(autoescape=True, auto_reload=False, **given)
        self.globals["_"] = translated
        self._translating = _Translating(translated)
        self._templates: dict[str, Template] = {}

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's, and not a map laid over them: each import of macros compared the keys of such a map one by one."""
        return self.globals if not d else super().make_globals(d)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - as Jinja calls it
    ) -> Template:
        """As Jinja's; a page imports macros from eleven, and each was looked for by its loader and checked."""
        if not isinstance(name, str) or globals:
            return super().get_template(name, parent, globals)
        if name not in self._templates:
            self._templates[name] = super().get_template(name, parent)
        return self._templates[name]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As Jinja's; what a macro is given in a dict is not looked for among what dicts can do."""
        if type(obj) is dict and attribute in obj and attribute not in _OF_EACH_DICT:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = self._translating.visit(super()._parse(source, name, filename))
        return parsed
