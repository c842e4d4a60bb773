"""An operator's pages: files with live progress and verdicts, duties, records, codes by letter."""

import csv
import io
import itertools
from typing import Any, BinaryIO, cast

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from openroll.paper import Letter, LetterFrame, letters_apart
from openroll.places.address import office_lines
from openroll.register.decision import Refused
from openroll.rules.language import in_language
from openroll.service import queries
from openroll.service.application import Application
from openroll.service.filing import uploads
from openroll.service.filing.letters import batches, letters_of, withheld
from openroll.service.filing.submit import Taken, refused_of
from openroll.service.filing.upload_files import UPLOAD_LIMITS
from openroll.service.filing.uploads import UploadRow
from openroll.service.identity import filing_code
from openroll.service.identity import release as releases
from openroll.service.queries import Record
from openroll.sheet.faults import safe_cell
from openroll.web import commands
from openroll.web.auth import FormData, Lang, Request, base, form_key, page, refused_page, seat, someone, source, to
from openroll.web.boards import board_of
from openroll.web.filing_alone import choices, districts
from openroll.web.forms import Form
from openroll.web.packing import pack_data
from openroll.web.record_shown import shown_record
from openroll.words import catalogue, say, say_fault, say_refused
from openroll.words.catalogue import gettext
from openroll.words.faults import column_said
from openroll.words.labels import COMPARED, DOING, UPLOADS, words

SHOWN_FAULTS = 50


