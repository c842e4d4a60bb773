"""Exporting a request that was taken, in the forms of others; offline, by whoever opens its envelopes."""

from collections.abc import Callable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held
from openroll.cli.key_files import write_private
from openroll.cli.output import fail, out
from openroll.cli.requests.at_roll import Believed, asked
from openroll.cli.requests.folder import Folder, opened, read_folder
from openroll.cli.requests.reading import FolderPath, Keys
from openroll.cli.requests.resting import REMEDY, asked_last, missing_in, missing_said, parties
from openroll.cli.wiring import Wiring
from openroll.register.exchange.e_evidence import form_1, form_3
from openroll.register.exchange.ts_103_120 import Exported, NoForm, hi1_message
from openroll.register.request.content import Answer, read_content
from openroll.register.request.sealed_parts import rested_on, sealed_in
from openroll.register.request.turns import ANSWER

Form = Literal["ts-103-120", "e-evidence-1", "e-evidence-3"]
_MAKES: Mapping[Form, Callable[[Exported], bytes]] = {
    "ts-103-120": hi1_message,
    "e-evidence-1": form_1,
    "e-evidence-3": form_3,
}


def add(group: App, wiring: Wiring) -> None:
    """Add the command."""

    @group.command
    def export(
        folder: FolderPath,
        /,
        *,
        key: Keys,
        believed: Believed,
        form: Annotated[
            Form, Parameter(help="An HI1 message of ETSI TS 103 120, or Form 1 or 3 of Regulation (EU) 2023/1543.")
        ],
        country: Annotated[
            str,
            Parameter(
                help="The country of its bodies, two letters of ISO 3166-1 (default: that of the roll's jurisdiction, as the roll"
                " said it when the request was taken)."
            ),
        ] = "",
        output: Annotated[
            Path, Parameter(name=["--output", "-o"], help="Where to write the XML. It must not be there yet.")
        ],
    ) -> None:
        """Export a request that you took, as XML for other programs. Needs no network; the record stays with you."""
        if country and not _is_country(country):
            fail(f"--country {country}: expected two capital letters, as CN.")
        with asked():
            exported = _exported(folder, key, believed, country, wiring)
        try:
            data = _MAKES[form](exported)
        except NoForm as error:
            fail(f"request {exported.request.number}: {error}. Nothing was written.", 1)
        write_private(output, data, "An export")
        out.print(f"Wrote {output}: request {exported.request.number} as {form}.")


def _is_country(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()


def _country_of(folder: Folder) -> str:
    if not _is_country(folder.country):
        fail(
            "what was taken does not say in which country the roll's jurisdiction is: it names none or several, or an older"
            " Openroll took it. Give the country of the bodies with --country, two letters of ISO 3166-1, as CN. Nothing was"
            " written.",
            1,
        )
    return folder.country


def _exported(folder: Path, key: list[Path], believed: Believed, country: str, wiring: Wiring) -> Exported:
    found = read_folder(folder, believed)
    held = [read_held(path) for path in key]
    parts = opened(found, held)
    for one in missing_in(found, parties(found, held)):
        # What was replaced, or asked between the bodies, stands in no form of others.
        if one.part == ANSWER or one in rested_on(sealed_in(found.matter.facts), ["operator"]):
            fail(f"{missing_said(found, one)}. Nothing was written. {REMEDY}.", 1)
    ask = asked_last(found, parts)
    if ask is None:
        fail(
            "nothing in this folder says which record is asked about, to this key: only who can open that exports it.",
            1,
        )
    answers = [read_content(one.content, Answer) for one in parts if one.part == "answer"]
    now, request = wiring.clock().astimezone(UTC), found.matter.request
    return Exported(
        found.log.origin,
        request,
        request.status(now),
        ask,
        now,
        answers[-1] if answers else None,
        country or _country_of(found),
    )
