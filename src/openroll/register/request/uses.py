"""Registered uses under the rule of the day: what a use was allowed when it was registered may be allowed no more."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from openroll.register.refusal import Refusal
from openroll.register.request import commands
from openroll.register.request.refusals import BeyondUse, PurposeUnknown, UseLapsed, UseUnknown
from openroll.register.request.state import Request, Use
from openroll.register.request.words import GIVING


def under_rule(
    use: Use, said: Mapping[str, str], fields: Collection[str], purposes: Iterable[Mapping[str, str]]
) -> Use:
    """A use as a rule with these fields and purposes leaves it.

    `said` is the purpose in the words of the rule under which the use was registered. A purpose is known by its words, for its
    place in the list may be another one's: by those of every language that both rules speak.
    """
    return msgspec.structs.replace(
        use,
        said=said,
        purpose_gone=not any(_alike(said, one) for one in purposes),
        fields_gone=tuple(name for name in use.fields if name not in fields),
    )


def _alike(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[language] == other[language] for language in shared)


def asked_refusal(use: Use | None, number: int, authority: str, fields: Collection[str]) -> Refusal | None:
    """Why these fields may not be asked for under a use by an authority today, if so."""
    if use is None or use.ended or use.organisation != authority:
        return UseUnknown(use=number)
    if use.purpose_gone:
        return PurposeUnknown(purpose=use.purpose)
    beyond = tuple(name for name in fields if name not in use.fields or name in use.fields_gone)
    return BeyondUse(fields=beyond) if beyond else None


def lapsed_refusal(command: commands.Step, use: Use | None, request: Request) -> Refusal | None:
    """Why what an act sets in motion may not be given any more, if so: what the rule dropped, it dropped for what is under way.

    What takes a request back, refuses it or gives nothing is always taken; so is a review of what was given already. A use that
    somebody ended is another matter: what was filed under it before goes on.
    """
    match command:
        case commands.Approve() if not request.answered:
            return _lapsed(use, command.fields)
        case commands.ConfirmEmergency():
            return _lapsed(use, request.fields)
        case commands.SecondApproval() | commands.LetPass():
            return _lapsed(use, request.approved or ())
        case commands.Answer() if command.outcome in GIVING:
            return _lapsed(use, command.fields)
        case commands.Preserve():
            return _lapsed(use, request.fields)
    return None


def _lapsed(use: Use | None, fields: Collection[str]) -> Refusal | None:
    if use is None:
        return None
    if use.purpose_gone:
        return UseLapsed(use=use.number)
    beyond = tuple(name for name in fields if name in use.fields_gone)
    return BeyondUse(fields=beyond) if beyond else None
