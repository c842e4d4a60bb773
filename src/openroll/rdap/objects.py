"""The objects of RDAP's answers (RFC 9083), as far as a register of sites has anything to say in them."""

from typing import Any

import msgspec

LEVEL = "rdap_level_0"
"""What an answer conforms to at least (RFC 9083 section 4.1)."""
JSCONTACT = "jscontact"
"""The extension by which contacts come as JSContact (draft-ietf-regext-rdap-jscontact)."""
MEDIA_TYPE = "application/rdap+json"


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is linked to (section 4.2): `value` is what was asked for, `type` a media type."""

    value: str
    rel: str
    href: str
    type: str = MEDIA_TYPE


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words to whoever reads, a notice of the whole answer or a remark about an object (section 4.3)."""

    title: str
    description: tuple[str, ...]
    links: tuple[Link, ...] = ()


class Happened(msgspec.Struct, frozen=True, rename="camel"):
    """Something that happened to an object (section 4.5): `event_action` is of IANA's list, `event_date` as RFC 3339 has it."""

    event_action: str
    event_date: str


class PublicId(msgspec.Struct, frozen=True):
    """A number that is not RDAP's own (section 4.8)."""

    type: str
    identifier: str


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """What every answer has, and no object within it (section 4.1, 4.3 and 4.4)."""

    rdap_conformance: tuple[str, ...] = ()
    lang: str = ""
    notices: tuple[Notice, ...] = ()


class Entity(Answer, frozen=True, tag_field="objectClassName", tag="entity", kw_only=True):
    """An organisation (section 5.1), never a person; by name alone it has no handle. Its contact is a jCard or JSContact."""

    handle: str = ""
    vcard_array: tuple[str, tuple[tuple[Any, ...], ...]] | None = None
    card: dict[str, Any] | None = msgspec.field(default=None, name="jscontact_card")
    roles: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Domain(Answer, frozen=True, tag_field="objectClassName", tag="domain", kw_only=True):
    """A domain of a site (section 5.3)."""

    handle: str
    ldh_name: str
    unicode_name: str = ""
    status: tuple[str, ...] = ()
    public_ids: tuple[PublicId, ...] = ()
    events: tuple[Happened, ...] = ()
    entities: tuple[Entity, ...] = ()
    remarks: tuple[Notice, ...] = ()
    links: tuple[Link, ...] = ()


class Help(Answer, frozen=True, kw_only=True):
    """What may be asked here (section 7): notices alone."""


class Fault(Answer, frozen=True, kw_only=True):
    """Why there is no answer (section 6)."""

    error_code: int
    title: str
    description: tuple[str, ...] = ()
