"""The post, against a real PostgreSQL and a real mail server."""

import email
import email.policy
import ipaddress
import json
import os
import smtplib
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from openroll.compose.settings import settings_from
from openroll.service.keys import add_address_key, read_keys
from openroll.service.kinds import kinds_of
from openroll.service.mail.message import Letter, Params, checked_address, checked_params, message_of
from openroll.service.mail.outbox import (
    MAIL,
    WAITS,
    Delivered,
    deliver_due,
    failed,
    give_up,
    kind,
    post_state,
    retry,
    send_later,
)
from openroll.service.mail.smtp import RefusedForGood, ServerAway, Smtp, TryLater, smtp_of
from openroll.service.roll import Roll
from openroll.service.sealing import CannotOpen, seal, unseal
from openroll.service.work import run_due
from openroll.service.worker import Worker
from openroll.store.postgres_tools import tool
from openroll.words.mails import write
from tests.conftest import NOW
from tests.service.smtp_server import DROP, Got, MailServer

LI = "li.lei@people.example"
LINK = "https://roll.example/invitation/t0p-secret-token"
INVITATION: Params = {"organisation": "某网", "role": "经办人", "link": LINK, "expires": "2007-01-05"}


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything until it is told otherwise."""
    with MailServer() as running:
        yield running


def to_server(server: MailServer, **given: object) -> Smtp:
    """The way to that server."""
    made = smtp_of(f"smtp://127.0.0.1:{server.port}", "The register <post@roll.example>")
    return Smtp(**{**made.__dict__, "patience": 5.0, **given})


def message(got: Got) -> EmailMessage:
    """A mail as a reader's program sees it."""
    return email.message_from_bytes(got.data, policy=email.policy.default)


def hand_in(roll: Roll, now: datetime = NOW, to: str = LI) -> UUID:
    """A trial mail that waits."""
    return send_later(roll, "trial", "en", {}, to, now)


def row(roll: Roll, number: UUID) -> dict[str, object]:
    """The row of a mail, every column."""
    with roll.database.open() as connection:
        cursor = connection.execute("select * from mail where id = %s", (number,))
        return dict(zip([column.name for column in cursor.description or ()], cursor.fetchone() or (), strict=True))


def test_a_mail_arrives_with_its_words(roll: Roll, server: MailServer) -> None:
    """A mail that was handed in arrives once, with subject, text and link, and says that no person sent it."""
    send_later(roll, "invitation", "zh", INVITATION, LI, NOW)
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(sent=1)
    assert deliver_due(roll, to_server(server), write, NOW + timedelta(days=9)) == Delivered()
    (got,) = server.got
    assert (got.sender, got.to) == ("post@roll.example", LI)
    arrived = message(got)
    assert arrived["Subject"] == "邀请您加入某网"
    assert arrived["From"] == "The register <post@roll.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Content-Type"] == 'text/plain; charset="utf-8"'
    assert LINK in arrived.get_content()
    assert "2007年1月5日" in arrived.get_content()
    assert max(map(len, got.data.split(b"\r\n"))) <= 76


def test_a_mail_waits_only_when_its_transaction_is_committed(roll: Roll, server: MailServer) -> None:
    """An operator's transaction hands in a mail with its facts, cannot read any, and takes it back when it is rolled back."""
    with roll.database.transaction("operator", organisation="east") as connection:
        send_later(roll, "trial", "en", {}, LI, NOW, connection=connection)
        raise psycopg.Rollback
    assert post_state(roll) == {"waiting": 0, "sent": 0, "failed": 0}
    with roll.database.transaction("operator", organisation="east") as connection:
        send_later(roll, "trial", "en", {}, LI, NOW, connection=connection)
    assert post_state(roll) == {"waiting": 1, "sent": 0, "failed": 0}
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        roll.database.transaction("operator", organisation="east") as connection,
    ):
        connection.execute("select address_sealed from mail")


def test_the_registrar_cannot_read_where_a_mail_goes(roll: Roll) -> None:
    """The database itself refuses the registrar's role the sealed address."""
    hand_in(roll)
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        roll.database.transaction("registrar") as connection,
    ):
        connection.execute("select address_sealed from mail")


