"""What can happen to a site: a line a command, with what may be answered instead."""

from openroll.register.kind import Decider, Kind
from openroll.register.official import NOT_ACTING
from openroll.register.organisation.refusals import NotAllowed
from openroll.register.refusal import Refusals
from openroll.register.site import commands, events
from openroll.register.site.decide import (
    change_private_site,
    change_site,
    check_site,
    end_site,
    file_private_site,
    file_site,
    see_site,
)
from openroll.register.site.refusals import (
    DomainsMiscounted,
    DomainTaken,
    DomainUnfit,
    PlacesDisagree,
    RetiredTooSoon,
    SiteHandleTaken,
    SiteIsEnded,
    SiteIsPrivate,
    SiteUnknown,
    SponsorMissing,
)
from openroll.register.subscription.refusals import (
    DateOutOfRange,
    DigestShape,
    DigestsMiscounted,
    HandleForm,
    KindNotCovered,
    NothingAsked,
    WordUnknown,
)

FILING: Refusals = (*NOT_ACTING, NotAllowed, KindNotCovered, WordUnknown, DateOutOfRange)
SAID: Refusals = (SponsorMissing, DomainsMiscounted, DomainUnfit, DomainTaken)
DIGESTS: Refusals = (DigestsMiscounted, DigestShape)
STANDING: Refusals = (*NOT_ACTING, SiteUnknown, SiteIsEnded)
CHANGING: Refusals = (*STANDING, SiteIsPrivate, WordUnknown, DateOutOfRange, NothingAsked)
_CHECK = Decider(check_site, (*STANDING, WordUnknown, RetiredTooSoon, NothingAsked, DomainTaken))
_SEE = Decider(
    see_site,
    (
        NotAllowed,
        SiteUnknown,
        SiteIsPrivate,
        SiteIsEnded,
        WordUnknown,
        RetiredTooSoon,
        NothingAsked,
        PlacesDisagree,
        DomainTaken,
    ),
)
_END = Decider(end_site, (*STANDING, DateOutOfRange))

KINDS = (
    Kind(events.SiteFiled, {commands.FileSite: Decider(file_site, (*FILING, *SAID))}),
    Kind(events.SiteChanged, {commands.ChangeSite: Decider(change_site, (*CHANGING, *SAID))}),
    Kind(events.SiteChecked, {commands.CheckSite: _CHECK, commands.SeeSite: _SEE}),
    Kind(events.SiteEnded, {commands.EndSite: _END}),
    Kind(
        events.PrivateSiteFiled,
        {commands.FilePrivateSite: Decider(file_private_site, (*FILING, HandleForm, SiteHandleTaken, *DIGESTS))},
    ),
    Kind(
        events.PrivateSiteChanged,
        {commands.ChangePrivateSite: Decider(change_private_site, (*CHANGING, *DIGESTS))},
    ),
    Kind(events.PrivateSiteChecked, {commands.CheckSite: _CHECK}),
    Kind(events.PrivateSiteEnded, {commands.EndSite: _END}),
)
