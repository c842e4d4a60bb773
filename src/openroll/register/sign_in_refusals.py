"""Why somebody is not signed in."""

from openroll.register.refusal import Refusal


class SessionOld(Refusal, frozen=True):
    """A way in, or who is told of it, is changed by who has signed in a moment ago: at most `minutes` minutes."""

    code = "session-old"
    status = 403
    minutes: int


class PasskeyNeeded(Refusal, frozen=True):
    """A token that acts for one's own seat is made by who has signed in by a passkey, and by nothing else."""

    code = "passkey-needed"
    status = 403


class SignInNeeded(Refusal, frozen=True):
    """Nobody is signed in, or the session has ended."""

    code = "sign-in-needed"
    status = 401


class SignInFailed(Refusal, frozen=True):
    """The passkey did not answer for anyone here, or its answer came too late."""

    code = "sign-in-failed"
    status = 403


class ProviderUnreachable(Refusal, frozen=True):
    """The organisation's own sign-in provider does not answer, or is out of order."""

    code = "provider-unreachable"
    status = 503
    issuer: str


class ProviderAnswerWrong(Refusal, frozen=True):
    """The provider answers what cannot be trusted: set up wrongly, or not the provider. `fault` is for those who run it."""

    code = "provider-answer-wrong"
    status = 403
    issuer: str
    fault: str


class SignInStale(Refusal, frozen=True):
    """A sign-in that took too long, was used already, or was begun elsewhere."""

    code = "sign-in-stale"
    status = 400


class SignInRefusedThere(Refusal, frozen=True):
    """The provider did not let the person in; `reason` is its error code (RFC 6749), or `other`."""

    code = "sign-in-refused-there"
    status = 403
    issuer: str
    reason: str