def test_neither_address_nor_link_is_readable_in_the_database(roll: Roll, server: MailServer) -> None:
    """A dump holds neither the address nor the link, in plain, hexadecimal or base64, before, during and after sending."""
    secrets = (LI, "li.lei", "people.example", LINK, "t0p-secret-token")

    def dumped() -> str:
        command = [tool("pg_dump"), "--schema", roll.database.schema, roll.database.url]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def nothing_readable() -> bool:
        dump = dumped()
        assert "某网" in dump, "the dump holds the mail"
        ways = [way for one in secrets for way in (one, one.encode().hex(), json.dumps(one)[1:-1])]
        return not any(way in dump for way in ways)

    number = send_later(roll, "invitation", "zh", INVITATION, LI, NOW)
    assert nothing_readable()
    server.says["rcpt"] = f"451 4.2.1 <{LI}>: mailbox of li.lei is busy"
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(put_off=1)
    assert nothing_readable()
    server.says["rcpt"] = f"550 <{LI}>: no such user li.lei"
    assert deliver_due(roll, to_server(server), write, NOW + WAITS[0]) == Delivered(failed=1)
    assert nothing_readable()
    server.says.clear()
    assert retry(roll, number, LI)
    assert nothing_readable()
    deliver_due(roll, to_server(server), write, roll.clock())
    assert nothing_readable()
    assert LINK in message(server.got[0]).get_content(), "the link was still there for the second time"


def test_what_was_sent_is_erased(roll: Roll, server: MailServer) -> None:
    """When a mail was sent, neither its address nor its link is in the row, sealed or not."""
    number = send_later(roll, "invitation", "en", INVITATION, LI, NOW)
    before = row(roll, number)
    assert before["address_sealed"]
    assert before["link_sealed"]
    deliver_due(roll, to_server(server), write, NOW)
    after = row(roll, number)
    assert after["state"] == "sent"
    assert isinstance(after["sent"], datetime)
    assert after["sent"] >= NOW
    assert after["address_sealed"] is None
    assert after["link_sealed"] is None


def test_the_database_holds_the_code_to_erasing(roll: Roll) -> None:
    """A mail cannot be marked as sent or failed while its sealed address is still in the row."""
    number = hand_in(roll)
    with roll.database.open() as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("update mail set state = 'failed' where id = %s", (number,))


def test_a_mail_is_put_off_and_fails_after_the_last_wait(roll: Roll, server: MailServer) -> None:
    """Put off by 1 and 5 and 30 minutes, 2, 6, 12 and 24 hours, not tried before its time, and then failed, address erased."""
    server.says["rcpt"] = "451 4.7.1 later"
    number = hand_in(roll)
    now = NOW
    for wait in WAITS:
        assert deliver_due(roll, to_server(server), write, now) == Delivered(put_off=1)
        assert deliver_due(roll, to_server(server), write, now + wait - timedelta(seconds=1)) == Delivered()
        now += wait
    assert deliver_due(roll, to_server(server), write, now) == Delivered(failed=1)
    minutes = [int(wait / timedelta(minutes=1)) for wait in WAITS]
    assert minutes == [1, 5, 30, 120, 360, 720, 1440]
    assert row(roll, number)["address_sealed"] is None
    (one,) = failed(roll)
    assert (one.id, one.template, one.made, one.tries) == (number, "trial", NOW, 8)
    assert one.last_error == "the mail server answered 451 4.7.1 to the recipient"
    assert post_state(roll) == {"waiting": 0, "sent": 0, "failed": 1}


@pytest.mark.parametrize("step", ["rcpt", "data", "body"])
def test_a_permanent_answer_fails_at_once(roll: Roll, server: MailServer, step: str) -> None:
    """A 5xx to the recipient or to the message ends the mail at the first try, and the next one goes out all the same."""
    server.says[step] = "550 5.1.1 no"
    hand_in(roll)
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(failed=1)
    server.says.clear()
    hand_in(roll)
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(sent=1)
    assert "550 5.1.1" in failed(roll)[0].last_error


