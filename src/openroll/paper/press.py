"""Run Typst so that every machine prints the same PDF."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, Literal, cast

from openroll.paper.typeface import Typeface

# Kept for decades, and read aloud: PDF/A-3a (ISO 19005-3, which lets a receipt ride along) and PDF/UA-1 (ISO 14289-1).
STANDARDS: list[Literal["a-3a", "ua-1"]] = ["a-3a", "ua-1"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A Typst template of this folder and the data it is filled with.

    The data goes in as JSON and is shown as text: nothing in it is ever read as Typst markup.
    """

    template: str
    data: Mapping[str, Any]


def pdf(sheet: Sheet, made: datetime, face: Typeface) -> bytes:
    """A sheet as a tagged PDF. `made` stands in it as the time of making; it must know its time zone."""
    if made.tzinfo is None:
        raise ValueError(f"the time of making {made.isoformat()} has no time zone: give one, such as UTC")
    return _printed(sheet, face, timestamp=int(made.timestamp()), pdf_standards=STANDARDS)[0]


def undated_pdf(sheet: Sheet, face: Typeface) -> bytes:
    """A sheet that sets no date as a tagged PDF (PDF/UA-1) without a time of making, which PDF/A would ask for."""
    return _printed(sheet, face, pdf_standards=["ua-1"])[0]


def pictures(sheet: Sheet, face: Typeface, ppi: float = 144) -> list[bytes]:
    """A sheet as PNG pictures, one a page, to be looked at."""
    return _printed(sheet, face, format="png", ppi=ppi)


def _printed(sheet: Sheet, face: Typeface, **how: Any) -> list[bytes]:
    import typst  # noqa: PLC0415 - loaded with the first paper

    inputs = {"data": json.dumps(sheet.data, ensure_ascii=False)}
    with as_file(files("openroll.paper")) as folder:
        made = cast(
            "bytes | list[bytes]",
            typst.compile(
                folder / sheet.template,
                root=folder,
                font_paths=face.fonts,
                ignore_system_fonts=True,
                sys_inputs=inputs,
                **how,
            ),
        )
    return made if isinstance(made, list) else [made]
