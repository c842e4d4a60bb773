"""Every mail. `{names}` are the template's parameters; which those are is said in `service.mail.message`.

Other languages are in the catalogues.
"""

import textwrap
from collections.abc import Mapping
from datetime import date

from openroll.service.mail.message import TEMPLATES, Kind, Letter, Params
from openroll.words import catalogue

WIDTH = 76


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


MAILS: Mapping[str, Letter] = {
    "invitation": Letter(
        _("An invitation to act for {organisation}"),
        _("""Hello,

You are invited to act for {organisation} in the register, as: {role}.

Open this link by {expires} and set up your passkey:

{link}

The link works once. Do not pass it on. If you expect no invitation, do nothing: it ends by itself.
"""),
    ),
    "upload-done": Letter(
        _("Your file is done: {file}"),
        _("""Hello,

The file {file} that you sent has been dealt with.

Rows: {rows}
Stored: {stored}
Faults: {faults}

A file with faults is refused whole. See what became of each row:

{link}
"""),
    ),
    "reminder-due": Letter(
        _("A reminder: {duty}, due {due}"),
        _("""Hello,

Something is still to be done: {duty}.
It is due on {due}.

See it and do it here:

{link}

If you have done it already, you need do nothing.
"""),
    ),
    "passkey-released": Letter(
        _("A passkey of yours was released"),
        _("""Hello,

A passkey of yours in the register was released. It lets nobody in any more.

See it, or set up a new one, here:

{link}

If you did not ask for this, tell the registrar at once.
"""),
    ),
    "passkey-added": Letter(
        _("A further passkey opens your filing"),
        _("""Hello,

A further passkey was made for your filing in the register. Whoever has it can open the filing.

If it was you, do nothing. If not, sign in with your own passkey and end the other one:

{link}

If that does not work, ask your operator to let the filing go from its passkeys.
"""),
    ),
    "passkey-ended": Letter(
        _("A passkey of your filing was ended"),
        _("""Hello,

One of the passkeys of your filing in the register was ended. It does not open the filing any more.

If it was you, do nothing. If not, sign in with your own passkey and look who else has one:

{link}

If that does not work, ask your operator to let the filing go from its passkeys.
"""),
    ),
    "confirm-address": Letter(
        _("May this address be told of a filing?"),
        _("""Hello,

Somebody who holds a filing in the register gave this address, to be told when something happens to what opens the filing.

If it was you, open this and press Confirm:

{link}

If it was not you, do nothing: you are told of nothing, and seldom asked again.
There you can also say that you never want a mail of this register.
"""),
    ),
    "contact-changed": Letter(
        _("Another address is told of your filing"),
        _("""Hello,

Another address, or none, is to be told from now on what happens to your filing in the register. This one is told until {until}.

If it was you, do nothing. If not, sign in with your own passkey, look who else has one, and give your address again:

{link}

If that does not work, ask your operator to let the filing go from its passkeys.
"""),
    ),
    "release-asked": Letter(
        _("Somebody asks to let your filing go from its passkey"),
        _("""Hello,

Your operator asks to let your filing go from the passkey that holds it, because it is said to be lost.

If it was not you who asked, sign in with the passkey and press No, by {until} at the latest:

{link}

If nobody says no, the passkey ends after that day and a fresh code opens the filing. If it was you, do nothing.
"""),
    ),
    "subscription-ported": Letter(
        _("Your subscription has gone to another operator"),
        _("""Hello,

Your subscription in the register has gone to another operator: {operator}. Both operators have agreed.

Your filing code or passkey goes on to open it, and what you told stays. See it here:

{link}

If you have not changed your operator, tell the registrar at once.
"""),
    ),
    "trial": Letter(
        _("A trial mail"),
        _("""Hello,

This is a trial mail of the register. That you can read it shows that mails go out. Nothing is to be done.
"""),
    ),
}
"""Subject and text by template."""
STOP = _("""To get no more mails of this register at this address, open this and press the button:

{stop}
""")
"""Stands at the end of what is sent to who may say so."""


def write(template: str, lang: str, params: Params) -> Letter:
    """Say a mail in a language: days and numbers as they are written there, lines broken between words at 76 characters."""
    subject, body = (catalogue.gettext(lang, text) for text in MAILS[template])
    said = {name: _said(kind, lang, params[name]) for name, kind in TEMPLATES[template].items()}
    if stop := params.get("stop"):
        body, said = f"{body}\n-- \n{catalogue.gettext(lang, STOP)}", {**said, "stop": str(stop)}
    lines = body.format_map(said).splitlines()
    return Letter(subject.format_map(said), "".join(f"{_wrapped(line)}\n" for line in lines))


def _said(kind: Kind, lang: str, value: str | int) -> str:
    if kind == "day":
        return catalogue.day(lang, date.fromisoformat(str(value)))
    return catalogue.number(lang, int(value)) if kind == "number" else str(value)


def _wrapped(line: str) -> str:
    # A link is never broken: it would no longer be one.
    return textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