@pytest.mark.parametrize("step", ["rcpt", "data", "body"])
@pytest.mark.parametrize("answer", ["451 busy", "421 closing", DROP])
def test_a_passing_trouble_puts_off(roll: Roll, server: MailServer, step: str, answer: str) -> None:
    """A 4xx, or a connection that breaks off, puts the mail off; a minute later it arrives, once."""
    server.says[step] = answer
    hand_in(roll)
    assert deliver_due(roll, to_server(server), write, NOW).put_off == 1
    server.says.clear()
    assert deliver_due(roll, to_server(server), write, NOW + WAITS[0]) == Delivered(sent=1)
    assert len(server.got) == 1


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("connect", DROP),
        ("connect", "554 no"),
        ("ehlo", "550 no"),
        ("auth", "535 5.7.8 wrong"),
        ("mail", "530 5.7.0 no"),
    ],
)
def test_a_server_that_refuses_us_fails_no_mail(roll: Roll, server: MailServer, step: str, answer: str) -> None:
    """Refused before the recipient was named, even for good, only one of the waiting mails is put off; the trouble is told."""
    server.extensions.append("AUTH PLAIN")
    server.says |= {step: answer} | ({"other": "550 no"} if step == "ehlo" else {})
    for _ in range(3):
        hand_in(roll)
    done = deliver_due(roll, to_server(server, user="roll", password="pass word"), write, NOW)
    assert (done.sent, done.put_off, done.failed) == (0, 1, 0)
    assert "mail server" in done.trouble
    assert "pass word" not in done.trouble
    server.says.clear()
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(sent=2)


def test_a_server_that_is_not_there(roll: Roll, server: MailServer) -> None:
    """Where nobody listens, the mail is put off and the round ends."""
    gone = to_server(server, port=1)
    hand_in(roll)
    hand_in(roll)
    done = deliver_due(roll, gone, write, NOW)
    assert done.put_off == 1
    assert done.trouble == "the mail server 127.0.0.1:1 was not reached: Connection refused"


def test_a_bad_goodbye_changes_nothing(roll: Roll, server: MailServer) -> None:
    """A server that took the mail and then hangs up instead of saying goodbye has taken the mail."""
    server.says["quit"] = DROP
    hand_in(roll)
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(sent=1)


class Dying:
    """A way out that ends the process, as it were, right after the server took the mail."""

    def __init__(self, inner: Smtp) -> None:
        self.inner = inner

    def send(self, message: EmailMessage, to: str) -> None:
        """Send, then die."""
        self.inner.send(message, to)
        raise KeyboardInterrupt


def test_a_crash_after_sending_sends_twice_the_same(roll: Roll, server: MailServer) -> None:
    """After a crash between sending and commit the mail goes out again, byte for byte the same, with its Message-ID."""
    number = send_later(roll, "invitation", "zh", INVITATION, LI, NOW)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(roll, Dying(to_server(server)), write, NOW)
    assert row(roll, number)["state"] == "waiting"
    assert deliver_due(roll, to_server(server), write, NOW + timedelta(hours=1)) == Delivered(sent=1)
    first, second = server.got
    assert first.data == second.data
    assert message(first)["Message-ID"] == f"<{number.hex}@roll.example>"


class Meanwhile:
    """A way out that lets another process make a round while a mail is being sent."""

    def __init__(self, roll: Roll, inner: Smtp) -> None:
        self.roll, self.inner = roll, inner
        self.others: list[Delivered] = []

    def send(self, message: EmailMessage, to: str) -> None:
        """Let the other go first, then send."""
        self.others.append(deliver_due(self.roll, self.inner, write, NOW))
        self.inner.send(message, to)


def test_two_processes_send_no_mail_twice(roll: Roll, server: MailServer) -> None:
    """While one process sends a mail, another takes the rest and leaves that one alone."""
    for _ in range(3):
        hand_in(roll)
    first = Meanwhile(roll, to_server(server))
    assert deliver_due(roll, first, write, NOW) == Delivered(sent=1)
    assert first.others == [Delivered(sent=2)]
    assert len({message(got)["Message-ID"] for got in server.got}) == len(server.got) == 3


def test_a_failed_mail_is_sent_again_to_an_address_given_anew(roll: Roll, server: MailServer) -> None:
    """A person gives the address again: the mail goes out, with its link, and leaves the list; one that waits is left alone."""
    number = send_later(roll, "invitation", "en", INVITATION, LI, NOW)
    assert not retry(roll, number, LI), "it still waits"
    server.says["rcpt"] = "550 no"
    deliver_due(roll, to_server(server), write, NOW)
    server.says.clear()
    with pytest.raises(ValueError, match="not an e-mail address"):
        retry(roll, number, "nobody")
    assert retry(roll, number, "han.meimei@people.example")
    assert failed(roll) == []
    assert deliver_due(roll, to_server(server), write, roll.clock()) == Delivered(sent=1)
    assert server.got[0].to == "han.meimei@people.example"
    assert LINK in message(server.got[0]).get_content()


