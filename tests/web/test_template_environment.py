"""Templates render what Jinja's own environment would, with fewer calls between their words."""

from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from openroll.web.template_environment import TemplateEnvironment

TEMPLATES = {
    "layout": "<title>{% block title %}{% endblock %}</title>{{ _('Menu <&>') }}{% block content %}{% endblock %}",
    "macros": """{% from "inner" import button %}
{% macro field(params) %}<i {{ params.items is callable }} {{ params.value }} {{ params.absent }}>
{{ params.html | safe if params.html }}
{%- for one in params.list %}{{ loop.index }}{{ button({"text": one, "last": loop.last}) }}{% endfor %}{{ caller() if caller }}
{% endmacro %}""",
    "inner": "{% macro button(params) %}<b>{{ params.text }}{{ params.last }}{{ params.get('text') }}</b>{% endmacro %}",
    "page": """{% extends "layout" %}{% from "macros" import field %}
{% block title %}{{ _("Title '%%'") }} {{ words }}{% endblock %}
{% block content %}
{{ field({"value": value, "html": markup, "items": "own", "list": ["<", _("Told"), 3, none, markup]}) }}
{% call field({"value": _("of %(whom)s <b>", whom=value)}) %}called {{ value }}{% endcall %}
{% for key, each in told.items() %}{{ key }}{{ each }}{{ told.keys() | list }}{{ sees("value") }}{% set key = 1 %}{% endfor %}
{{ value ~ markup ~ "<>" }}{{ absent }}{{ 1.5 }}{{ true }}{{ [value, markup] }}{{ "%s" | format(value) }}{{ value.upper() }}
{% autoescape false %}{{ value }}{% endautoescape %}{{ html }}
{% endblock %}""",
}


@pass_context
def _sees(context: Context, name: str) -> Any:
    return context[name]


class _Html:
    def __html__(self) -> str:
        return "<hr>"


def _translated(text: str, **given: Any) -> Markup:
    return Markup({"Told": "T<i>ld"}.get(text, text)) % given  # noqa: S704 - the test's own


GIVEN: Mapping[str, Any] = {
    "value": "<a & 'b' \">",
    "markup": Markup("<u>"),
    "words": 'x"',
    "told": {"<k>": "<v>"},
    "sees": _sees,
    "html": _Html(),
}


def test_a_page_is_what_jinja_makes_of_it() -> None:
    """Whatever stands in it: text, markup, numbers, nothing; macros that call each other; what asks for the context."""
    theirs = Environment(loader=DictLoader(TEMPLATES), autoescape=True)
    theirs.globals["_"] = _translated
    ours = TemplateEnvironment(_translated, loader=DictLoader(TEMPLATES))
    for _ in range(2):
        assert ours.get_template("page").render(GIVEN) == theirs.get_template("page").render(GIVEN)


def test_words_of_a_page_are_put_in_its_language_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page calls for what is put into its words alone, and the rest of them stands in it as markup does."""
    called: list[object] = []
    ours = TemplateEnvironment(_translated, loader=DictLoader({}))
    page = ours.from_string("{{ _('Told') }} {{ _('100%% <b>') }} {{ _('of %(whom)s <b>', whom='<i>') }}")
    real = ours.context_class.call

    def call(self: Any, obj: Any, *given: Any, **named: Any) -> Any:
        called.append(obj)
        return real(self, obj, *given, **named)

    monkeypatch.setattr(ours.context_class, "call", call)
    assert (page.render(), len(called)) == ("T<i>ld 100% <b> of &lt;i&gt; <b>", 1)
