"""The wall around others' validators: whatever they raise means no, is counted, and repeats nothing of what was sent."""

import ast
import contextlib
import importlib
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from openroll.register.check_digits import check_digits, check_digits_right
from openroll.register.subscription.filing_code import NotACode, number_of
from openroll.third_party import NotValid, surprises, third_party

SOURCE = Path(__file__).parents[2] / "src" / "openroll"
WALLED = {
    "stdnum": ("register/check_digits.py", "places/numbers.py"),
    "phonenumbers": ("places/numbers.py",),
    "holidays": ("places/days_off.py",),
    "publicsuffixlist": ("register/request/one_record.py",),
    # What `hosts` raises is declared there: a ValueError, which all of idna's own are.
    "idna": ("hosts.py", "register/request/one_record.py"),
    "webauthn": ("service/identity/passkeys.py",),
    "joserfc": ("service/identity/oidc/id_token.py",),
}
"""Libraries that judge what strangers send, and the modules that may call each."""
VALIDATORS = ("stdnum.iso7064.mod_97_10", "stdnum.cn.ric", "stdnum.luhn", "stdnum.iban", "stdnum.imei", "stdnum.eu.vat")


def imported(path: Path) -> set[str]:
    """The packages that a module imports, at its top or within."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


def test_validators_are_called_within_the_wall_alone() -> None:
    """No other module imports them, so that no other can be surprised by one."""
    found = {
        (name, str(path.relative_to(SOURCE)))
        for path in SOURCE.rglob("*.py")
        for name in imported(path) & {*WALLED, "publicsuffix2", "dateutil", "dateparser"}
    }
    assert found == {(name, module) for name, modules in WALLED.items() for module in modules}


TEXTS = (
    st.text(max_size=30) | st.text("0123456789X -", max_size=24) | st.from_regex(r"[0-9]{6}19[0-9]{9}", fullmatch=True)
)


@given(st.sampled_from(VALIDATORS), TEXTS)
def test_every_validator_says_yes_or_no(name: str, text: str) -> None:
    """Within the wall nothing else comes out of them, whatever is sent."""
    with contextlib.suppress(NotValid), third_party(name, ValidationError):
        importlib.import_module(name).validate(text)


@given(TEXTS)
def test_check_digits_of_anything(text: str) -> None:
    """Ours never raise; a code that is none is said so."""
    assert check_digits_right(text) in (True, False)
    with contextlib.suppress(NotACode):
        number_of(text, bytes(16))
    assert check_digits_right("0" * 14 + check_digits("0" * 14))


@given(st.integers(0, 10**14 - 1), st.integers(0, 96))
def test_check_digits_are_those_of_the_standard(number: int, more: int) -> None:
    """From 02 to 98, for every remainder: a code that was printed years ago reads the same."""
    payload = f"{number // 97 * 97 + more:014d}"
    assert check_digits(payload) == mod_97_10.calc_check_digits(payload)


def test_an_area_that_the_table_has_not_is_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    """`stdnum.cn.ric` raises KeyError for a third of all area codes: not valid, counted, and the number is in no log line."""
    number = "142720" + "19900101" + "001"
    number += ric.calc_check_digit(number + "0")
    what = "stdnum.cn.ric: KeyError"
    surprises.pop(what, None)
    with caplog.at_level(logging.WARNING):
        for _ in range(100):
            with pytest.raises(NotValid), third_party("stdnum.cn.ric", ValidationError):
                ric.validate(number)
    assert surprises[what] == 100
    assert len(caplog.records) == 7, "at 1, 2, 4 … 64: nobody fills a disk with them"
    assert all(number not in record.getMessage() and record.exc_info is None for record in caplog.records)


class PanicException(BaseException):
    """What code compiled from Rust raises when it gives up."""


@pytest.mark.parametrize(
    "raised", [KeyError("13812345678"), RecursionError(), PanicException("13812345678"), AttributeError()]
)
def test_what_a_library_did_not_name_is_no(raised: BaseException) -> None:
    """Even a panic, which is no Exception, and nothing of it goes on to whoever asked."""
    with pytest.raises(NotValid) as caught, third_party("a library", ValidationError):
        raise raised
    assert caught.value.__cause__ is None
    assert "138" not in str(caught.value)


@pytest.mark.parametrize("raised", [MemoryError(), KeyboardInterrupt(), SystemExit(2)])
def test_what_the_machine_says_goes_through(raised: BaseException) -> None:
    """The wall swallows no interrupt and no exit."""
    with pytest.raises(type(raised)), third_party("a library", ValidationError):
        raise raised
