"""Filings that are good under the safeguarded regulation, for tests of the service."""

import csv
import hashlib
import io
from base64 import urlsafe_b64encode
from datetime import date

import msgspec

from openroll.register.command import Actor, Command
from openroll.register.subscription.commands import File
from openroll.service.filing.submit import Submission
from tests.handles import handle as handle_of


def digest(text: str) -> str:
    """A digest as a filing carries it."""
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")


def digests(seed: str) -> tuple[str, ...]:
    """Four sorted digests."""
    return tuple(sorted(digest(f"{seed}{number}") for number in range(4)))


def filing(operator: str = "east", handle: str = "a-1", **given: object) -> File:
    """A good filing under the handle of an account (or of none, where it is empty), or one with something given."""
    whole = {"kind": "household", "access": "adsl", "district": "500103", "connected": date(2006, 11, 1)}
    whole |= {"operator": operator, "handle": handle and handle_of(handle), "digests": digests(operator + handle)}
    return msgspec.convert(whole | given, File)


def submission_of(command: Command, actor: Actor) -> Submission:
    """A submission of a command, under a key made from it."""
    request = hashlib.sha256(msgspec.json.encode(command)).digest()
    handle = command.handle if isinstance(command, File) and actor.role == "operator" else ""
    return Submission(command=command, actor=actor, key=request.hex()[:20], request=request, handle=handle)


def rows_file(count: int, account: str = "file-") -> io.BytesIO:
    """An operator's file of so many new subscriptions, whose account numbers begin so."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["handle", "kind", "access", "district", "connected", "digests"])
    for number in range(count):
        told = " ".join(digests(f"file-{number}"))
        writer.writerow([handle_of(f"{account}{number}"), "household", "adsl", "500103", "2006-10-02", told])
    return io.BytesIO(out.getvalue().encode())
