"""Where keys come from: files with their permissions, the environment, and a PKCS#11 token (SoftHSM)."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openroll import places, tlog
from openroll.compose.settings import settings_from
from openroll.register.decision import Refused
from openroll.register.roll.commands import OpenRoll
from openroll.rules import load
from openroll.service.governance.open_roll import Basis, find_roll, open_roll
from openroll.service.keys import KeyNotHeld, Keys, make_keys, read_keys
from openroll.service.log.external_keys import GivenKeys, KeysWrong
from openroll.service.log.fsck import fsck
from openroll.service.log.key_rotation import rotate
from openroll.service.log.sequencer import Sequencer
from openroll.service.roll import Roll
from openroll.store.connect import Database
from openroll.tlog import Checkpoint, Signer
from openroll.tlog.note import ED25519
from tests.conftest import Ticking
from tests.service.test_key_rotation import handovers, sequenced, signs, turned

ORIGIN = "roll.example/given"
ED, ML = (Signer.from_seed(ORIGIN, bytes([n]) * 32, kind) for n, kind in ((1, "ed25519"), (2, "ml-dsa-44")))
EVERYTHING = {
    "OPENROLL_LOG_KEYS": f"{ED.private_key}\n{ML.private_key}",
    "OPENROLL_CODES_KEY": "c" * 64,
    "OPENROLL_ADDRESS_KEY": "a" * 64,
}
MODULE = next((path for path in Path("/usr/lib").rglob("libsofthsm2.so")), None)
PIN = "open sesame"


def given(**more: str) -> GivenKeys:
    """Keys as the settings read them from an environment."""
    return settings_from(EVERYTHING | more).given


def test_with_every_key_in_the_environment_no_secret_is_on_the_disk(tmp_path: Path) -> None:
    """A new roll writes down its public keys only; the keys read back are those that were given."""
    keys = make_keys(tmp_path / "keys", ORIGIN, os.urandom, given())
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["log.pub"]
    assert keys.verifiers == (ED.verifier, ML.verifier)
    assert (keys.code_key, keys.address_key) == (b"\xcc" * 32, b"\xaa" * 32)
    assert [one.name for one in keys.signers_at(1)] == [ORIGIN, ORIGIN]


def test_what_is_not_given_is_made(tmp_path: Path) -> None:
    """One key from the environment and the rest in files; without the environment the roll says which one it lacks."""
    keys = make_keys(tmp_path / "keys", ORIGIN, os.urandom, GivenKeys(log_keys=(ED.private_key,)))
    assert keys.verifiers[0] == ED.verifier
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "addresses.key",
        "filing-codes.key",
        "log-ml-dsa-44.key",
        "log.pub",
    ]
    with pytest.raises(KeyNotHeld, match=ED.verifier.key_id.hex()):
        read_keys(tmp_path / "keys").signers_at(1)


def test_a_crash_while_keys_are_made_leaves_none_of_them_twice(tmp_path: Path) -> None:
    """Made again, what was there stays: the list of public keys is written last and names what is there."""
    before = make_keys(tmp_path / "keys", ORIGIN, os.urandom)
    (tmp_path / "keys" / "log.pub").unlink()
    (tmp_path / "keys" / "addresses.key").unlink()
    after = make_keys(tmp_path / "keys", ORIGIN, os.urandom)
    assert after.verifiers == before.verifiers
    assert after.code_key == before.code_key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"OPENROLL_LOG_KEYS": "PRIVATE+KEY+broken"}, "OPENROLL_LOG_KEYS holds a line that is no private key"),
        ({"OPENROLL_LOG_KEYS": Signer.from_seed("other", b"1" * 32, "ed25519").private_key}, "named 'other'"),
        ({"OPENROLL_LOG_KEYS": Signer.from_seed(ORIGIN, b"1" * 32, "cosignature").private_key}, "for a witness"),
        ({"OPENROLL_LOG_KEYS": "pkcs11:token=x"}, "the address of a token's key reads"),
        ({"OPENROLL_CODES_KEY": "cc"}, "OPENROLL_CODES_KEY is not 64 hexadecimal digits"),
        ({"OPENROLL_ADDRESS_KEY": "no" * 32}, "OPENROLL_ADDRESS_KEY is not 64 hexadecimal digits"),
    ],
)
def test_a_wrong_key_in_the_environment_is_said_and_never_repeated(
    change: dict[str, str], said: str, tmp_path: Path
) -> None:
    """The sentence names the variable and what is wrong with it; no secret stands in it, nor in the settings' own text."""
    make_keys(tmp_path / "keys", ORIGIN, os.urandom, given())
    with pytest.raises(KeysWrong, match=said) as error:
        read_keys(tmp_path / "keys", given(**change))
    secrets = [*EVERYTHING.values(), *change.values()]
    assert not any(secret in str(error.value) for secret in secrets if "PRIVATE" in secret or len(secret) == 64)
    assert not any(line in repr(settings_from(EVERYTHING)) for value in EVERYTHING.values() for line in value.split())


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o622, 0o602, 0o666])
def test_a_key_that_others_can_read_or_change_is_refused(mode: int, tmp_path: Path) -> None:
    """It may be somebody else's already: the sentence says so, and how it is mended."""
    make_keys(tmp_path / "keys", ORIGIN, os.urandom)
    for name in ("log-ed25519.key", "filing-codes.key", "addresses.key"):
        path = tmp_path / "keys" / name
        path.chmod(mode)
        with pytest.raises(KeysWrong, match=f"{name} can be read or written by others.*chmod 600"):
            read_keys(tmp_path / "keys")
        path.chmod(0o600)
    assert isinstance(read_keys(tmp_path / "keys"), Keys)


