"""An operator that looks later sees a telling in the log that is none of its own words."""

from typing import Any

import msgspec
from tests.handles import KEY, handle
from tests.register.asked import NOW

from openroll.cli.requests.own_tellings import not_own
from openroll.disclosure.notice import bucket_of, nobody_secret, notice_secret, word_of
from openroll.register.request.content import complaint_digest, notice_context
from openroll.register.request.events import PersonToldByWord

ORIGIN, BEFORE = "roll.example/now", "roll.example/before"


def told(secret: bytes, number: int, origin: str = ORIGIN) -> PersonToldByWord:
    """A telling by a secret, as the log has it."""
    word = complaint_digest(word_of(secret, notice_context(origin, number)))
    of: dict[str, Any] = {"request": number, "at": NOW, "by": "east/2", "rule": "law@1", "notice": "0" * 64}
    return PersonToldByWord(bucket=bucket_of(secret, number), complaint=word, **of)


def test_a_word_that_is_none_of_its_own_is_named() -> None:
    """A record's, nobody's and one of before the log began anew are its own; another word, another bucket or key is not."""
    own = notice_secret(KEY, handle("u-7"))
    good = [told(own, 1), told(nobody_secret(KEY, 2), 2), told(own, 3, BEFORE)]
    lies = [
        msgspec.structs.replace(told(own, 4), complaint="f" * 64),
        msgspec.structs.replace(told(own, 5), bucket=(bucket_of(own, 5) + 1) % 1024),
        told(notice_secret(bytes(32), handle("u-7")), 6),
        told(notice_secret(KEY, handle("u-8")), 7),
    ]
    assert not_own([*good, *lies], [KEY], [handle("u-7")], (ORIGIN, BEFORE)) == lies
