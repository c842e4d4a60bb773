"""What a mail is: the templates and what each needs, the address it goes to, and the message that is made of it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Literal, NamedTuple
from uuid import UUID

from openroll.hosts import ascii_host
from openroll.register.texts import is_one_line
from openroll.rules.language import TAG

Kind = Literal["text", "day", "number", "link"]
Params = Mapping[str, str | int]

TEMPLATES: Mapping[str, Mapping[str, Kind]] = {
    "invitation": {"organisation": "text", "role": "text", "link": "link", "expires": "day"},
    "upload-done": {"file": "text", "rows": "number", "stored": "number", "faults": "number", "link": "link"},
    "reminder-due": {"duty": "text", "due": "day", "link": "link"},
    "passkey-released": {"link": "link"},
    "passkey-added": {"link": "link"},
    "passkey-ended": {"link": "link"},
    "contact-changed": {"until": "day", "link": "link"},
    "confirm-address": {"link": "link"},
    "release-asked": {"until": "day", "link": "link"},
    "subscription-ported": {"operator": "text", "link": "link"},
    "trial": {},
}
"""Every mail there is, and what it must be given. The words are in `openroll.words.mails`."""

MOST_TEXT = 300
MOST_LINK = 2000


class _Whole(UnstructuredHeader, BaseHeader):
    """A header that is one link: folded, it would be none (a line may have 998 characters, RFC 5322, 2.1.1)."""

    def fold(self, *, policy: Policy) -> str:
        """The header in one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = SMTP.clone(max_line_length=76, header_factory=_HEADERS)
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\"\\\x00-\x20\x7f]{1,64}")


class Letter(NamedTuple):
    """A mail in words: the subject in one line, and the text."""

    subject: str
    body: str


Write = Callable[[str, str, Params], Letter]
"""Says a template in a language with its parameters. The words are above this floor, so they are handed in."""


def checked_params(template: str, lang: str, params: Params) -> dict[str, str | int]:
    """The parameters when they are just those of the template and each is fit to stand in a mail.

    Raises ValueError: for an unknown template, what is no language, one missing or too many, and for a text with a line
    break, another control character or a mark that turns the direction of writing. The sentence names the parameter, not its
    value.
    """
    wanted = TEMPLATES.get(template)
    if wanted is None or not TAG.fullmatch(lang):
        raise ValueError(f"there is no mail {template!r} in the language {lang!r}; see TEMPLATES")
    if set(params) != set(wanted):
        raise ValueError(f"the mail {template!r} takes {sorted(wanted)}, and was given {sorted(params)}")
    for name, kind in wanted.items():
        if not _fits(kind, params[name]):
            raise ValueError(f"{name!r} of the mail {template!r} is not fit for a mail: it should be a {_SAID[kind]}")
    return dict(params)


_SAID: Mapping[Kind, str] = {
    "text": f"text of 1 to {MOST_TEXT} characters in one line without control characters",
    "day": "day as YYYY-MM-DD",
    "number": "whole number, 0 or more",
    "link": f"link of at most {MOST_LINK} ASCII characters that begins with https:// or http://",
}


def _fits(kind: Kind, value: str | int) -> bool:
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    if not isinstance(value, str):
        return False
    if kind == "day":
        return _is_day(value)
    if kind == "link":
        return len(value) <= MOST_LINK and re.fullmatch(r"https?://[\x21-\x7e]+", value) is not None
    return 1 <= len(value) <= MOST_TEXT and is_one_line(value) and not value.isspace()


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def checked_address(text: str) -> str:
    """An e-mail address as it is handed to a server: the domain in its ASCII form (IDNA 2008).

    Only the plain form `someone@example.org` is taken, no quoted local part and no address literal (RFC 5321, 4.1.2). Raises
    ValueError, which never repeats the address.
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        ascii_domain = ascii_host(domain)
    except ValueError:
        ascii_domain = ""
    plain = at and _LOCAL.fullmatch(local) and is_one_line(local) and ".." not in f".{local}."
    if not plain or "." not in ascii_domain or len(local.encode()) > 64:
        raise ValueError("this is not an e-mail address of the form someone@example.org")
    address = f"{local}@{ascii_domain}"
    if len(address.encode()) > 254:
        raise ValueError("this e-mail address is longer than 254 characters, the most that mail allows")
    return address


def message_of(
    letter: Letter, lang: str, *, number: UUID, made: datetime, to: str, host: str, stop: str = ""
) -> EmailMessage:
    """The message, the same at each attempt: `number` and `host` make its Message-ID (RFC 5322, 3.6.4), `made` its date.

    Text only, UTF-8, encoded in lines of at most 76 characters (RFC 2045, 6.7 and 6.8). It says that no person sent it
    (Auto-Submitted, RFC 3834, section 5), so that no absence note answers. With `stop`, an https link, a mail program offers one
    press by which no more come (List-Unsubscribe, RFC 8058, section 3.1). `From` is the transport's to add.
    Raises ValueError for a subject that is not one line.
    """
    if not is_one_line(letter.subject):
        raise ValueError("the subject of a mail is one line")
    message = EmailMessage(policy=_POLICY)
    local, _, domain = to.rpartition("@")
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = letter.subject
    message["Date"] = made.astimezone(UTC)
    message["Message-ID"] = f"<{number.hex}@{re.sub(r'[^A-Za-z0-9.-]', '-', host)}>"
    message["Auto-Submitted"] = "auto-generated"
    if stop:
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body, charset="utf-8", cte="quoted-printable" if letter.body.isascii() else "base64")
    message["Content-Language"] = lang  # after the content: setting that takes away every Content- header
    return message
