"""An SD-JWT of a record: signed by its operator, shown in part by its person, verified by the reference implementation."""

import json
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier
from tests.cli.test_operator import Around
from tests.register.test_given import FILED, TODAY
from tests.register.test_request_checked import DIGESTS, KEYS, OPENS, OTHER, filed, receipts

from openroll.cli import build
from openroll.disclosure.envelope import HeldKey, key_line, public_line
from openroll.disclosure.sd_jwt import SdJwtUnfit, issue, present, read
from openroll.register.given import give, judged

KEY = HeldKey(bytes(32))
PUBLIC = KEY.signing.verifying.raw[:32]
JWK_OF = JWK(kty="OKP", crv="Ed25519", x=urlsafe_b64encode(PUBLIC).decode().rstrip("="))
KEPT = {
    "handle": "h-1",
    "account": "A-1",
    "disclosures": list(OPENS.values()),
    "decoys": [one for one in DIGESTS if one.startswith("AQEB")],
}


def token(claims: dict[str, object] | None = None) -> str:
    """A token of the record, signed."""
    return issue(claims or {"iss": "i"}, DIGESTS, list(OPENS.values()), "k", lambda text: KEY.signing.sign(text)[:64])


def run(folder: Path, *words: object) -> int:
    """What a command ends with."""
    with pytest.raises(SystemExit) as ended:
        build(Around(folder))(list(map(str, words)))
    return int(ended.value.code or 0)


def test_the_reference_implementation_verifies_what_we_issue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made and shown by commands: the package `sd-jwt` verifies it to the one field shown, and our own check says the same."""
    (tmp_path / "east.disclosures.ndjson").write_text(json.dumps(KEPT) + "\n")
    (tmp_path / "east.key").write_text(key_line(KEY))
    (tmp_path / "east.key").chmod(0o600)
    (tmp_path / "east.pub").write_text(public_line(KEY.published))
    made = (
        "disclosure",
        "sd-jwt",
        tmp_path / "east.disclosures.ndjson",
        "--account",
        "A-1",
        "--key",
        tmp_path / "east.key",
    )
    whom = ("--operator", "east", "--roll", "https://roll.example/")
    assert run(tmp_path, *made, *whom, "-o", tmp_path / "whole.sd-jwt") == 0
    assert (
        run(tmp_path, "disclosure", "present", tmp_path / "whole.sd-jwt", "--field", "name", "-o", tmp_path / "part")
        == 0
    )
    shown = (tmp_path / "part").read_text()
    payload = SDJWTVerifier(shown, lambda *_: JWK_OF).get_verified_payload()
    assert (payload["name"], payload["operator"], payload["vct"]) == ("Wang", "east", "urn:openroll:subscription:1")
    assert "address" not in payload
    whole = SDJWTVerifier((tmp_path / "whole.sd-jwt").read_text(), lambda *_: JWK_OF).get_verified_payload()
    assert {name: whole[name] for name in OPENS} == {"name": "Wang", "id-number": "1234567", "address": "Street 1"}
    capsys.readouterr()
    assert run(tmp_path, "disclosure", "read-sd-jwt", tmp_path / "part", "--from", tmp_path / "east.pub") == 0
    assert "name: Wang\n" in capsys.readouterr().out
    (tmp_path / "other.pub").write_text(public_line(HeldKey(bytes([1]) * 32).published))
    assert run(tmp_path, "disclosure", "read-sd-jwt", tmp_path / "part", "--from", tmp_path / "other.pub") == 1


def test_the_same_disclosures_open_the_token_and_the_log_s_entry() -> None:
    """The digests that the operator signs are those that the register has held since the filing."""
    shown = present(token(), ["name"])
    disclosure = shown.split("~")[1]
    assert judged(give([disclosure], [FILED], ["name"]), KEYS, TODAY).good
    assert set(read(token(), PUBLIC).payload) == {"iss", *OPENS}


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "a.b~",
        token().replace("~", ""),
        token() + "key.binding.jwt",
        token()[1:],
        token().replace(".", "..", 1),
        token({"iss": "é"}) + "é~",
        "~".join([token().split("~")[0], *list(OPENS.values())[:1] * 2, ""]),
        "~".join([present(token(), ["name"]).split("~")[0][:-4] + "AAAA", OPENS["name"], ""]),
    ],
)
def test_what_is_no_token_of_this_issuer_is_refused(bad: str) -> None:
    """Cut off, with a key binding nobody asked for, altered, or with a disclosure twice: one kind of error."""
    with pytest.raises(SdJwtUnfit):
        read(bad, PUBLIC)


def test_another_algorithm_is_refused() -> None:
    """`none` and what else a header may say is not taken, whatever the signature."""
    head = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    with pytest.raises(SdJwtUnfit, match="EdDSA"):
        read(head + "." + token().partition(".")[2], PUBLIC)


def test_of_a_record_that_was_packed_twice_receipts_tell_what_is_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of disclosures files is taken; which of two packings stands no file says, and the receipts do."""
    for month, opens in (("01", OPENS), ("02", OTHER)):
        kept = {**KEPT, "disclosures": list(opens.values()), "decoys": []}
        (tmp_path / f"{month}.disclosures.ndjson").write_text(json.dumps(kept) + "\n")
    (tmp_path / "east.key").write_text(key_line(KEY))
    (tmp_path / "east.key").chmod(0o600)
    (tmp_path / "1.tlog-proof").write_text(receipts(filed(DIGESTS))[0])
    made = ["disclosure", "sd-jwt", tmp_path, "--account", "A-1", "--key", tmp_path / "east.key", "--operator", "east"]
    made += ["--roll", "https://r.example", "-o", tmp_path / "t"]
    assert run(tmp_path, *made) == 1
    assert "packed more than once" in " ".join(capsys.readouterr().err.split())
    assert run(tmp_path, *made, "--receipts", tmp_path) == 0
    assert next(iter(OPENS.values())) in (tmp_path / "t").read_text()


def test_a_private_key_of_a_wallet_is_not_taken(tmp_path: Path) -> None:
    """A holder's key is the public one: the private half has no place in what an operator gets."""
    (tmp_path / "east.disclosures.ndjson").write_text(json.dumps(KEPT) + "\n")
    (tmp_path / "east.key").write_text(key_line(KEY))
    (tmp_path / "east.key").chmod(0o600)
    base = (
        "disclosure",
        "sd-jwt",
        tmp_path / "east.disclosures.ndjson",
        "--handle",
        "h-1",
        "--key",
        tmp_path / "east.key",
    )
    whom = ("--operator", "east", "--roll", "https://r.example", "--holder", tmp_path / "jwk", "-o", tmp_path / "t")
    (tmp_path / "jwk").write_text('{"kty":"OKP","d":"x"}')
    assert run(tmp_path, *base, *whom) == 2
    (tmp_path / "jwk").write_text(JWK_OF.export_public())
    assert run(tmp_path, *base, *whom) == 0
    payload = SDJWTVerifier((tmp_path / "t").read_text(), lambda *_: JWK_OF).get_verified_payload()
    assert payload["cnf"]["jwk"]["crv"] == "Ed25519"
