"""What every page has by itself is the same on each: no page says another thing under its name."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from openroll.web.pages import digest_of, render
from tests.web.house import House


@pytest.mark.parametrize("name", ["roll_held", "head", "menu", "assets"])
def test_no_page_overwrites_what_all_pages_share(inside: House, name: str) -> None:
    """A page that is given one of these names is a fault of ours, said at once: a record held was once a roll held."""
    application = inside.client.app.state.application
    with pytest.raises(ValueError, match=name):
        render("help.html", application, "en", "help", **{name: "something"})  # type: ignore[arg-type] # any name may be tried


def test_a_filing_held_by_a_passkey_is_no_held_roll(inside: House) -> None:
    """Nothing on the pages of such a filing says that the roll takes nothing."""
    visitor, _ = inside.filed()
    for path in ("/en/mine", "/en/mine/passkey", "/en/find"):
        assert "Nothing can be filed now" not in visitor.get(path).text


def test_a_changed_script_has_a_new_address(tmp_path: Path) -> None:
    """Each style and script that a page names has its part in the digest of their address: changed, it is not served stale."""
    web = files("openroll.web")
    pages = [one.read_text(encoding="utf-8") for one in (web / "templates").iterdir() if one.name.endswith(".html")]
    named = set(re.findall(r"/static/build/([a-z.]+)\?", "\n".join(pages)))
    assert {"theme.css", "pack.js", "telling.js"} <= named
    for name in named:
        (tmp_path / name).write_bytes((web / "static" / "build" / name).read_bytes())
    before = digest_of(tmp_path)
    for name in named:
        with (tmp_path / name).open("ab") as build:
            build.write(b" ")
        now = digest_of(tmp_path)
        assert now != before, name
        before = now
