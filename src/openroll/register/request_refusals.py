"""Refusals of requests that are larger than anything that is asked for here: told before anything of them is read."""

from openroll.register.refusal import Refusal


class FormTooLarge(Refusal, frozen=True):
    """A form holds more than its page takes: `most` bytes as they are sent, or `fields` fields."""

    code = "form-too-large"
    status = 413
    most: int
    fields: int


class AddressTooLong(Refusal, frozen=True):
    """What stands behind the question mark of an address is more than `most` bytes, or `parts` parts."""

    code = "address-too-long"
    status = 414
    most: int
    parts: int


class CookiesTooLarge(Refusal, frozen=True):
    """A request brings more than `most` bytes of cookies, or `parts` of them."""

    code = "cookies-too-large"
    status = 431
    most: int
    parts: int
