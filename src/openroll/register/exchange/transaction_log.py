"""What a person was told, as the transaction log of a wallet has it (EUDI TS10 version 1.2, sections 3.1, 3.15 and 3.16).

A request to an operator is no presentation by a wallet, so each is an `OtherTransaction`, whose description is for people. Beside
it stand attributes that TS10 gives a presentation, under their names there (section 3.2), and the whole notice, so that nothing
is lost. `frontend/src/transaction-log.js` writes the same.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import msgspec

from openroll.register.request.content import Notice

FIELDS_OF = "urn:openroll:subscription:1"
"""What the fields are of: where TS10 wants the type of a credential (`vct`), the type of our records stands."""
_ANY = "und"
"""ISO 639-2 for a language that nobody determined: a notice has a text in all languages of its roll, in one line."""


def transaction_log(notices: Iterable[Notice], address: str, altered: Sequence[str] = ()) -> dict[str, Any]:
    """A list of notices from the roll at this address as JSON's values. `altered` names the notices that did not open.

    TS10 encrypts what a wallet exports with a password (section 5); this is the log before that.
    """
    found: dict[str, Any] = {"TransactionLog": [_transaction(one, address.rstrip("/")) for one in notices]}
    if altered:
        found["altered"] = list(altered)
    return found


def _transaction(notice: Notice, address: str) -> dict[str, Any]:
    given = bool(notice.given)
    other: dict[str, Any] = {
        "description": [_described(notice)],
        "interactingPartyIdentifier": {"type": f"{address}/api/v1/uses", "identifier": notice.authority},
        "interactingPartyName": _text(notice.authority_title or notice.authority),
        "isIntermediary": False,
        "registrarURL": f"{address}/api/v1/uses?authority={notice.authority}",
        "purpose": [_text(notice.purpose)],
        "dpaName": _text(notice.supervisor),
        "dpaContact": [notice.supervised_at],
        "listOfClaimsRequested": _claims(notice.asked),
        "listOfClaimsPresented": _claims(notice.given),
    }
    if not given:
        other["reasonOfNoncompletion"] = notice.outcome
    return {
        "otherTransaction": {**other, "notice": msgspec.to_builtins(notice)},
        "transactionIdentifier": f"{address}/api/v1/requests/{notice.request}",
        "time": f"{notice.filed.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "transactionType": "OtherTransaction",
        "transactionResult": "Completed" if given else "NotCompleted",
    }


def _described(notice: Notice) -> str:
    said = f"{notice.authority} asked {notice.operator} for {', '.join(notice.asked)} ({notice.basis})"
    if notice.annulled:
        return f"{said}; annulled: what was given may not be used"
    return f"{said}; given: {', '.join(notice.given) or 'nothing'} ({notice.outcome})"


def _text(content: str) -> dict[str, str]:
    return {"lang": _ANY, "content": content}


def _claims(fields: Sequence[str]) -> list[dict[str, Any]]:
    return [{"credentialIdentifier": FIELDS_OF, "claims": list(fields)}] if fields else []