def test_a_key_its_group_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Orchestrators hand out secrets like that; the keeper is told and decides."""
    make_keys(tmp_path / "keys", ORIGIN, os.urandom)
    (tmp_path / "keys" / "log-ed25519.key").chmod(0o640)
    read_keys(tmp_path / "keys")
    assert "can be read by its group (mode 0640)" in caplog.text


class Hsm:
    """A SoftHSM token of its own, with Ed25519 keys made inside it that cannot be taken out."""

    token = "openroll"

    def __init__(self, folder: Path) -> None:
        self.pin_file = folder / "pin"
        self.pin_file.write_text(PIN + "\n", encoding="ascii")
        run = ["softhsm2-util", "--init-token", "--free", "--label", self.token, "--pin", PIN, "--so-pin", "officer"]
        subprocess.run(run, check=True, capture_output=True)

    def session(self) -> Any:
        """A session that may write. A process is logged in to a token once, so ours ends first."""
        import pkcs11

        from openroll.service.log import pkcs11_key

        pkcs11_key._forget(pkcs11_key._Address(self.address("any")))
        return pkcs11.lib(str(MODULE)).get_token(token_label=self.token).open(rw=True, user_pin=PIN)

    def empty(self) -> None:
        """Every key on it is destroyed."""
        with self.session() as session:
            for key in list(session.get_objects()):
                key.destroy()

    def make(self, label: str) -> None:
        """A key pair on the token."""
        from pkcs11 import Attribute, KeyType, Mechanism

        curve = {Attribute.EC_PARAMS: b"\x13\x0cedwards25519"}  # RFC 8410's curve, as PKCS#11 3.0 names it
        with self.session() as session:
            domain = session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True)
            domain.generate_keypair(store=True, label=label, mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN)

    def address(self, label: str, token: str = "", more: str = "") -> str:
        """The key's address."""
        return f"pkcs11:token={token or self.token};object={label}?module-path={MODULE}{more}"


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Hsm:
    """One token for the run: the module reads its settings and its tokens once a process.

    Where SoftHSM is not installed, script/test installs it for root; anyone else is told what to install.
    """
    if MODULE is None or shutil.which("softhsm2-util") is None:
        why = "the PKCS#11 tests need SoftHSM: sudo apt-get install softhsm2"
        if os.getuid() == 0:
            pytest.fail(why)
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings, encoding="ascii")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    return Hsm(folder)


@pytest.fixture
def hsm(token: Hsm) -> Iterator[Hsm]:
    """The token, empty again when the test ends."""
    yield token
    token.empty()


