"""Contact sheets of every page in every state: `script/screens` runs this against the tests' server.

Not part of the suite (its name says so to pytest). Single pictures and sheets go to the folder in OPENROLL_SCREENS.
"""

import os
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from tests.web.walk import Walk

ColorScheme = Literal["light", "dark"]
FOLDER = Path(os.environ.get("OPENROLL_SCREENS", "var/screens"))
SCHEMES: tuple[ColorScheme, ...] = ("light", "dark") if os.environ.get("OPENROLL_SCREENS_DARK") else ("light",)
ON_A_SHEET = 12
COLUMNS = {390: 6, 1280: 4}
THUMB = {390: 300, 1280: 460}
TALLEST = {390: 1100, 1280: 700}


@pytest.mark.parametrize(("lang", "width", "scheme"), list(product(("en", "zh"), COLUMNS, SCHEMES)))
def test_sheets(browser: Browser, walk: Walk, lang: str, width: int, scheme: ColorScheme) -> None:
    """Every page of the walk is on a sheet."""
    variant = f"{lang}-{width}-{scheme}"
    single = FOLDER / variant
    single.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    names = []
    for state in walk.states:
        walk.go(page, state, lang)
        # Pictures load when they come into sight; a picture of the whole page has them all in sight.
        page.evaluate(
            "Promise.all([...document.images].map(one => (one.loading = 'eager', one.decode().catch(() => 0))))"
        )
        page.screenshot(path=single / f"{state.name}.png", full_page=True)
        names.append(state.name)
    context.close()
    for number, some in enumerate(_dozens(names), 1):
        sheet = FOLDER / f"{variant}-{number:02}.html"
        sheet.write_text(_sheet(variant, some, width), encoding="utf-8")
        _print(browser, sheet)
        sheet.unlink()


def _dozens(names: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), ON_A_SHEET):
        yield names[first : first + ON_A_SHEET]


def _sheet(variant: str, names: list[str], width: int) -> str:
    style = (
        f"body{{margin:16px;display:grid;grid-template-columns:repeat({COLUMNS[width]},{THUMB[width]}px);gap:24px;"
        "background:#999;font:bold 20px sans-serif}figure{margin:0}"
        f"img{{display:block;width:100%;max-height:{TALLEST[width]}px;object-fit:cover;object-position:top}}"
    )
    figures = "".join(
        f'<figure><figcaption>{escape(name)}</figcaption><img src="{variant}/{name}.png" alt=""></figure>'
        for name in names
    )
    return f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><style>{style}</style>{figures}</html>'


def _print(browser: Browser, sheet: Path) -> None:
    page = browser.new_page(viewport={"width": 2000, "height": 1000})
    page.goto(sheet.resolve().as_uri())
    page.locator("body").screenshot(path=sheet.with_suffix(".png"))
    page.close()