def test_a_failed_mail_is_given_up(roll: Roll, server: MailServer) -> None:
    """What is given up leaves the registrar's list and the counts, its link is erased, and it never goes out."""
    number = send_later(roll, "invitation", "en", INVITATION, LI, NOW)
    assert not give_up(roll, number), "it still waits"
    server.says["rcpt"] = "550 no"
    deliver_due(roll, to_server(server), write, NOW)
    assert row(roll, number)["link_sealed"] is not None
    assert give_up(roll, number)
    assert not give_up(roll, number)
    assert not retry(roll, number, LI)
    assert failed(roll) == []
    assert post_state(roll) == {"waiting": 0, "sent": 0, "failed": 0}
    assert row(roll, number)["link_sealed"] is None


def test_an_address_moved_to_another_mail_does_not_open(roll: Roll, server: MailServer) -> None:
    """Whoever can write to the table cannot have one mail sent to the address of another."""
    one, other = hand_in(roll), hand_in(roll, to="han.meimei@people.example")
    with roll.database.open() as connection:
        connection.execute(
            "update mail set address_sealed = (select address_sealed from mail where id = %s) where id = %s",
            (other, one),
        )
    assert deliver_due(roll, to_server(server), write, NOW) == Delivered(sent=1, failed=1)
    assert [got.to for got in server.got] == ["han.meimei@people.example"]
    assert "addresses.key" in failed(roll)[0].last_error


def test_a_fault_of_ours_holds_up_nothing(roll: Roll, server: MailServer) -> None:
    """A mail whose words cannot be made is put off without a word of its contents, and the next one goes out."""

    def writing(template: str, lang: str, params: Params) -> Letter:
        if template == "passkey-released":
            raise RuntimeError(LI)
        return write(template, lang, params)

    number = send_later(roll, "passkey-released", "en", {"link": LINK}, LI, NOW)
    hand_in(roll, NOW + timedelta(seconds=1))
    assert deliver_due(roll, to_server(server), writing, NOW + timedelta(seconds=1)) == Delivered(sent=1, put_off=1)
    assert row(roll, number)["last_error"] == "a fault of the roll itself: RuntimeError"