def test_a_token_signs_and_its_key_never_leaves_it(hsm: Hsm) -> None:
    """The signature is a plain Ed25519 one that any reader verifies; the token refuses to give the private half away."""
    from pkcs11 import Attribute, ObjectClass

    from openroll.service.log.pkcs11_key import TokenKey

    hsm.make("log")
    key = TokenKey.of(hsm.address("log", more=f"&pin-source=file:{hsm.pin_file}"), ORIGIN, "")
    note = tlog.sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), [key, ML])
    assert tlog.open_checkpoint(note, [key.verifier, ML.verifier]).size == 1
    private = key._find(ObjectClass.PRIVATE_KEY)
    assert private[Attribute.SENSITIVE]
    assert not private[Attribute.EXTRACTABLE]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("pin", "refuses the PIN.*locks itself"),
        ("no pin", "wants a PIN: set OPENROLL_PKCS11_PIN"),
        ("pin file", "cannot be read from /nowhere: No such file"),
        ("token", "has no token 'elsewhere'"),
        ("key", "holds no private key 'other'"),
        ("two keys", "more than one key 'log'"),
        ("module", "cannot be asked: .*no-such-module.so"),
        ("pin in the address", "a PIN itself has no place in it"),
    ],
)
def test_what_is_wrong_with_a_token_is_a_sentence(wrong: str, said: str, hsm: Hsm) -> None:
    """A wrong PIN, a missing token, key or module: each says what, and what to do."""
    from openroll.service.log.external_keys import signer_of

    hsm.make("log")
    if wrong == "two keys":
        hsm.make("log")
    address = {
        "pin file": hsm.address("log", more="&pin-source=/nowhere"),
        "token": hsm.address("log", token="elsewhere"),
        "key": hsm.address("other"),
        "module": hsm.address("log").replace(str(MODULE), "/no-such-module.so"),
        "pin in the address": hsm.address("log", more="&pin-value=1234"),
    }.get(wrong, hsm.address("log"))
    pin = {"pin": "wrong", "no pin": "", "pin file": ""}.get(wrong, PIN)
    with pytest.raises(KeysWrong, match=said):
        signer_of(address, ORIGIN, pin)


def test_a_roll_moves_to_a_token_and_on_to_the_next(hsm: Hsm, roll: Roll) -> None:
    """A key in a token takes the place of the one in a file by an ordinary change of keys, and is itself replaced by another;
    who held the first keys can follow all the way."""
    old = roll.keys.verifiers
    sequenced(roll)
    lines: tuple[str, ...] = ()
    for label in ("log-1", "log-2"):
        hsm.make(label)
        lines = (*lines, hsm.address(label))
        given = GivenKeys(log_keys=lines, pin=PIN)
        found = find_roll(roll.database, roll.home, clock=roll.clock, random_bytes=roll.random_bytes, given=given)
        turn = turned(rotate(found, "into the token", kinds=[ED25519], overlap=False))
        assert turn.made == ()
        note = sequenced(found)
        assert signs(note, *turn.keys)
    assert tlog.follow(handovers(found), old).terms[-1].keys == found.keys.verifiers
    assert fsck(found).fault is None


def test_a_roll_is_opened_with_its_key_in_a_token(
    hsm: Hsm, database_url: str, tmp_path: Path, new_roll: Callable[[], Roll]
) -> None:
    """`init` makes no Ed25519 file where a token holds the key, and the roll runs with it."""
    hsm.make("log")
    name, place = new_roll().name + "-t", places.load("cn-cq-2006")
    keys = GivenKeys(log_keys=(hsm.address("log"),), pin=PIN)
    opened = open_roll(
        Database(database_url, name),
        tmp_path / "home",
        OpenRoll(
            roll=name,
            title={"en": "T"},
            registrar={"en": "R"},
            jurisdiction=places.full_name(place),
            demonstration=True,
        ),
        Basis(place, load("cn-cq-2006-regulation+with-safeguards")),
        origin=ORIGIN,
        clock=Ticking(),
        random_bytes=os.urandom,
        given=keys,
    )
    assert not isinstance(opened, Refused)
    assert not (tmp_path / "home" / "keys" / "log-ed25519.key").exists()
    Sequencer(opened).run_until_empty()
    assert signs((opened.public / "checkpoint").read_bytes(), *opened.keys.verifiers)
    with opened.database.open() as connection:
        connection.execute(f"drop schema {opened.database.schema} cascade")


def test_a_token_that_goes_away_signs_nothing_and_serves_again_when_it_is_back(hsm: Hsm) -> None:
    """A dead session is opened anew; where the key is gone the sentence says so, and nothing was signed."""
    from openroll.service.log import pkcs11_key

    hsm.make("log")
    key = pkcs11_key.TokenKey.of(hsm.address("log"), ORIGIN, PIN)
    for session in pkcs11_key._OPEN.values():
        session.close()
    key.verifier.verify("text\n", key.sign("text\n"))
    hsm.empty()
    with pytest.raises(KeyNotHeld, match=r"does not sign: .*holds no private key"):
        key.sign("text\n")
