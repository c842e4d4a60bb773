"""Notices: a secret that two share, its code on paper, and notices that only it finds and that nothing links."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.disclosure.sealed import OPERATOR, STRANGER
from tests.handles import KEY, handle

from openroll.disclosure.envelope import EnvelopeNotOurs, recipients
from openroll.disclosure.notice import (
    BUCKETS,
    OwnNotice,
    bucket_of,
    heap_number,
    heaps_for,
    month_bucket,
    nobody_secret,
    notice_key,
    notice_secret,
    open_notice,
    own_notices,
    seal_notice,
    word_of,
)
from openroll.disclosure.notice_code import ALPHABET, NoticeCodeWrong, code_of, secret_of

SECRET = notice_secret(KEY, handle("A-1001"))
CODE = code_of(SECRET)
SIGNERS = [OPERATOR.signing.verifying]


def test_published_figures() -> None:
    """The figures of docs/envelopes.md: secret, code, buckets and key of account A-1001 under the handle key 00 … 1f."""
    assert SECRET.hex() == "77f003799b365c39ace7a72c7736e9fe"
    assert CODE == "EZR0-6YCV-6SE3-KB77-MWP7-EDQ9-ZRRQ"
    assert bucket_of(SECRET, 7) == 189
    assert month_bucket(SECRET, "2026-11") == 42
    assert nobody_secret(KEY, 7).hex() == "a81e4528412ffcdf14527774210a10ee"
    assert bucket_of(nobody_secret(KEY, 7), 7) == 325
    assert notice_key(SECRET, "m").public.id == "af890f8b687beece21ff545319aa7aa8"
    assert word_of(SECRET, "m") == "92dff8a77e0a0c43534c2f46f85a63"


def test_a_person_finds_their_notices_and_no_other() -> None:
    """Of a heap with others' notices, junk and one that was altered, the secret opens its own and tells which was altered."""
    other = notice_secret(KEY, handle("A-1002"))
    mine = seal_notice(b"you", SECRET, OPERATOR.signing, "request 1")
    altered = seal_notice(b"you", SECRET, OPERATOR.signing, "request 3")
    altered = altered[:-1] + bytes([altered[-1] ^ 1])
    heap = [
        ("request 1", mine),
        ("request 2", seal_notice(b"they", other, OPERATOR.signing, "request 2")),
        ("request 3", altered),
        ("request 4", b"junk"),
        ("", mine),
        ("x" * 1025, mine),
        ("\ud800", mine),
        ("request 5", mine),
    ]
    assert list(own_notices(heap, SECRET, SIGNERS)) == [
        OwnNotice("request 1", b"you"),
        OwnNotice("request 3", None, "does-not-open"),
    ]
    assert open_notice(mine, SECRET, SIGNERS, "request 1") == b"you"
    with pytest.raises(EnvelopeNotOurs, match="none of the keys"):
        open_notice(mine, SECRET, [STRANGER.signing.verifying], "request 1")


def test_nothing_links_two_notices_of_one_person() -> None:
    """Another matter, another key and another bucket, as where no record is held: what is published of two notices, told in one
    month too, has nothing in common."""
    one, two = (seal_notice(b"", SECRET, OPERATOR.signing, f"request {number}") for number in (1, 2))
    assert not set(recipients(one)) & set(recipients(two))
    for secrets in ([SECRET] * 12, [nobody_secret(KEY, number) for number in range(12)]):
        assert len({bucket_of(secret, number) for number, secret in enumerate(secrets)}) > 9
        assert len({word_of(secret, f"request {number}") for number, secret in enumerate(secrets)}) == 12
    assert {bucket_of(bytes([byte]) * 16, byte) < BUCKETS for byte in range(256)} == {True}


@settings(max_examples=40, deadline=None)
@given(secret=st.binary(min_size=16, max_size=16), data=st.data())
def test_a_code_forgives_looks_and_finds_mistakes(secret: bytes, data: st.DataObject) -> None:
    """However it is typed it is the same secret; any one wrong character, and any two exchanged, are found."""
    code = code_of(secret)
    assert secret_of(code) == secret
    typed = code.replace("0", data.draw(st.sampled_from("0Oo０"))).replace("1", data.draw(st.sampled_from("1IiLl")))
    typed = typed.replace("V", data.draw(st.sampled_from("VvUu"))).replace(
        "-", data.draw(st.sampled_from(["", " ", "–", "- "]))
    )
    assert secret_of(typed.lower() if data.draw(st.booleans()) else typed) == secret
    plain = code.replace("-", "")
    at, other = data.draw(st.integers(0, 27)), data.draw(st.integers(0, 27))
    wrong = data.draw(st.sampled_from([char for char in ALPHABET if char != plain[at]]))
    with pytest.raises(NoticeCodeWrong, match="wrong"):
        secret_of(plain[:at] + wrong + plain[at + 1 :])
    if plain[at] != plain[other]:
        exchanged = list(plain)
        exchanged[at], exchanged[other] = plain[other], plain[at]
        with pytest.raises(NoticeCodeWrong):
            secret_of("".join(exchanged))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_a_code_or_a_sentence(text: str) -> None:
    """Whatever is typed is a secret or an error that says what is wrong."""
    with suppress(NoticeCodeWrong):
        assert len(secret_of(text)) == 16


def test_secrets_of_another_length_are_refused() -> None:
    """A secret or a handle key of another length is a mistake of the program, not another secret."""
    for make in (
        lambda: code_of(bytes(15)),
        lambda: bucket_of(bytes(32), 1),
        lambda: month_bucket(bytes(32), ""),
        lambda: nobody_secret(bytes(31), 1),
        lambda: notice_key(b"", "m"),
        lambda: list(own_notices([], b"", [])),
        lambda: notice_secret(bytes(31), "h"),
    ):
        with pytest.raises(ValueError, match="bytes"):
            make()


def test_few_notices_stand_in_one_heap() -> None:
    """It is parted in two where both halves are full, up to a heap a bucket; and a bucket's heap is one of those there are."""
    assert [heaps_for(number) for number in (0, 511, 512, 1023, 1024, 100_000, 10**9)] == [1, 1, 2, 2, 4, 256, 1024]
    assert [heap_number(1023, heaps) for heaps in (1, 2, 1024)] == [0, 1, 1023]
    assert [heap_number(512, heaps) for heaps in (1, 2, 1024)] == [0, 1, 512]