@get("/{lang:str}/operator", include_in_schema=False)
async def home(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """What an operator sees first: messages, how its duties stand, its newest files."""
    by = seat(request)
    history = await application.ask(uploads.history, by.organisation)
    messages = [_line(application, one, lang) for one in history if one.ended is not None and one.seen is None]
    given: dict[str, Any] = {
        "messages": messages,
        "board": board_of(application, await application.board(by.organisation), lang),
    }
    given |= {
        "operator_title": in_language(someone(request).title, lang),
        "files": [_line(application, one, lang) for one in history[:5]],
    }
    return page("operator.html", request, application, lang, "operator", **given)


@get("/{lang:str}/operator/files", include_in_schema=False)
async def files(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Send a file, and what became of those before."""
    return await _files_page(request, application, lang, Form())


async def _files_page(
    request: Request, application: Application, lang: str, form: Form, status: int = 200
) -> Response[str]:
    history = await application.ask(uploads.history, seat(request).organisation)
    given: dict[str, Any] = {
        "files": [_line(application, one, lang) for one in history],
        "form": form,
        "errors": form.summary(),
        "pack": pack_data(application, lang),
    }
    return page("files.html", request, application, lang, "operator/files", status=status, **given)


def _line(application: Application, row: UploadRow, lang: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": gettext(lang, "File {number}").format(number=row.id),
        "at": catalogue.moment(lang, row.begun, application.roll.zone),
        "state": row.state,
        "purpose": row.purpose,
        "said": _said(row, lang),
    }


def _percent(row: UploadRow) -> int:
    """How far an upload is: 100 only when it has ended."""
    return 100 if row.ended else min(99, 100 * row.done // row.whole) if row.whole else 0


def _said(row: UploadRow, lang: str) -> str:
    """How an upload stands, in a sentence."""
    if row.state == "working" and row.whole:
        doing = words(lang, DOING, row.doing)
        return gettext(lang, "{doing}: {percent}").format(
            doing=doing, percent=catalogue.percent(lang, _percent(row) / 100)
        )
    state = f"{row.purpose}-{row.state}"
    if state == "file-done" and row.rows and not row.stored:
        state = "file-same"
    if state == "file-refused" and row.stored:
        state = "file-rest-refused"
    sentence = words(lang, UPLOADS, state)
    numbers = {name: catalogue.number(lang, getattr(row, name)) for name in ("rows", "stored", "fault_count")}
    return sentence.format(**numbers)


@post("/{lang:str}/operator/files", status_code=200, include_in_schema=False, request_max_body_size=None)
async def send(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Any:
    """Send a file: it is kept at once and taken behind the page."""
    sent = await request.form()
    given, purpose = sent.getall("file", []), sent.get("purpose", "file")
    file = given[0] if len(given) == 1 else None
    form = Form()
    # What a browser calls a file is somebody's words too, often with a name in them: only that there is one is asked.
    if not isinstance(file, UploadFile) or not file.filename or purpose not in ("file", "compare"):
        form.fault("file", gettext(lang, "Choose a file"))
        return await _files_page(request, application, lang, form, 422)
    row = await application.upload(seat(request), cast(BinaryIO, file.file), purpose)
    if isinstance(row, Refused):
        form.fault("file", say_refused(row, lang))
        return await _files_page(request, application, lang, form, row.refusal.status)
    return to(f"/{lang}/operator/files/{row.id}")


async def _upload(request: Request, application: Application, number: int) -> UploadRow | Refused:
    return await application.ask(uploads.find, seat(request).organisation, number)


@get("/{lang:str}/operator/files/{number:int}", include_in_schema=False)
async def file_page(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One file: how far it is, or what became of it, fault by fault."""
    row = await _upload(request, application, number)
    if isinstance(row, Refused):
        form = Form()
        form.fault("file", say(row.refusal.code, {}, lang))
        return await _files_page(request, application, lang, form, 404)
    return await _upload_page(request, application, lang, row, Form())


async def _upload_page(
    request: Request, application: Application, lang: str, row: UploadRow, form: Form, status: int = 200
) -> Response[str]:
    compared = await application.ask(uploads.compared, row)
    found = uploads.Verdicts() if compared else uploads.verdicts(row)
    gone = uploads.why_gone(application.roll, row) if row.state == "refused" else None
    faults = []
    for nth, fault in enumerate(
        (await application.ask(uploads.quoted_faults, row))[:SHOWN_FAULTS] if found.faults else ()
    ):
        what, remedy = say_fault(fault, lang)
        faults.append(
            {"row": fault.row, "column": fault.column, "value": fault.value, "what": what, "remedy": remedy, "n": nth}
            | {"named": column_said(fault, lang) if fault.column.startswith("#") else fault.column}
        )
    lists = _word_lists(application, lang)
    refused = say(found.code, found.params, lang) if found.code else ""
    given: dict[str, Any] = {
        "line": _line(application, row, lang),
        "row": row,
        "kept_until": catalogue.moment(lang, row.ended + UPLOAD_LIMITS.kept_for, application.roll.zone)
        if row.ended
        else "",
        "running": row.state in ("waiting", "working"),
        "percent": _percent(row),
        "faults": faults,
        "lists": {name: lists[name] for name in lists if any(fault["column"] == name for fault in faults)},
        "more": max(0, row.fault_count - len(faults)),
        "refused": refused,
        "gone": say(gone.code, gone.params, lang) if gone else "",
        "compared": compared,
        "differing": _differing(compared, lang) if compared else [],
        "form": form,
        "errors": form.summary(),
    }
    return page("upload.html", request, application, lang, f"operator/files/{row.id}", status=status, **given)


def _differing(compared: uploads.Compared, lang: str) -> list[tuple[str, ...]]:
    """The first differences: handle, column or what was found, the list's value and the roll's."""
    rows = csv.DictReader(io.StringIO(compared.csv.lstrip("\ufeff")))
    return [
        (row["handle"], words(lang, COMPARED, row["column"] or row["found"]), row["list"], row["roll"])
        for row in itertools.islice(rows, SHOWN_FAULTS)
    ]


def _word_lists(application: Application, lang: str) -> dict[str, list[dict[str, str]]]:
    """The words of those columns that have a list of them, each with what it means, for whoever puts a cell right."""
    return {
        "kind": choices(application.kinds(), lang),
        "access": choices(application.roll.place.jurisdiction.accesses, lang),
        "district": districts(application, lang),
    }


@get("/{lang:str}/operator/files/{number:int}/progress", include_in_schema=False)
async def progress(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """How far a file is, for the page that shows it."""
    row = await application.ask(uploads.find, seat(request).organisation, number, looked=False)
    if isinstance(row, Refused):
        return Response({"state": "gone", "said": "", "percent": 0}, status_code=404)
    said = {"state": row.state, "said": _said(row, lang), "percent": _percent(row)}
    return Response(said, headers={"cache-control": "no-store"})


@get("/{lang:str}/operator/files/{number:int}/faults", include_in_schema=False)
async def faults_file(
    lang: FromPath[Lang], number: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The verdicts, or the comparison, as a CSV file."""
    row = await _upload(request, application, number)
    if isinstance(row, Refused):
        return to(f"/{lang}/operator/files")
    text = io.StringIO()
    writer = csv.writer(text)
    if compared := await application.ask(uploads.compared, row):
        text.write(compared.csv)
    else:
        writer.writerow(("row", "column", "value", "fault", "remedy"))
        for fault in await application.ask(uploads.quoted_faults, row):
            cells = (
                column_said(fault, lang) if fault.column.startswith("#") else fault.column,
                fault.value,
                *say_fault(fault, lang),
            )
            writer.writerow((fault.row, *map(safe_cell, cells)))
    headers = {"content-disposition": f'attachment; filename="verdicts-{row.id}.csv"', "cache-control": "no-store"}
    return Response(("\ufeff" + text.getvalue()).encode(), media_type="text/csv", headers=headers)


@post("/{lang:str}/operator/files/{number:int}/mend", status_code=200, include_in_schema=False)
async def mend(
    lang: FromPath[Lang],
    number: FromPath[int],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Any:
    """Put cells right in place and send the file again."""
    row = await _upload(request, application, number)
    if isinstance(row, Refused):
        return to(f"/{lang}/operator/files")
    form = Form(data)
    found = (await application.ask(uploads.quoted_faults, row))[:SHOWN_FAULTS]
    fixes = {
        (fault.row, fault.column): form.value(f"cell-{nth}") for nth, fault in enumerate(found) if f"cell-{nth}" in data
    }
    drop = {fault.row for nth, fault in enumerate(found) if data.get(f"drop-{nth}")}
    again = await application.mend(seat(request), row, fixes, drop)
    if isinstance(again, Refused):
        form.fault("mend", say_refused(again, lang))
        return await _upload_page(request, application, lang, row, form, again.refusal.status)
    return to(f"/{lang}/operator/files/{again.id}")


@get("/{lang:str}/operator/duties", include_in_schema=False)
async def duties(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """How the operator's duties stand, by district, and what falls due."""
    await application.figures()
    board = board_of(application, await application.board(seat(request).organisation), lang)
    return page("duties.html", request, application, lang, "operator/duties", board=board)


@get("/{lang:str}/operator/records", include_in_schema=False, sync_to_thread=False)
def records(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Where an operator opens one of its records."""
    return page("records.html", request, application, lang, "operator/records", form=Form(), record=None)


@post("/{lang:str}/operator/records", status_code=200, include_in_schema=False)
async def record(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """One of the operator's records, by its handle or by the code its subscriber says."""
    return await _record_page(request, application, lang, Form(data, key=commands.new_key(application)))


async def _own(request: Request, application: Application, sought: str) -> Record | Refused:
    return await application.ask(filing_code.operators_record, seat(request), sought, source(request))


async def _record_page(
    request: Request, application: Application, lang: str, form: Form, *, done: str = "", status: int = 200
) -> Response[str]:
    found = await _own(request, application, form.value("sought"))
    given: dict[str, Any] = {"record": None}
    if isinstance(found, Refused):
        form.fault("sought", say_refused(found, lang))
        status = 429 if found.refusal.status == 429 else 404
    else:
        await application.figures()
        if someone(request).waiting:  # a code is a power, and a seat that nobody has confirmed has none
            found = msgspec.structs.replace(found, code="")
        given = shown_record(application, found, lang)
        given["asked"] = await _asked(request, application, found, lang)
    given |= {"form": form, "errors": form.summary(), "done": done}
    return page("records.html", request, application, lang, "operator/records", status=status, **given)


async def _asked(request: Request, application: Application, record: Record, lang: str) -> dict[str, Any] | None:
    """The release that was asked of a record, as a clerk sees it."""
    asked = record.state.release
    if asked is None:
        return None
    over = application.roll.day(application.roll.clock()) > asked.until
    standing = await application.ask(releases.standing_of, seat(request), record)
    return {
        "asking": releases.asking_of(record),
        "clerk": asked.clerk,
        "why": asked.why,
        "until": catalogue.day(lang, asked.until),
        "second": asked.second,
        "over": over,
        "may_second": standing.may_second,
        "void": standing.void,
    }


@post("/{lang:str}/operator/records/release", status_code=200, include_in_schema=False)
async def release(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """Ask to let a record go from a lost passkey, confirm it, give it up, or do it when its holder had the time to say no."""
    form = Form(data, key=form_key(request, data.get("key", "")))
    by, step = seat(request), form.value("step") or "ask"
    found = await _own(request, application, form.value("sought"))
    if isinstance(found, Refused):
        return await _record_page(request, application, lang, form)
    link = f"{base(request)}{lang}/find"
    asking = _number(form.value("asking"))  # the one that the page showed, and nobody else's
    if step == "second":
        outcome = await application.ask(releases.second, by, found.number, form.key, asking)
    elif step == "give-up":
        outcome = await application.ask(releases.give_up, by, found.number, form.key, asking)
    elif step == "release":
        outcome = await application.ask(releases.release, by, found.number, form.key, link, asking)
    else:
        step, why = "ask", form.value("why")
        outcome = await application.ask(releases.ask, by, found.number, why, form.key, link)
    form.key = commands.new_key(application)
    if not isinstance(outcome, Taken):
        form.fault("why" if step == "ask" else "release", say_refused(refused_of(outcome), lang))
        return await _record_page(request, application, lang, form, status=422)
    application.wake()
    released = await application.ask(queries.by_number, found.number)
    if step == "release" and isinstance(released, Record):
        form.values["sought"] = (
            released.state.handle or released.code
        )  # the code it was found by opens nothing any more
    return await _record_page(request, application, lang, form, done=f"release-{step}")


@get("/{lang:str}/operator/letters", include_in_schema=False)
async def letters(lang: FromPath[Lang], request: Request, application: NamedDependency[Application]) -> Response[str]:
    """Filing codes by letter, in batches that a printer can take."""
    after, before = (_number(request.query_params.get(name, "0")) for name in ("after", "before"))
    of = seat(request).organisation
    await application.ask_together((batches, of, after), (withheld, of))
    found, more = await application.ask(batches, of, after)
    shown = []
    for first, count in found:
        shown.append((first, before + 1, before + count))
        before += count
    living, since = await application.ask(withheld, of)
    given: dict[str, Any] = {"batches": shown, "more": more, "before": before, "living": living, "since": since}
    return page("letters.html", request, application, lang, "operator/letters", **given)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


@get("/{lang:str}/operator/letters/{first:int}", include_in_schema=False)
async def letters_batch(
    lang: FromPath[Lang], first: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """The button that makes one batch of letters, for who follows an address of before, when the page itself was the file."""
    found, _ = await application.ask(batches, seat(request).organisation, first)
    if not found:
        raise NotFoundException
    return page("letters-batch.html", request, application, lang, "operator/letters", first=first)


@post("/{lang:str}/operator/letters/{first:int}", status_code=200, include_in_schema=False)
async def letters_file(
    lang: FromPath[Lang],
    first: FromPath[int],
    data: FormData,
    request: Request,
    application: NamedDependency[Application],
) -> Response[Any]:
    """One batch of letters as a PDF, called as the button that makes it: an official act, so it is sent from our own page."""
    operator = seat(request).organisation
    found = await application.ask(letters_of, seat(request), first)
    if isinstance(found, Refused):
        return refused_page(application, lang, found)
    if not found:
        raise NotFoundException
    opened = application.roll.opened
    address = base(request)
    await application.figures()
    frame = LetterFrame(
        title=opened.title,
        registrar=opened.registrar,
        operator=application.operator_title(operator, lang),
        day=application.roll.day(application.roll.clock()),
        find={lang: f"{address}{lang}/find"},
        demonstration=opened.demonstration,
    )
    offices = {district: office_lines(application.roll.place, lang, district) for _, _, district in found}
    batch = [
        Letter(handle=handle, code=code, language=lang, office=offices[district]) for handle, code, district in found
    ]
    printed = await application.print(operator, lambda roll: letters_apart(batch, frame, made=roll.clock()))
    if isinstance(printed, Refused):
        return refused_page(application, lang, printed)
    begins = max(_number(data.get("begins", "")), 1)
    name = f"letters-{begins}-to-{begins + len(found) - 1}.pdf" if "begins" in data else f"letters-after-{first}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(printed, media_type="application/pdf", headers=headers)


operator_handlers: tuple[ControllerRouterHandler, ...] = (
    home,
    files,
    send,
    file_page,
    progress,
    faults_file,
    mend,
    duties,
    records,
    record,
    release,
    letters,
    letters_batch,
    letters_file,
)
"""An operator's pages."""
