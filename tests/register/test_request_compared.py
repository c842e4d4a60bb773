"""A notice beside the public log: the command's comparison and the page's say the same, and no honest notice is contradicted."""

import json
import subprocess
from pathlib import Path

import msgspec
import pytest
from tests.tlog.test_corpus import node
from tests.told import USE, content_of, in_public

from openroll.register.request.compared import PublicRequest, PublicUse, compare
from openroll.register.request.content import Notice, read_content

FRONTEND = Path(__file__).parents[2] / "frontend/src"
SCRIPT = """
const { beside } = await import(new URL("notice-compared.js", process.argv[1]).href);
let text = ""; for await (const part of process.stdin) text += part;
const { notice, request, use } = JSON.parse(text);
const fetched = { requests: new Map([[1, request]]), uses: new Map([[1, use]]), whole: true };
console.log(JSON.stringify(Object.keys(beside(notice, fetched).otherwise)));
"""
TOLD = {
    "authority_title": "警察 / Police",
    "purpose": "目的 / p",
    "asked": ("phone", "name"),
    "given": ("phone", "name"),
}
FIELDS = {"fields": ["name", "phone"], "given": ["name", "phone"]}
IN_TWO = USE | {"titles": {"en": "Police", "zh": "警察"}, "said": {"en": "p", "zh": "目的"}}


@pytest.mark.parametrize(
    ("told", "otherwise"),
    [
        ({}, set()),
        ({"purpose": "p / 目的"}, set()),
        ({"purpose": "p"}, {"purpose"}),
        ({"purpose": "p / 目的 / p"}, {"purpose"}),
        ({"authority_title": "Police / 法院"}, {"authority_title"}),
        ({"asked": ("name",), "given": ("name", "phone", "phone")}, {"asked", "given"}),
    ],
)
def test_another_order_of_languages_and_fields_contradicts_nothing(
    told: dict[str, object], otherwise: set[str]
) -> None:
    """Programs write them each in its own order: only what is left out, added or other is told otherwise, on both sides."""
    content, public = content_of(1, **(TOLD | told)), in_public(1, **FIELDS)
    notice = read_content(content, Notice)
    compared = compare(notice, msgspec.convert(public, PublicRequest), msgspec.convert(IN_TWO, PublicUse))
    assert set(compared.otherwise) == otherwise
    asked = {"notice": msgspec.to_builtins(notice), "request": public, "use": IN_TWO}
    command = [node(), "--input-type=module", "-e", SCRIPT, f"{FRONTEND.as_uri()}/"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) == otherwise
