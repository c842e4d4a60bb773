"""Check digits of numbers that people type: ISO 7064 MOD 97-10, by python-stdnum."""

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_97_10

from openroll.third_party import NotValid, third_party


def check_digits(payload: str) -> str:
    """The two check digits of decimal digits (ISO 7064 MOD 97-10). Raises NotValid."""
    if payload.isascii() and payload.isdigit():
        return f"{98 - 100 * int(payload) % 97:02d}"  # python-stdnum takes 9 µs for it, once a filing
    with third_party("stdnum.iso7064.mod_97_10", ValidationError):
        return str(mod_97_10.calc_check_digits(payload))


def check_digits_right(digits: str) -> bool:
    """Whether decimal digits end in their check digits (ISO 7064 MOD 97-10). Never raises."""
    try:
        with third_party("stdnum.iso7064.mod_97_10", ValidationError):
            mod_97_10.validate(digits)
    except NotValid:
        return False
    return True