@pytest.mark.parametrize(
    "change",
    [
        {"organisation": "a\r\nBcc: all@people.example"},
        {"organisation": "a\u2028b"},
        {"organisation": "a\x00"},
        {"organisation": "\ud800"},
        {"organisation": "a\u202eb"},
        {"organisation": " "},
        {"organisation": "x" * 301},
        {"organisation": 5},
        {"link": "javascript:alert(1)"},
        {"link": "https://roll.example/a b"},
        {"expires": "2007-13-01"},
        {"expires": "20070105"},
        {"name": "Li Lei"},
    ],
)
def test_what_does_not_fit_is_refused_before_it_waits(roll: Roll, change: dict[str, str | int]) -> None:
    """A parameter with a line break or of the wrong kind, or one too many, is refused, and its value is not repeated."""
    with pytest.raises(ValueError, match="mail 'invitation'") as refused:
        send_later(roll, "invitation", "en", {**INVITATION, **change}, LI, NOW)
    assert "Bcc" not in str(refused.value)
    assert post_state(roll)["waiting"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "li",
        "@b.example",
        "a@b",
        "a b@c.example",
        "a@b.example\r\nBcc: c@d.example",
        "a\n@b.example",
        "<a@b.example>",
        '"a b"@c.example',
        "a@[127.0.0.1]",
        "a,b@c.example",
        "a@b@c.example",
        ".a@b.example",
        "a@-b.example",
        "a@b..example",
        "x" * 65 + "@b.example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """What is not one plain e-mail address is refused without being repeated."""
    with pytest.raises(ValueError, match="e-mail address") as refused:
        checked_address(text)
    assert not text or text not in str(refused.value)


def test_an_address_of_another_script() -> None:
    """A domain in Chinese is kept in its ASCII form."""
    assert checked_address(" li@例子.example ") == "li@xn--fsqu00a.example"


@pytest.mark.parametrize(
    ("domain", "kept"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("نامه\u200cای.example", "xn--mgba3gch31f060k.example"),
        ("ＥＸＡＭＰＬＥ.org", "example.org"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("R3---sn.Example", "r3---sn.example"),
    ],
)
def test_mail_goes_to_the_domain_that_was_typed(domain: str, kept: str) -> None:
    """IDNA 2008 keeps sharp s, final sigma and joiners, which IDNA 2003 turned into another domain (UTS 46, section 4.1)."""
    assert checked_address(f"x@{domain}") == f"x@{kept}"
    assert smtp_of(f"smtp://{domain}", "post@roll.example").host == kept


@pytest.mark.parametrize(
    "domain", ["xn--a.example", "a..example", "\u200d.example", "x\u0338.\u0378.example", "-a.example"]
)
def test_what_is_no_domain_is_no_address(domain: str) -> None:
    """Nor is it the host of a mail server."""
    with pytest.raises(ValueError, match="e-mail address"):
        checked_address(f"x@{domain}")
    with pytest.raises(ValueError, match="OPENROLL_SMTP"):
        smtp_of(f"smtp://{domain}", "post@roll.example")


HEADERS = ["To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"]
HEADERS += ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
ANYTHING = st.text(st.characters(), max_size=200) | st.text(
    st.sampled_from("\r\n\x0b\x85\u2028 :=?<>@,;aQ某\u0301"), max_size=120
)


@given(organisation=ANYTHING, role=ANYTHING, lang=st.sampled_from(["zh", "en"]))
def test_no_text_makes_a_header(organisation: str, role: str, lang: str) -> None:
    """Whatever stands in the parameters, it is refused, or the mail has its own headers only and its subject in one line."""
    try:
        params = checked_params("invitation", lang, {**INVITATION, "organisation": organisation, "role": role})
    except ValueError:
        return
    letter = write("invitation", lang, params)
    made = message_of(letter, lang, number=UUID(int=5), made=NOW, to=LI, host="roll.example")
    wire = made.as_bytes()
    arrived = email.message_from_bytes(wire, policy=email.policy.default)
    assert sorted(arrived.keys()) == sorted(HEADERS)
    assert arrived["To"] == LI
    assert "".join(arrived["Subject"].split()) == "".join(letter.subject.split())
    assert arrived.get_content().split() == letter.body.split()
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 78
    assert max(map(len, wire.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76


@given(text=ANYTHING | st.from_regex(r"[^\s@]{1,20}@[a-z]{1,9}\.example", fullmatch=True))
def test_no_address_makes_a_header(text: str) -> None:
    """Whatever is given as an address, it is refused, or it stands alone in one To header."""
    try:
        address = checked_address(text)
    except ValueError:
        return
    made = message_of(Letter("s", "b\n"), "en", number=UUID(int=5), made=NOW, to=address, host="roll.example")
    assert made["To"].addresses[0].addr_spec == address
    assert sorted(made.keys()) == sorted(HEADERS)


def test_a_subject_of_two_lines_is_refused() -> None:
    """Words that would make a subject of two lines make no message."""
    with pytest.raises(ValueError, match="one line"):
        message_of(Letter("a\nBcc: b", ""), "en", number=UUID(int=5), made=NOW, to=LI, host="roll.example")


def test_a_seal_opens_for_its_purpose_only() -> None:
    """A sealed text opens with its key for its purpose, and neither otherwise nor altered."""
    key = bytes(32)
    sealed = seal(key, LI, "here", os.urandom)
    assert unseal(key, sealed, "here") == LI
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong in ((key, sealed, "there"), (b"k" * 32, sealed, "here"), (key, altered, "here"), (key, b"", "here")):
        with pytest.raises(CannotOpen):
            unseal(*wrong)


def test_an_older_roll_gets_its_address_key_once(roll: Roll) -> None:
    """A roll made before there was an address key gets one, which is then never changed; a lost folder gets none."""
    folder = roll.home / "keys"
    (folder / "addresses.key").unlink()
    with pytest.raises(FileNotFoundError):
        read_keys(folder)
    add_address_key(folder, os.urandom)
    first = read_keys(folder).address_key
    add_address_key(folder, os.urandom)
    assert read_keys(folder).address_key == first
    assert len(first) == 32
    assert (folder / "addresses.key").stat().st_mode & 0o777 == 0o600
    assert not list(folder.glob(".addresses*"))
    add_address_key(folder / "nowhere", os.urandom)
    assert not (folder / "nowhere").exists()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of its own for 127.0.0.1: (the server's side, the side of one who trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(secret + made.public_bytes(encoding))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return server, ssl.create_default_context(cadata=made.public_bytes(encoding).decode())


@pytest.mark.parametrize("implicit", [False, True])
def test_tls(roll: Roll, tmp_path: Path, implicit: bool) -> None:
    """With STARTTLS and with TLS at once the mail goes encrypted, to a server with a trusted certificate only."""
    side, trusting = certificate(tmp_path)
    with MailServer(tls=side, implicit=implicit) as server:
        hand_in(roll)
        untrusting = to_server(server, implicit_tls=implicit, tls=ssl.create_default_context())
        done = deliver_due(roll, untrusting, write, NOW)
        assert (done.put_off, server.got) == (1, [])
        assert "certificate is not trusted" in done.trouble
        way = to_server(server, implicit_tls=implicit, tls=trusting)
        assert deliver_due(roll, way, write, NOW + WAITS[0]) == Delivered(sent=1)
        assert server.got[0].encrypted


def test_starttls_on_this_machine_needs_no_certificate(tmp_path: Path) -> None:
    """A mail server beside us that offers STARTTLS with a certificate of its own making gets the mail, encrypted; TLS at once
    was asked for by the keeper, and there the certificate counts."""
    side, _ = certificate(tmp_path)
    message = message_of(Letter("s", "b\n"), "en", number=UUID(int=7), made=NOW, to=LI, host="roll.example")
    with MailServer(tls=side) as server:
        to_server(server, host="localhost").send(message, LI)
        assert server.got[0].encrypted
    with MailServer(tls=side, implicit=True) as server, pytest.raises(ServerAway, match="certificate is not trusted"):
        to_server(server, implicit_tls=True).send(message, LI)


def test_no_address_travels_in_the_open(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server elsewhere that offers no TLS hears neither the address nor the password."""
    there = to_server(server, host="mail.example", user="roll", password="pass")
    here = smtplib.socket.create_connection  # type: ignore[attr-defined]
    monkeypatch.setattr(
        smtplib.socket,  # type: ignore[attr-defined]
        "create_connection",
        lambda address, *rest, **named: here(("127.0.0.1", address[1]), *rest, **named),
    )
    with pytest.raises(ServerAway, match="offers no TLS"):
        there.send(EmailMessage(), LI)
    assert [line.split()[0] for line in server.heard if line != "quit"] == ["ehlo"]


def test_logging_in(server: MailServer) -> None:
    """User and password of the setting are given to the server, per cent signs read."""
    server.extensions.append("AUTH PLAIN")
    way = smtp_of(f"smtp://roll:p%40ss@127.0.0.1:{server.port}", "post@roll.example")
    way.send(message_of(Letter("s", "b\n"), "en", number=UUID(int=5), made=NOW, to=LI, host="roll.example"), LI)
    assert "AUTH PLAIN AHJvbGwAcEBzcw==" in server.heard
    assert server.got[0].to == LI
    assert "p@ss" not in repr(way)


def test_an_address_the_server_cannot_take(server: MailServer) -> None:
    """An address with letters beyond ASCII is refused for good by a server without SMTPUTF8."""
    to = checked_address("李雷@people.example")
    letter = message_of(Letter("s", "b\n"), "en", number=UUID(int=5), made=NOW, to=to, host="roll.example")
    with pytest.raises(RefusedForGood, match="SMTPUTF8"):
        to_server(server).send(letter, to)
    server.extensions += ["SMTPUTF8", "8BITMIME"]
    to_server(server).send(letter, to)
    assert server.got[0].to == to


def test_what_a_server_says_is_kept_as_codes_only(server: MailServer) -> None:
    """Of a server's answer, which may repeat the address in any form, only the two codes are kept."""
    letter = message_of(Letter("s", "b\n"), "en", number=UUID(int=5), made=NOW, to=LI, host="roll.example")
    for answer, code in {
        f"451 {LI} busy": "451",
        "451 4.2.li.lei busy": "451",
        "451 4.2.1 li.lei": "451 4.2.1",
    }.items():
        server.says["rcpt"] = answer
        with pytest.raises(TryLater) as put_off:
            to_server(server).send(letter, LI)
        assert str(put_off.value) == f"the mail server answered {code} to the recipient"


def test_settings() -> None:
    """The mail server comes from the environment; without one there is none, and a wrong one is told without its password."""
    assert settings_from({}).transport() is None
    given = {"OPENROLL_SMTP": "smtps://roll:secret@mail.example", "OPENROLL_MAIL_FROM": "登记 <post@roll.example>"}
    way = settings_from(given).transport()
    assert way is not None
    assert (way.host, way.port, way.implicit_tls, way.user) == ("mail.example", 465, True, "roll")
    assert (way.sender, way.sender_name) == ("post@roll.example", "登记")
    plain = settings_from(given | {"OPENROLL_SMTP": "smtp://mail.example"}).transport()
    assert plain is not None
    assert (plain.port, plain.implicit_tls) == (587, False)
    wrong = ["http://a:secret@b", "smtp://", "smtp://u:secret@h:port", "smtp://u:secret@h/path", "smtp://[secret"]
    for url in wrong:
        with pytest.raises(ValueError, match="OPENROLL_SMTP") as refused:
            settings_from(given | {"OPENROLL_SMTP": url})
        assert "secret" not in str(refused.value)
    for sender in ("", "nobody"):
        with pytest.raises(ValueError, match="OPENROLL_MAIL_FROM"):
            settings_from(given | {"OPENROLL_MAIL_FROM": sender})


class Telling:
    """A way out that tells when it was used."""

    def __init__(self) -> None:
        self.used = threading.Semaphore(0)
        self.away = False

    def send(self, message: EmailMessage, to: str) -> None:
        """Tell, and take the mail or not."""
        assert message["To"] == to
        self.used.release()
        if self.away:
            raise ServerAway("the mail server is away")


def until(true: Callable[[], bool]) -> None:
    """Wait for something that a real thread does."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)  # a thread is waited for


def test_the_worker_delivers_when_woken_and_stops(roll: Roll) -> None:
    """Waking it sends what waits at once; a server that is away shows; closing ends the thread."""
    way = Telling()
    worker = Worker(roll, {MAIL: kind(roll, way, write)})
    worker.start()
    send_later(roll, "trial", "en", {}, LI, NOW)
    worker.wake()
    assert way.used.acquire(timeout=10)
    worker.close()
    assert post_state(roll) == {"waiting": 0, "sent": 1, "failed": 0}
    assert worker.away == {}
    way.away = True
    send_later(roll, "trial", "en", {}, LI, NOW)
    worker = Worker(roll, {MAIL: kind(roll, way, write)})
    worker.start()
    assert way.used.acquire(timeout=10)
    worker.close()
    assert worker.away == {MAIL: "the mail server is away"}
    assert post_state(roll)["waiting"] == 1


def test_closing_stops_after_the_mail_that_is_being_sent(roll: Roll) -> None:
    """A round that has much to do ends with the mail at hand; the rest waits."""
    asked = iter([False, False, True])
    for _ in range(5):
        hand_in(roll)
    assert deliver_due(roll, Telling(), write, NOW, stopping=lambda: next(asked)) == Delivered(sent=2)
    assert post_state(roll) == {"waiting": 3, "sent": 2, "failed": 0}


def test_the_worker_lives_through_a_database_that_fails(roll: Roll) -> None:
    """A round that fails whole is told as trouble, and the next round goes on."""
    way, real = Telling(), roll.database.url
    worker = Worker(roll, {MAIL: kind(roll, way, write)})
    hand_in(roll)
    roll.database.url = "postgresql://nobody@127.0.0.1:1/none"  # nothing listens there
    worker.start()
    until(lambda: worker.trouble == "OperationalError")
    roll.database.url = real
    worker.wake()
    assert way.used.acquire(timeout=10)
    until(lambda: worker.trouble == "")
    worker.close()


def test_without_a_server_mails_wait(roll: Roll) -> None:
    """With no mail server set nobody takes mails: they wait, and the counts say so."""
    hand_in(roll)
    assert MAIL not in kinds_of(roll, None, write)
    run_due(roll, kinds_of(roll, None, write), roll.clock())
    assert post_state(roll) == {"waiting": 1, "sent": 0, "failed": 0}
