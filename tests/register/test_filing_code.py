"""Filing codes: NIST's own vectors for FF1, and codes that survive a telephone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openroll.register.subscription.filing_code import (
    NotACode,
    code_of,
    codes_of,
    ff1_decrypt,
    ff1_encrypt,
    number_of,
)

KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
KEYS = {
    128: KEY,
    192: bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F"),
    256: bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94"),
}
TWEAK = bytes.fromhex("39383736353433323130")
VECTORS = [
    (128, b"", "2433477484"),
    (128, TWEAK, "6124200773"),
    (192, b"", "2830668132"),
    (192, TWEAK, "2496655549"),
    (256, b"", "6657667009"),
    (256, TWEAK, "1001623463"),
]
"""Samples 1, 2, 4, 5, 7 and 8 of NIST's FF1samples.pdf: the radix-10 ones, over 0123456789."""


@pytest.mark.parametrize(("bits", "tweak", "wanted"), VECTORS)
def test_nists_samples(bits: int, tweak: bytes, wanted: str) -> None:
    """FF1 gives what NIST publishes for SP 800-38G, and takes it back."""
    assert ff1_encrypt("0123456789", KEYS[bits], tweak) == wanted
    assert ff1_decrypt(wanted, KEYS[bits], tweak) == "0123456789"


@given(st.integers(0, 10**14 - 1), st.sampled_from(["{}", " {} ", "{}"]))
def test_a_code_leads_back_to_its_number(number: int, around: str) -> None:
    """Every number has a code of 16 digits that leads back to it, typed with or without spaces, hyphens, full-width digits."""
    code = code_of(number, KEY)
    assert number_of(around.format(code), KEY) == number
    assert number_of(code.replace(" ", "-"), KEY) == number
    assert number_of(code.translate({ord("0") + n: ord("０") + n for n in range(10)}), KEY) == number


@given(st.lists(st.integers(0, 10**14 - 1), max_size=9))
def test_codes_made_together_are_those_made_alone(numbers: list[int]) -> None:
    """Each of many codes is the one that its number has by itself."""
    assert codes_of(numbers, KEY) == [code_of(number, KEY) for number in numbers]


@given(st.integers(0, 10**14 - 1), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_caught(number: int, place: int, shift: int) -> None:
    """No single mistyped digit makes another code."""
    digits = list(code_of(number, KEY).replace(" ", ""))
    digits[place] = str((int(digits[place]) + shift) % 10)
    with pytest.raises(NotACode):
        number_of("".join(digits), KEY)


@given(st.integers(0, 10**14 - 1), st.integers(0, 14))
def test_two_swapped_neighbours_are_caught(number: int, place: int) -> None:
    """No two neighbours that differ can change places unseen."""
    digits = list(code_of(number, KEY).replace(" ", ""))
    if digits[place] != digits[place + 1]:
        digits[place], digits[place + 1] = digits[place + 1], digits[place]
        with pytest.raises(NotACode):
            number_of("".join(digits), KEY)


@pytest.mark.parametrize("text", ["", "1", "x" * 16, "１" * 15, "12345678901234567", "\0" * 16, "²" * 16])
def test_what_is_no_code_is_refused(text: str) -> None:
    """Anything that is not 16 digits with the right check digits is refused with one error."""
    with pytest.raises(NotACode):
        number_of(text, KEY)
