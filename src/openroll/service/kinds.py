"""Every kind of work that the machine does, by its name: what the background worker and `openroll work run` take."""

from collections.abc import Callable

from openroll.service.filing import uploads
from openroll.service.filing.upload_queue import UploadTaking
from openroll.service.identity.contact import OLD_CONTACT, forgetting
from openroll.service.mail import outbox
from openroll.service.mail.message import Write
from openroll.service.mail.smtp import Transport
from openroll.service.recurring import recurring
from openroll.service.roll import Roll
from openroll.service.sites import looking
from openroll.service.sites.looking import Looks
from openroll.service.work import Kind


def kinds_of(
    roll: Roll,
    transport: Transport | None,
    write: Write,
    *,
    looks: Looks | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> dict[str, Kind]:
    """The registry of a process: without a mail server it takes no mails, and they wait; without `looks` it looks at no site.
    `stopping` ends long work early."""
    taking = UploadTaking(roll, uploads.WORKS, stopping=stopping)
    kinds = recurring(roll) | {uploads.UPLOAD: taking.kind, OLD_CONTACT: forgetting(roll)}
    if transport is not None:
        kinds[outbox.MAIL] = outbox.kind(roll, transport, write)
    if looks is not None:
        kinds[looking.WORK] = looking.kind(roll, looks, stopping)
    return kinds
