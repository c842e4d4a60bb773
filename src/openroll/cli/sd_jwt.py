"""Commands on SD-JWTs: an operator signs one of a record for its person, the person shows a part of it, anyone checks it."""

from datetime import UTC, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Parameter

from openroll.cli.envelopes import read_held, read_published
from openroll.cli.key_files import read_bytes, write_private
from openroll.cli.output import fail, line, one_line, out
from openroll.cli.wiring import Wiring
from openroll.disclosure import DisclosureError
from openroll.disclosure.envelope import VerifyingKey
from openroll.disclosure.envelope.suites import ED25519_PUBLIC, ED25519_SIGNATURE
from openroll.disclosure.sd_jwt import MOST_CHARACTERS, Read, SdJwtUnfit, issue, present, read
from openroll.sheet.disclosed import Unfound, by_account, by_handle, digests_of, receipts_of
from openroll.sheet.pack import Kept

KIND = "urn:openroll:subscription:1"
"""What a token is of (`vct` of SD-JWT VC): a record of a subscription, its fields as the roll's rule names them."""
_OF_TOKEN = ("iss", "vct", "roll", "operator", "iat", "exp", "cnf")
_Receipts = Annotated[
    list[Path] | None,
    Parameter(
        negative="",
        help="Receipts of your filings, files or folders of them, where the record was packed more than once: they tell what"
        " stands on it.",
    ),
]
_OUTPUT = Parameter(name=["--output", "-o"], help="Where to write it, for its owner only. It must not be there yet.")


def add(group: App, wiring: Wiring) -> None:
    """Add the commands."""
    _add_make(group, wiring)
    _add_present(group)
    _add_read(group, wiring)


def _add_make(group: App, wiring: Wiring) -> None:
    @group.command(name="sd-jwt")
    def make(  # noqa: PLR0913 - whose record, of which roll, for whom and how long
        disclosures: list[Path],
        /,
        *,
        account: Annotated[str, Parameter(help="Your number of the subscription.")] = "",
        handle: Annotated[str, Parameter(help="Or its handle.")] = "",
        receipts: _Receipts = None,
        key: Annotated[Path, Parameter(help="Your organisation's key, whose public half stands in the log.")],
        operator: Annotated[str, Parameter(help="Your name on the roll.")],
        roll: Annotated[str, Parameter(help="The address of the roll, as https://roll.example.")],
        days: Annotated[int, Parameter(help="Days that it is good for.")] = 90,
        holder: Annotated[
            Path | None, Parameter(help="The public key of the person's wallet (JWK): it is bound to that.")
        ] = None,
        output: Annotated[Path, _OUTPUT],
    ) -> None:
        """As an operator: sign an SD-JWT (RFC 9901) of one record, to give to its person. The roll is not asked, and not told.

        Parameters
        ----------
        disclosures
            Your disclosures files, as `openroll pack` wrote them, or folders of them.
        """
        if not 0 < days <= 3660:
            fail(f"--days {days}: expected 1 to 3660.")
        kept, signing = _kept(disclosures, account, handle, receipts or []), read_held(key).signing
        now = wiring.clock().astimezone(UTC)
        address = roll.rstrip("/")
        claims: dict[str, Any] = {
            "iss": f"{address}/api/v1/envelope-keys/{operator}",
            "vct": KIND,
            "roll": address,
            "operator": operator,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(days=days)).timestamp()),
        }
        if holder is not None:
            claims["cnf"] = {"jwk": _public_jwk(holder)}
        try:
            token = issue(
                claims,
                digests_of(kept),
                kept.disclosures,
                signing.verifying.id,
                lambda message: signing.sign(message)[:ED25519_SIGNATURE],
            )
        except DisclosureError as error:
            fail(f"what your files keep of this record is damaged: {error}.")
        write_private(output, token.encode("ascii"), "An SD-JWT")
        out.print(
            f"Wrote {output}, good for {days} days. Give it to the person alone: it opens all fields.", soft_wrap=True
        )


