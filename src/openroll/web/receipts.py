"""Receipts: of one's own filing on screen, as the proof itself, and on paper; of an operator's own records, and of one that the
registrar looked up, as the proof."""

from datetime import date
from typing import Any

import segno
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from openroll.paper import PrintedReceipt, receipt_pdf
from openroll.register.decision import Refused
from openroll.register.subscription.refusals import SubscriptionUnknown
from openroll.service.application import Application
from openroll.service.identity import filing_code
from openroll.service.log import receipts
from openroll.service.queries import Record
from openroll.service.records import audited_lookup
from openroll.web.auth import (
    FormData,
    Lang,
    Request,
    base,
    page,
    record_number,
    refused_page,
    seat,
    source,
    to,
)
from openroll.web.pages import svg
from openroll.web.record_shown import own_record
from openroll.words import catalogue
from openroll.words.labels import EVENTS, words


@get("/{lang:str}/mine/receipts/{version:int}", include_in_schema=False)
async def receipt(
    lang: FromPath[Lang], version: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[str]:
    """A receipt's page: what it proves and what not."""
    number = record_number(request)
    await application.ask_together((filing_code.opened, number), (receipts.receipt, number, version))
    record = await own_record(request, application)
    proof = await application.receipt(record.number, version)
    if isinstance(proof, Refused) and isinstance(proof.refusal, SubscriptionUnknown):
        raise NotFoundException
    shown: dict[str, Any] = {"code": record.code, "version": version, "waiting": isinstance(proof, Refused)}
    if isinstance(proof, bytes):
        proved = receipts.proved(application.roll, proof)
        shown |= {
            "proved": proved,
            "keys": application.roll.keys.succession.at(proved.checkpoint.size),
            "what": words(lang, EVENTS, proved.entry.kind),
            "day": catalogue.day(lang, date.fromisoformat(proved.entry.day)),
            "qr": svg(segno.make_qr(address_of(request, lang, record), error="m")),
        }
    return page("receipt.html", request, application, lang, f"mine/receipts/{version}", **shown)


@get("/{lang:str}/mine/receipts/{version:int}/proof", include_in_schema=False)
async def receipt_file(
    lang: FromPath[Lang], version: FromPath[int], request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """The receipt itself."""
    proof = await _proof(request, application, version)
    return to(f"/{lang}/mine/receipts/{version}") if proof is None else _as_file(application, proof, version)


@post("/{lang:str}/operator/records/receipts", status_code=200, include_in_schema=False)
async def receipt_for_operator(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """A receipt of one of the operator's own records, as a file; what its record is found by stands in no address."""
    version, sought = _version_in(data), data.get("sought", "").strip()
    record = await application.ask(filing_code.operators_record, seat(request), sought, source(request))
    return await _of_record(application, lang, record, version)


@post("/{lang:str}/registrar/records/receipts", status_code=200, include_in_schema=False)
async def receipt_for_registrar(
    lang: FromPath[Lang], data: FormData, request: Request, application: NamedDependency[Application]
) -> Response[Any]:
    """A receipt of a record that the registrar looked up, as a file. It is a look of its own, and in the record's history."""
    version, sought, operator = _version_in(data), data.get("sought", ""), data.get("operator", "")
    record = await application.ask(audited_lookup, sought.strip(), operator.strip(), seat(request), source(request))
    application.wake()
    return await _of_record(application, lang, record, version)


def _version_in(data: FormData) -> int:
    """The version of the fact whose receipt is asked for. Raises NotFoundException for what is none."""
    asked = data.get("version", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 10):
        raise NotFoundException
    return int(asked)


async def _of_record(application: Application, lang: str, record: Record | Refused, version: int) -> Response[Any]:
    """The receipt of one fact of a record as a file, or the page that says why not."""
    proof = record if isinstance(record, Refused) else await application.receipt(record.number, version)
    if isinstance(proof, Refused):
        return refused_page(application, lang, proof)
    return _as_file(application, proof, version)


def _as_file(application: Application, proof: bytes, version: int) -> Response[bytes]:
    name = receipts.file_name(application.roll, proof, version)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(proof, media_type="text/plain", headers=headers)


def address_of(request: Request, lang: str, record: Record) -> str:
    """Where a filing is opened, with its code after the hash, which browsers send to nobody."""
    return f"{base(request)}{lang}/find#{record.code.replace(' ', '')}"


async def _proof(request: Request, application: Application, version: int) -> bytes | None:
    proof = await application.receipt(record_number(request), version)
    return proof if isinstance(proof, bytes) else None


@get("/{lang:str}/mine/receipts/{version:int}/pdf", include_in_schema=False)
async def receipt_paper(
    lang: FromPath[Lang],
    version: FromPath[int],
    request: Request,
    application: NamedDependency[Application],
    with_code: FromQuery[bool] = False,
) -> Response[Any]:
    """The receipt to print, in both languages: a copy to be shown, or with the filing code one to be kept like a key."""
    number = record_number(request)
    await application.ask_together((filing_code.opened, number), (receipts.receipt, number, version))
    record = await own_record(request, application)
    proof = await _proof(request, application, version)
    if proof is None:
        return to(f"/{lang}/mine/receipts/{version}")
    code = record.code if with_code else ""
    printed = printed_receipt(application, proof, f"{base(request)}{lang}/verify", code)
    data = await application.print(f"record {record.number}", lambda roll: receipt_pdf(printed, made=roll.clock()))
    if isinstance(data, Refused):
        return refused_page(application, lang, data)
    name = "receipt-with-code.pdf" if with_code else "receipt.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type="application/pdf", headers=headers)


def printed_receipt(application: Application, proof: bytes, address: str, code: str) -> PrintedReceipt:
    """What a printed receipt says; `address` is where it is checked, and `code` empty on a copy to be shown."""
    proved = receipts.proved(application.roll, proof)
    opened = application.roll.opened
    return PrintedReceipt(
        title=opened.title,
        languages=application.roll.languages,
        registrar=opened.registrar,
        code=code,
        what={lang: words(lang, EVENTS, proved.entry.kind) for lang in application.roll.languages},
        day=date.fromisoformat(proved.entry.day),
        index=proved.index,
        size=proved.checkpoint.size,
        origin=application.roll.origin,
        root=proved.checkpoint.root.hex(),
        commitment=proved.entry.commitment.hex(),
        address=address,
        proof=proof,
        demonstration=opened.demonstration,
    )


receipt_handlers: tuple[ControllerRouterHandler, ...] = (
    receipt,
    receipt_file,
    receipt_paper,
    receipt_for_operator,
    receipt_for_registrar,
)
"""The pages of receipts."""
