"""What can go wrong when somebody signs in through their organisation's provider: one class and one stable code each.

A fault says nothing secret: no state, nonce, code, token or key, and no text of the provider's. Many faults become few
refusals (`fault.refusal`), because a person can only wait, begin again, or ask the people who run the provider.
"""

from typing import ClassVar

from openroll.register.refusal import Refusal
from openroll.register.sign_in_refusals import ProviderAnswerWrong, ProviderUnreachable, SignInRefusedThere, SignInStale

TOLD_REASONS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
        "unsupported_response_type",
    }
)
"""Reasons that are told on: error codes of RFC 6749 (4.1.2.1, 5.2) and OpenID Connect Core 3.1.2.6. Others are not:
what stands in an address can be anybody's text."""


class SignInFault(Exception):
    """Why a sign-in through `issuer` did not come about. Subclasses fix `code` (stable) and the refusal."""

    code: ClassVar[str] = "sign-in-fault"

    def __init__(self, issuer: str) -> None:
        super().__init__(f"{self.code}: sign-in through {issuer}")
        self.issuer = issuer

    @property
    def refusal(self) -> Refusal:
        """What the person is told."""
        return ProviderAnswerWrong(issuer=self.issuer, fault=self.code)


class NotReached(SignInFault):
    """No connection, no answer in time, or the provider says it is out of order (429, 5xx)."""

    code = "not-reached"

    @property
    def refusal(self) -> Refusal:
        """Try later."""
        return ProviderUnreachable(issuer=self.issuer)


class Stale(SignInFault):
    """The sign-in cannot go on; a new one can begin."""

    @property
    def refusal(self) -> Refusal:
        """Begin again."""
        return SignInStale()


class StateWrong(Stale):
    """The browser does not bring back the state it was sent with: another sign-in, or a forged one."""

    code = "state-wrong"


class RegistrationChanged(Stale):
    """The sign-in began at another provider or for another organisation than the one given now."""

    code = "registration-changed"


class TooOld(Stale):
    """The sign-in began more than ten minutes ago."""

    code = "too-old"


class CodeSpent(Stale):
    """The provider does not take the code (`invalid_grant`): used before, expired, or issued for another sign-in."""

    code = "code-spent"


class RefusedThere(SignInFault):
    """The provider says no; `reason` is its error code when it is a registered one, else `other`."""

    code = "refused-there"

    def __init__(self, issuer: str, reason: object) -> None:
        super().__init__(issuer)
        self.reason = reason if isinstance(reason, str) and reason in TOLD_REASONS else "other"

    @property
    def refusal(self) -> Refusal:
        """Ask those who run the provider."""
        return SignInRefusedThere(issuer=self.issuer, reason=self.reason)


class AnswerWrong(SignInFault):
    """What came is not what this provider, set up rightly and speaking for itself, would send."""


class IssuerParameterWrong(AnswerWrong):
    """The `iss` of the way back is another provider's (RFC 9207: the mix-up attack)."""

    code = "issuer-parameter-wrong"


class IssuerParameterMissing(AnswerWrong):
    """The provider says it always sends `iss` (RFC 9207 section 3), and none came."""

    code = "issuer-parameter-missing"


class CodeMissing(AnswerWrong):
    """The way back brings neither a code nor an error."""

    code = "code-missing"


class DocumentWrong(AnswerWrong):
    """A document is not there, or not JSON of the form that OpenID Connect gives it."""

    code = "document-wrong"


class Redirected(AnswerWrong):
    """The provider sends us elsewhere for a document or a token; we do not follow."""

    code = "redirected"


class TooLarge(AnswerWrong):
    """An answer of more than 64 KB, or a compressed one, whose size nobody knows."""

    code = "too-large"


class DiscoveryIssuerWrong(AnswerWrong):
    """The discovery document speaks of another issuer (OpenID Connect Discovery 1.0 section 4.3)."""

    code = "discovery-issuer-wrong"


class AddressUnfit(AnswerWrong):
    """The discovery document names an address that is not https."""

    code = "address-unfit"


class ClientAuthenticationUnknown(AnswerWrong):
    """The provider takes our secret neither by client_secret_basic nor by client_secret_post."""

    code = "client-authentication-unknown"


class AlgorithmRefused(AnswerWrong):
    """The ID token is signed in a way we do not take, or that the provider does not list, or not at all."""

    code = "algorithm-refused"


class TokenMissing(AnswerWrong):
    """The answer for the code holds no ID token."""

    code = "token-missing"


class TokenShape(AnswerWrong):
    """The ID token is not a signed JWT (RFC 7519)."""

    code = "token-shape"


class KeyUnknown(AnswerWrong):
    """The provider publishes no key, or more than one, that could have signed the ID token; asked twice."""

    code = "key-unknown"


class KeyUnfit(AnswerWrong):
    """The provider's key cannot be read, or is RSA of less than 2048 or more than 8192 bits."""

    code = "key-unfit"


class SignatureWrong(AnswerWrong):
    """The ID token is not signed with the key that the provider publishes."""

    code = "signature-wrong"


class TokenIssuerWrong(AnswerWrong):
    """The ID token is another issuer's."""

    code = "token-issuer-wrong"


class AudienceWrong(AnswerWrong):
    """The ID token was made for another client."""

    code = "audience-wrong"


class PartyWrong(AnswerWrong):
    """The ID token has several audiences and was not issued to us (`azp`), or names another client there."""

    code = "party-wrong"


class Expired(AnswerWrong):
    """The ID token has expired, or does not say when it does."""

    code = "token-expired"


class IssuedWrong(AnswerWrong):
    """The ID token was issued in the future or before this sign-in began, or does not say when."""

    code = "token-issued-wrong"


class NonceWrong(AnswerWrong):
    """The ID token was made for another sign-in."""

    code = "nonce-wrong"


class SubjectWrong(AnswerWrong):
    """The ID token names nobody, or not in 1 to 255 printable ASCII characters (OpenID Connect Core section 2)."""

    code = "subject-wrong"


def every_fault() -> tuple[type[SignInFault], ...]:
    """All faults that are raised, by code, for the tests that hold codes unique."""
    kinds = [*SignInFault.__subclasses__(), *Stale.__subclasses__(), *AnswerWrong.__subclasses__()]
    return tuple(sorted((kind for kind in kinds if "code" in vars(kind)), key=lambda kind: kind.code))
