"""What rendering leaves out: options are written without a macro each, and what a page does not show is not made."""

import pytest

from openroll.web.forms import Form
from openroll.web.pages import _environment, shown_by

OPTIONS = [
    {"value": "a", "text": "A"},
    {"value": 'b"<', "text": "B & <i>"},
    {"value": "</select>", "text": "  </select>"},
    {"value": "500103", "text": "渝中区"},
]
MACRO = """{% from "govuk_frontend_jinja/components/select/macro.html" import govukSelect %}
{{ govukSelect({"id": "d", "name": "d", "label": {"html": label | spoken}, "value": form.value("d"), "hint": {"html": "h"},
"items": [{"value": "", "text": ""}] + options,
"errorMessage": {"html": form.errors["d"] | spoken} if form.errors else none}) }}"""


@pytest.mark.parametrize("chosen", ["", "a", 'b"<', "none of them", "</select>"])
def test_a_select_is_written_as_its_macro_writes_it(chosen: str) -> None:
    """With nothing chosen, something, or what is none of them; whatever stands in it is text and no markup."""
    environment, form = _environment("en"), Form({"d": chosen})
    ours = environment.from_string('{% from "parts.html" import select %}{{ select(form, "d", label, options, "h") }}')
    theirs = environment.from_string(MACRO)
    for fault in ("", "wrong <x>"):
        if fault:
            form.fault("d", fault)
        given = {"form": form, "label": "L </select> x", "options": OPTIONS}
        assert ours.render(given).strip() == theirs.render(given).strip()


def test_what_a_page_shows_is_read_from_its_template() -> None:
    """With what it includes and extends; a subscriber's pages of acts make nothing else, and ask for nothing else."""
    assert {"asked", "districts", "kinds", "present"} <= shown_by("mine-correct.html")  # some of it in what it includes
    assert not shown_by("mine-correct.html") & {"to_whom", "contact", "passkeys", "history", "duties", "rows"}
    assert not shown_by("mine-erase.html") & {"fields", "asked", "districts", "to_whom", "contact", "passkeys"}
    assert "head" in shown_by("mine-erase.html")  # the layout's