def _kept(places: list[Path], account: str, handle: str, receipts: list[Path]) -> Kept:
    if bool(account) == bool(handle):
        fail("Name the record, with --account or with --handle.")
    try:
        record = by_account(places, account) if account else by_handle(places, handle)
        proofs = receipts_of(record, receipts)
        if not proofs and len({digests_of(one) for one in record.lines} - {frozenset()}) > 1:
            fail(
                "the record was packed more than once: give its receipts by --receipts, which tell what stands on it. Nothing"
                " was written.",
                1,
            )
        return record.standing(proofs)
    except Unfound as error:
        told = {"none": "no record in your files is that one", "several": "several records are that one"}
        fail(f"{told.get(error.why, str(error))}. Nothing was written.", 1)


_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def _public_jwk(path: Path) -> dict[str, Any]:
    try:
        jwk = msgspec.json.decode(read_bytes(path, 10_000), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        fail(f"{path} is no JWK: a JSON object with `kty` and the public key.")
    if not isinstance(jwk.get("kty"), str) or _PRIVATE & set(jwk):
        fail(
            f"{path} is no public JWK: it has no `kty`, or a part of the private key, which is nobody's but the wallet's."
        )
    return jwk


def _add_present(group: App) -> None:
    @group.command(name="present")
    def show_some(
        token: Path,
        /,
        *,
        field: Annotated[list[str], Parameter(help="A field to show; --field again for more.")],
        output: Annotated[Path, _OUTPUT],
    ) -> None:
        """As a person: of an SD-JWT that your operator gave you, make one that shows these fields and no other.

        Parameters
        ----------
        token
            The SD-JWT.
        """
        try:
            shown = present(_text(token), field)
        except SdJwtUnfit as error:
            fail(f"{token}: {error}. Nothing was written.", 1)
        write_private(output, shown.encode("ascii"), "An SD-JWT")
        out.print(f"Wrote {output}: {', '.join(field)}.", soft_wrap=True)


def _add_read(group: App, wiring: Wiring) -> None:
    @group.command(name="read-sd-jwt")
    def read_one(
        token: Path,
        /,
        *,
        issuer: Annotated[Path, Parameter(name="--from", help="The public half of the operator's key, one line.")],
    ) -> None:
        """Check an SD-JWT that somebody showed you, under the operator's key. Needs no network. Status 1 where it does not hold.

        Parameters
        ----------
        token
            The SD-JWT; - for standard input.
        """
        keys = [one.verifying for one in read_published([issuer])]
        found = _checked(_text(token), keys)
        now = wiring.clock().timestamp()
        for name, value in sorted(found.payload.items()):
            if name not in _OF_TOKEN:
                line(f"{one_line(name)}: {one_line(str(value))}")
        signed, roll = (one_line(str(found.payload.get(name, "?"))) for name in ("operator", "roll"))
        line(f"Signed by {signed} for {roll}.")
        line("Not proved: that it is true, and that whoever shows it is the person it is about.")
        if not _within(found.payload, now):
            fail("its time is over, or has not begun.", 1)


def _checked(token: str, keys: list[VerifyingKey]) -> Read:
    why, found = "no key was given", None
    for key in keys:
        try:
            found = read(token, key.raw[:ED25519_PUBLIC])
        except SdJwtUnfit as error:
            why = str(error)
    if found is None:
        fail(f"it does not hold: {why}.", 1)
    if found.payload.get("vct") != KIND:
        fail(f"it is of another kind than {KIND}.", 1)
    return found


def _within(payload: Any, now: float) -> bool:
    begins, ends = payload.get("iat", 0), payload.get("exp")
    return isinstance(begins, int) and isinstance(ends, int) and begins <= now < ends


def _text(path: Path) -> str:
    data = read_bytes(path, MOST_CHARACTERS)
    return data.decode("ascii", errors="replace")
