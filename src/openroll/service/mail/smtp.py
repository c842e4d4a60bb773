"""The way out for mails: a mail server that is spoken to with SMTP (RFC 5321), under TLS unless it is on this machine."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from openroll.hosts import ascii_host
from openroll.register.texts import is_one_line
from openroll.service.mail.message import checked_address

PATIENCE = 30.0
"""Seconds that each step of the conversation may take. Stopping the post waits for one conversation at most."""


class TryLater(Exception):
    """The mail was not taken this time. What is said names no address, for it is kept where people read it."""


class ServerAway(TryLater):
    """The server was not reached, or did not let us in: no other mail would fare better now."""


class RefusedForGood(Exception):
    """The server refuses this mail and always will (a 5xx answer, RFC 5321, 4.2.1). What is said names no address."""


class Transport(Protocol):
    """Takes one message to one address."""

    def send(self, message: EmailMessage, to: str) -> None:
        """Return when the mail is the server's to deliver. Raises TryLater, ServerAway or RefusedForGood."""


@dataclass(frozen=True, kw_only=True)
class Smtp:
    """A mail server. Each mail has a conversation of its own."""

    host: str
    port: int
    implicit_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str
    sender_name: str = ""
    patience: float = PATIENCE
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, message: EmailMessage, to: str) -> None:
        """Send one message to one address; see Transport."""
        server = self._reach()
        try:
            self._let_in(server)
            self._hand_over(server, message, to)
        finally:
            # What the server says to our goodbye changes nothing: the mail is taken, or the error is known.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _reach(self) -> smtplib.SMTP:
        # Our own name is the sender's domain: looking up this machine's would tell its name and may take long.
        name = self.sender.rpartition("@")[2]
        try:
            if self.implicit_tls:
                return smtplib.SMTP_SSL(
                    self.host, self.port, local_hostname=name, timeout=self.patience, context=self._context()
                )
            return smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.patience)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerAway(f"the mail server {self.host}:{self.port} was not reached: {_said(error)}") from None

    def _let_in(self, server: smtplib.SMTP) -> None:
        try:
            server.ehlo_or_helo_if_needed()
            if not self.implicit_tls:
                self._start_tls(server)
            if self.user:
                server.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            raise ServerAway(f"the mail server {self.host}:{self.port} did not let us in: {_said(error)}") from None

    def _start_tls(self, server: smtplib.SMTP) -> None:
        if server.has_extn("starttls"):
            server.starttls(context=self._starting_context())
            server.ehlo()
        elif not _is_here(self.host):
            raise ServerAway(
                f"the mail server {self.host}:{self.port} offers no TLS, and addresses do not travel in the open;"
                " turn TLS on there, or name one that has it in OPENROLL_SMTP"
            )

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, to: str) -> None:
        if "From" not in message:
            message["From"] = Address(self.sender_name, addr_spec=self.sender)
        try:
            server.send_message(message, self.sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _verdict("the recipient", *error.recipients[to]) from None
        except smtplib.SMTPSenderRefused as error:
            # Said before it heard for whom the mail is: it is about us, so it must not be the end of every mail that waits.
            raise ServerAway(f"the mail server refused our sender address: {_said(error)}") from None
        except smtplib.SMTPDataError as error:
            raise _verdict("the message", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError:
            raise RefusedForGood("the mail server takes only addresses in ASCII (it has no SMTPUTF8)") from None
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"the conversation with the mail server broke off: {_said(error)}") from None

    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()

    def _starting_context(self) -> ssl.SSLContext:
        """For STARTTLS. A server on this machine need not show who it is: it might as well offer no TLS at all."""
        context = self._context()
        if self.tls is None and _is_here(self.host):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def smtp_of(url: str, sender: str) -> Smtp:
    """The server of `smtp://user:password@host:port` (STARTTLS) or `smtps://...` (TLS at once), sending from `sender`.

    `sender` is `post@example.org` or `Name <post@example.org>`; user, password and port may be left out (587, 465).
    A server on this machine may do without TLS. Raises ValueError, which never repeats the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("OPENROLL_SMTP should be smtp://user:password@host:port or smtps://user:password@host:port")
    host = parts.hostname
    try:
        host = host if _is_number(host) else ascii_host(host)
    except ValueError:
        raise ValueError("OPENROLL_SMTP names no host of the form mail.example.org") from None
    name, address = parseaddr(sender)
    try:
        address = checked_address(address)
    except ValueError:
        raise ValueError("OPENROLL_MAIL_FROM should be the address mails come from: post@example.org") from None
    if not is_one_line(name):
        raise ValueError("OPENROLL_MAIL_FROM has a line break or another control character in its name")
    return Smtp(
        host=host,
        port=port or (465 if parts.scheme == "smtps" else 587),
        implicit_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=address,
        sender_name=name,
    )


def _verdict(whom: str, code: int, answer: bytes | str) -> TryLater | RefusedForGood:
    said = f"the mail server answered {_code(code, answer)} to {whom}"
    return RefusedForGood(said) if 500 <= code < 600 else TryLater(said)


def _said(error: Exception) -> str:
    # A server's own words may repeat the address (`550 <someone@...>: unknown`): only its codes are kept.
    if isinstance(error, smtplib.SMTPResponseException):
        return _code(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it does not offer what logging in needs"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _code(code: int, answer: bytes | str) -> str:
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    # An enhanced status code (RFC 3463) is `5.1.1`: three numbers, and nothing else is let through.
    digits = first.split(".")
    enhanced = len(digits) == 3 and all(part.isascii() and part.isdigit() and len(part) <= 3 for part in digits)
    return f"{code} {first}" if enhanced else str(code)


def _is_here(host: str) -> bool:
    return ip_address(host).is_loopback if _is_number(host) else host.lower() == "localhost"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
