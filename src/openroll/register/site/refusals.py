"""Why something is not done to a site."""

from datetime import date

from openroll.register.refusal import Refusal


class SiteUnknown(Refusal, frozen=True):
    """There is no site of this number, or another operator hosts it. `site` is the number as it is shown."""

    code = "site-unknown"
    status = 404
    site: str


class SiteIsEnded(Refusal, frozen=True):
    """The site has ended: nothing is done to it any more, and its number is given to no other."""

    code = "site-ended"
    status = 409
    ended: date


class SiteIsPrivate(Refusal, frozen=True):
    """It is asked of a natural person's site what is asked of an organisation's, or the other way round."""

    code = "site-is-private"
    status = 409


class SponsorMissing(Refusal, frozen=True):
    """An organisation's site says which organisation answers for it, and what services it has."""

    code = "sponsor-missing"


class DomainsMiscounted(Refusal, frozen=True):
    """A site has at least one domain and at most `most`, each once."""

    code = "domains-miscounted"
    most: int


class DomainUnfit(Refusal, frozen=True):
    """This is not one domain in A-labels that somebody can have."""

    code = "domain-unfit"
    domain: str


class DomainTaken(Refusal, frozen=True):
    """Another site stands under this domain, `site`: of the same operator, or one of which control was shown, as of this one."""

    code = "domain-taken"
    status = 409
    domain: str
    site: str


class SiteHandleTaken(Refusal, frozen=True):
    """The operator has a site under this handle."""

    code = "site-handle-taken"
    status = 409
    handle: str


class RetiredTooSoon(Refusal, frozen=True):
    """A site's number is retired when it was silent for so long: not before the day `until`."""

    code = "retired-too-soon"
    status = 409
    until: date


class PlacesDisagree(Refusal, frozen=True):
    """What is said of a site was not seen by the roll itself, or by too few of the places that look for it."""

    code = "places-disagree"
    status = 409


class TooManySites(Refusal, frozen=True):
    """More sites came at once than are taken."""

    code = "too-many-sites"
    status = 413
    most: int
