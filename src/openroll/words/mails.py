"""Every mail in two languages. `{names}` are the template's parameters; which those are is said in `service.mail.message`."""

import textwrap
from collections.abc import Mapping
from datetime import date

from openroll.service.mail.message import TEMPLATES, Kind, Letter, Params
from openroll.words import catalogue

WIDTH = 76

MAILS: Mapping[str, Mapping[str, Letter]] = {
    "invitation": {
        "zh": Letter(
            "邀请您加入{organisation}",
            """您好：

现邀请您以“{role}”身份，为{organisation}在登记系统中办理事务。

请在{expires}之前打开下面的链接，设立您的通行密钥：

{link}

此链接只能使用一次，请勿转发。如果您并不等待这份邀请，请不必理会，
到期后它自行失效。
""",
        ),
        "en": Letter(
            "An invitation to act for {organisation}",
            """Hello,

You are invited to act for {organisation} in the register, as: {role}.

Open this link by {expires} and set up your passkey:

{link}

The link works once. Do not pass it on. If you expect no invitation, do nothing: it ends by itself.
""",
        ),
    },
    "upload-done": {
        "zh": Letter(
            "文件处理完毕：{file}",
            """您好：

您上传的文件“{file}”已经处理完毕。

行数：{rows}
已写入：{stored}
错误：{faults}

有错误的文件整份不予接收。各行的结果请见：

{link}
""",
        ),
        "en": Letter(
            "Your file is done: {file}",
            """Hello,

The file {file} that you sent has been dealt with.

Rows: {rows}
Stored: {stored}
Faults: {faults}

A file with faults is refused whole. See what became of each row:

{link}
""",
        ),
    },
    "reminder-due": {
        "zh": Letter(
            "提醒：{duty}，期限{due}",
            """您好：

您有一项义务尚未办理：{duty}。
期限：{due}。

请在这里查看和办理：

{link}

如果您已经办理，请不必理会这份提醒。
""",
        ),
        "en": Letter(
            "A reminder: {duty}, due {due}",
            """Hello,

Something is still to be done: {duty}.
It is due on {due}.

See it and do it here:

{link}

If you have done it already, you need do nothing.
""",
        ),
    },
    "passkey-released": {
        "zh": Letter(
            "您的通行密钥已被解除",
            """您好：

登记系统中您的一把通行密钥已被解除，不能再用它登录。

请在这里查看，或设立新的通行密钥：

{link}

如果这不是您要求的，请立即联系登记机构。
""",
        ),
        "en": Letter(
            "A passkey of yours was released",
            """Hello,

A passkey of yours in the register was released. It lets nobody in any more.

See it, or set up a new one, here:

{link}

If you did not ask for this, tell the registrar at once.
""",
        ),
    },
    "release-asked": {
        "zh": Letter(
            "有人要求解除您的通行密钥",
            """您好：

您的运营者要求解除为您保管备案的通行密钥，称通行密钥已经丢失。

如果不是您提出的，请用通行密钥登录，按一下“不同意”即可，
最晚在{until}：

{link}

到期没有人反对，通行密钥即告失效，由新的备案码打开备案。
如果确实是您提出的，无需答复。
""",
        ),
        "en": Letter(
            "Somebody asks to let your filing go from its passkey",
            """Hello,

Your operator asks to let your filing go from the passkey that holds it, because it is said to be lost.

If it was not you who asked, sign in with the passkey and press No, by {until} at the latest:

{link}

If nobody says no, the passkey ends after that day and a fresh code opens the filing. If it was you, do nothing.
""",
        ),
    },
    "trial": {
        "zh": Letter(
            "试验邮件",
            """您好：

这是登记系统发出的一封试验邮件。您能读到它，说明邮件可以正常发送。
无需答复。
""",
        ),
        "en": Letter(
            "A trial mail",
            """Hello,

This is a trial mail of the register. That you can read it shows that mails go out. Nothing is to be done.
""",
        ),
    },
}
"""Subject and text by template and language."""


def write(template: str, lang: str, params: Params) -> Letter:
    """Say a mail in a language: days and numbers as they are written there, lines broken between words at 76 characters."""
    letter = MAILS[template].get(lang, MAILS[template]["en"])
    said = {name: _said(kind, lang, params[name]) for name, kind in TEMPLATES[template].items()}
    lines = letter.body.format_map(said).splitlines()
    return Letter(letter.subject.format_map(said), "".join(f"{_wrapped(line)}\n" for line in lines))


def _said(kind: Kind, lang: str, value: str | int) -> str:
    if kind == "day":
        return catalogue.day(lang, date.fromisoformat(str(value)))
    return catalogue.number(lang, int(value)) if kind == "number" else str(value)


def _wrapped(line: str) -> str:
    # A link is never broken: it would no longer be one.
    return textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)
