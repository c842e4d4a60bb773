"""Every refusal can be said, in both languages, with its own parameters."""

import msgspec
import pytest

from openroll.register.refusal import Refusal
from openroll.register.refusals import every_refusal
from openroll.words import SENTENCES, say


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_a_refusal_is_said_in_both_languages(kind: type[Refusal]) -> None:
    """Each kind of refusal has words in Chinese and English that use only parameters it has."""
    params = {field.name: "x" for field in msgspec.structs.fields(kind)}
    zh, en = say(kind.code, params, "zh"), say(kind.code, params, "en")
    assert zh != en
    assert any("\u4e00" <= char <= "\u9fff" for char in zh)
    assert en.isascii()


def test_codes_are_unique_and_no_words_are_left_over() -> None:
    """No two refusals share a code, and there are no words for a refusal that is not there."""
    codes = [kind.code for kind in every_refusal()]
    assert len(set(codes)) == len(codes)
    assert set(SENTENCES) == set(codes)


@pytest.mark.parametrize("kind", every_refusal(), ids=lambda kind: kind.code)
def test_a_refusal_has_an_http_status_of_its_kind(kind: type[Refusal]) -> None:
    """Each refusal is a client's error, a passing overload or a full disk on the wire, never a success."""
    assert kind.status in (400, 401, 403, 404, 409, 413, 414, 422, 429, 431, 503, 507)
