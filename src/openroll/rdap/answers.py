"""What RDAP answers about a site and an organisation, from what the register holds of them in the open. Pure.

A site for which a natural person answers stands in the register by digests: no domain of such a site is known, so none is
answered for, and nothing has to be blacked out (RFC 9537). A notice of each answer says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from openroll.rdap.contacts import UNDETERMINED, jcard, jscontact
from openroll.rdap.objects import JSCONTACT, LEVEL, Domain, Entity, Happened, Help, Link, Notice, PublicId
from openroll.register.request.one_record import u_labels
from openroll.register.site.number import number_text
from openroll.register.site.record import LIVE, SILENT
from openroll.rules.language import Text
from openroll.service.sites.lookup import ENDED, Seen
from openroll.words import catalogue
from openroll.words.catalogue import gettext
from openroll.words.sites import places_said

STANDING = {LIVE: "active", SILENT: "inactive"}
"""How a site's state is called in RDAP (IANA's list of statuses); one that was retired or ended is `removed`."""


class Reader(NamedTuple):
    """Who reads: in which language, and contacts in which form. `where` is the address of RDAP, with a last slash; `site` that of
    the pages, with one too."""

    lang: str
    where: str
    site: str
    jscontact: bool = False

    @property
    def conformance(self) -> tuple[str, ...]:
        """What the answer conforms to."""
        return (LEVEL, JSCONTACT) if self.jscontact else (LEVEL,)


class Roll(NamedTuple):
    """The roll whose register it is: the name of its log, its zone, its day, and the titles of its organisations."""

    origin: str
    zone: ZoneInfo
    day: date
    titles: Mapping[str, Text]


def domain(site: Seen, name: str, roll: Roll, reader: Reader, several: Sequence[Seen] = ()) -> Domain:
    """The answer about a domain (an A-label) of an organisation's site.

    `several` are the sites that stand under it where none shows that it has it (`unshown`); the answer is of the first of them.
    """
    self_at = f"{reader.where}domain/{name}"
    wide = u_labels(name)
    return Domain(
        rdap_conformance=reader.conformance,
        lang=reader.lang,
        notices=_notices(reader, self_at),
        handle=number_text(site.number),
        ldh_name=name,
        unicode_name=wide if wide != name else "",
        status=(STANDING.get(site.state, "removed"),),
        public_ids=(PublicId(roll.origin, number_text(site.number)),),
        events=tuple(_events(site, roll)),
        entities=_entities(site, roll, reader, self_at),
        remarks=(*_several(several, reader), *_remarks(site, name, reader)),
        links=(Link(self_at, "self", self_at),),
    )


def entity(name: str, title: Text, reader: Reader, *, roles: tuple[str, ...] = (), asked: str = "") -> Entity:
    """The answer about an organisation; within another answer, which was `asked` for, with its `roles` there."""
    self_at = f"{reader.where}entity/{name}"
    return Entity(
        rdap_conformance=() if asked else reader.conformance,
        lang="" if asked else reader.lang,
        notices=() if asked else _notices(reader, self_at),
        handle=name,
        vcard_array=None if reader.jscontact else jcard(title, reader.lang),
        card=jscontact(title, reader.lang, self_at) if reader.jscontact else None,
        roles=roles,
        links=(Link(asked or self_at, "self", self_at),),
    )


def help_answer(reader: Reader) -> Help:
    """What may be asked."""
    at, lang = f"{reader.where}help", reader.lang
    asked = Notice(
        gettext(lang, "What may be asked here"),
        (
            gettext(
                lang, "domain/NAME: the site that has this domain. entity/NAME: an organisation, by its short name."
            ),
            gettext(lang, "Contacts come as jCard; with ?jscontact=1 they come as JSContact."),
            nothing_else(lang),
        ),
    )
    return Help(rdap_conformance=reader.conformance, lang=lang, notices=(asked, *_notices(reader, at)))


def nothing_else(lang: str) -> str:
    """What is not answered here, in words."""
    return gettext(lang, "Nothing is searched for here, and nothing is answered about networks and name servers.")


def _notices(reader: Reader, at: str) -> tuple[Notice, ...]:
    lang = reader.lang
    terms = Link(at, "terms-of-service", f"{reader.site}{lang}/rule", "text/html")
    return (
        Notice(
            gettext(lang, "What this register holds"),
            (
                gettext(
                    lang,
                    "Sites for which an organisation answers, with the organisation. Of a site for which a person answers it"
                    " holds digests: no domain of such a site stands here, and no person.",
                ),
            ),
            (terms,),
        ),
    )


def _events(site: Seen, roll: Roll) -> list[Happened]:
    found = [
        ("registration", site.filed),
        ("last changed", site.changed),
        ("deletion", site.since if site.state == ENDED else None),
        ("last update of RDAP database", roll.day),
    ]
    return [Happened(action, _moment(day, roll.zone)) for action, day in found if day is not None]


def _moment(day: date, zone: ZoneInfo) -> str:
    """When a day of the roll begins: the register tells days, and RDAP moments (RFC 3339)."""
    return datetime.combine(day, time(), zone).isoformat()


def _entities(site: Seen, roll: Roll, reader: Reader, asked: str) -> tuple[Entity, ...]:
    """Who answers for the site, by the name that it was filed with, and the operator that hosts it, which can be asked for."""
    said = {UNDETERMINED: site.sponsor}
    contact = (
        {"card": jscontact(said, reader.lang, asked)} if reader.jscontact else {"vcard_array": jcard(said, reader.lang)}
    )
    title = roll.titles.get(site.operator, {UNDETERMINED: site.operator})
    return Entity(roles=("registrant",), **contact), entity(
        site.operator, title, reader, roles=("technical",), asked=asked
    )


def _several(stand: Sequence[Seen], reader: Reader) -> tuple[Notice, ...]:
    """That several sites stand under a domain and none shows that it has it, where it is so."""
    if not stand:
        return ()
    lang = reader.lang
    said = gettext(
        lang, "Nobody has shown to have it. This answer is of the site that was filed first. Sites under it: {sites}"
    )
    sites = catalogue.listed(lang, [number_text(one.number) for one in stand])
    return (Notice(gettext(lang, "Several sites are filed under this domain"), (said.format(sites=sites),)),)


def _remarks(site: Seen, name: str, reader: Reader) -> tuple[Notice, ...]:
    lang = reader.lang
    shown = {
        "record": gettext(lang, "A record in the domain's name servers shows it."),
        "file": gettext(lang, "A file on the site shows it."),
        "word": gettext(lang, "The operator that hosts the site says so."),
    }.get(site.control, gettext(lang, "Nobody has shown it."))
    looked: tuple[str, ...] = ()
    if site.control_places and site.control:
        looked = (_seen_by_roll(site, lang),)
    found = [Notice(gettext(lang, "That who answers for the site controls the domain"), (shown, *looked))]
    if site.looked is not None:
        day = catalogue.day(lang, site.looked)
        found.append(Notice(gettext(lang, "This roll looked last on"), (day,)))
    if others := tuple(one for one in site.domains if one != name):
        found.append(Notice(gettext(lang, "Other domains of the site"), others))
    for one in site.announced:
        title = gettext(lang, "From {day} on").format(day=catalogue.day(lang, one.on))
        found.append(Notice(title, (one.sponsor, *one.domains, one.services)))
    return tuple(found)


def _seen_by_roll(site: Seen, lang: str) -> str:
    """When the roll found a proof of control itself, and from how many places."""
    day = catalogue.day(lang, site.shown or site.filed or date.min)
    places = places_said(site.control_places, lang)
    return gettext(lang, "This roll found it itself on {day}, from {places}.").format(day=day, places=places)
