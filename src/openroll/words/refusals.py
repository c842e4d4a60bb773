"""Every refusal in two languages: what is wrong, and what to do. `{names}` are the refusal's parameters."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from openroll.words.catalogue import day
from openroll.words.citations import cited

SENTENCES: dict[str, tuple[str, str]] = {
    "clock-wrong": (
        "登记册的时钟慢于已写入的内容，校正之前不写入任何内容。请在校正之后重新提交。",
        "The roll's clock stands before what it has written already. It writes nothing until that is mended; send it again then.",
    ),
    "code-wrong": (
        "这不是一个备案码。请核对16位数字，最后两位是校验位，可以发现输错的数字。",
        "This is not a filing code. Check its 16 digits: the last two are check digits and catch a mistyped one.",
    ),
    "days-out-of-range": (
        "天数应为{least}至{most}之间的整数。",
        "Say a whole number of days from {least} to {most}.",
    ),
    "database-away": (
        "数据库没有应答，没有接收任何内容。请稍后用同一个键或同一份文件重发。",
        "The database did not answer and nothing was taken. Send it again in a moment, under the same key or the same file.",
    ),
    "date-range": (
        "“{field}”的日期{value}不在{earliest}至{latest}之间。请核对年份；尚未发生的事等发生后再报。",
        "The date {value} ({field}) is not between {earliest} and {latest}. Check the year; file what has happened.",
    ),
    "digest-present": (
        "这一项已经在记录中。无需再次告知。",
        "This is on the record already. There is no need to tell it again.",
    ),
    "digest-shape": (
        "摘要“{value}”的格式不对，或重复。请用 openroll pack 生成。",
        "The digest {value!r} has not the right form, or stands twice. Make digests with `openroll pack`.",
    ),
    "digest-unknown": (
        "记录中没有这一项，或它不是您自愿告知的。请用您保存的披露文件中的值。",
        "This is not on the record, or was not told by choice. Use a value from the disclosures you kept.",
    ),
    "digests-miscounted": (
        "应有{expected}个摘要，实有{found}个。没有告知的项目用诱饵摘要代替。",
        "{expected} digests are needed and {found} came. A field that is not told has a decoy in its place.",
    ),
    "figures-published-already": (
        "{on}的统计数字已经公布，不再更改。明天可以公布新的统计数字。",
        "The figures of {on} are published already and stay as they are. New ones can be published tomorrow.",
    ),
    "file-faulty": (
        "文件有{faults}处错误，整份未被接收，没有写入任何内容。请改正后重新发送。",
        "Faults in the file: {faults}. It was refused whole and nothing was written. Mend it and send it again.",
    ),
    "disk-full": (
        "登记册的磁盘已没有空间容纳这份文件，没有接收任何内容。请稍后重新发送；如仍不行，请联系登记机构。",
        "The roll's disk has no room for this file: nothing was taken. Send it later; if it fails too, ask the registrar.",
    ),
    "file-in-progress": (
        "同一份文件正在接收中。请等它完成，再查看结果。",
        "The same file is being taken at this moment. Wait until that is done, then look at the result.",
    ),
    "file-overtaken": (
        "接收期间有别的备案插入，有一行不再适用：{rows}行中已有{stored}行备案。请重新发送同一份文件，不再适用的行会逐一指出。",
        "Other filings came between: {stored} of {rows} rows are filed. Send the file again; what no longer fits is then said.",
    ),
    "filing-faulty": (
        "备案有{faults}处错误，没有写入任何内容。请改正后重新发送。",
        "Faults in the filing: {faults}. Nothing was written. Mend it and send it again.",
    ),
    "file-too-large": (
        "文件超过{most} MB，没有接收。请分成几份文件发送。",
        "The file is larger than {most} MB and was not taken. Send it in several files.",
    ),
    "file-unfinished": (
        "写入中途与数据库的连接断开：{rows}行中至少有{stored}行已经备案，其余不能确定。请重新发送同一份文件：已经备案的行不会重复备案。",
        "The database broke off: {stored} of {rows} rows are filed, perhaps more. Send the file again: nothing is filed twice.",
    ),
    "files-in-hand": (
        "有文件正在接收中，这一份没有接收。请等它完成再发送。",
        "A file is being taken at this moment, and this one was not. Send it when that is done.",
    ),
    "handle-form": (
        "账号代号的形式不对：新的账号代号由 openroll pack 用贵方的密钥从账号算出。账号、电话号码和身份证号绝不传送。",
        "This is no handle: `openroll pack` makes it from your account number by your own key; the number is never sent.",
    ),
    "handle-taken": (
        "账号代号“{handle}”已经备案。如有变化，请提交变更。",
        "The handle {handle!r} is filed already. If something changed, file a change.",
    ),
    "held-by-passkey": (
        "这份备案由通行密钥保管，仅凭备案码不能打开。请用通行密钥登录；如已丢失，请联系您的运营者。",
        "A passkey holds this filing; the code alone does not open it. Sign in with it; if it is lost, ask your operator.",
    ),
    "invitation-unknown": (
        "这份邀请已使用、已撤回或已过期。请向邀请您的人索取新的邀请。",
        "This invitation was used, was taken back or has run out. Ask whoever invited you for a new one.",
    ),
    "kept-until": (
        "记录现在还不能删除（{article}），保存至：{until}。用户账号终止后，请在该日之后再来。",
        "This record cannot be erased yet ({article}): it is kept until {until}. Once it has ended, come back after that day.",
    ),
    "key-change-under-way": (
        "上一次更换日志密钥尚未公布。请先运行 openroll log sequence，再试一次。",
        "A change of the log's keys waits to be published. Run `openroll log sequence`, then try again.",
    ),
    "key-missing": (
        "请在请求头中加入 Idempotency-Key（1至64个可见字符），以便安全重发。",
        "Send an Idempotency-Key header (1 to 64 printable characters), so that sending again is harmless.",
    ),
    "key-reused": (
        "幂等键“{key}”已用于另一份备案。请换一个新的键。",
        "The key {key!r} was used for another filing. Use a new key.",
    ),
    "kind-not-covered": (
        "本规则不适用于“{kind}”。请查看规则的适用范围。",
        "The rule does not cover {kind!r}. See whom the rule covers.",
    ),
    "languages-wrong": (
        "语言“{languages}”不对：每种语言写一次，用语言代码（如zh、en），并写出名称。",
        "These languages will not do: {languages}. Name each once by its tag (zh, en), with a text where one is asked for.",
    ),
    "last-lead": (
        "这是该机构最后一位负责人，不能离开。请先邀请另一位负责人。",
        "This is the organisation's last lead. Invite another lead first.",
    ),
    "log-key-needed": (
        "公开日志必须有一个 Ed25519 密钥。请同时给出新的密钥。",
        "A public log needs an Ed25519 key. Name a new one in the same act.",
    ),
    "log-key-unknown": (
        "本日志现在和以前都没有密钥“{key}”。用 openroll key --history 查看。",
        "No key of this log, now or before, is {key!r}. `openroll key --history` shows them all.",
    ),
    "log-key-used": (
        "密钥“{key}”曾为本日志签名，不能再次启用。请换一个新的密钥。",
        "The key {key} signed this log before and cannot begin anew. Use a fresh one.",
    ),
    "log-keys-unclear": (
        "这里有多个尚未使用的同类密钥（{keys}）。请只留下要启用的一个。",
        "More than one unused key of a kind is here ({keys}). Keep only the one that is meant.",
    ),
    "name-shape": (
        "短名称“{value}”应为2至32个小写字母、数字或连字符，以字母开头。",
        "The short name {value!r} should be 2 to 32 lower-case letters, digits and hyphens, beginning with a letter.",
    ),
    "not-allowed": (
        "角色“{role}”不能做这件事（{act}）。请联系登记机构。",
        "The role {role!r} may not do this ({act}). Ask the registrar.",
    ),
    "not-held": (
        "这份备案没有通行密钥，用备案码就能打开，无需解除。",
        "No passkey holds this filing: its code opens it, and there is nothing to release.",
    ),
    "not-unconfirmed": (
        "这份备案不在等待确认：它已被确认或否认、已终止或失效，或由运营者提交。请重新载入列表。",
        "This filing waits for nobody's word: it was taken or disowned, has ended, or its operator filed it. Load the list anew.",
    ),
    "not-in-log-yet": (
        "备案已经保存，正在写入公开日志。请过一秒再试。",
        "The filing is stored; its place in the public log comes within a second. Try again then.",
    ),
    "nothing-asked": (
        "这次提交没有改变任何内容。请填写要改变的项目。",
        "This changes nothing. Say what should change.",
    ),
    "one-line": (
        "席位{first}与{second}出自同一份邀请（{line}），可能是同一个人，不算两双眼睛。请由另一支邀请的负责人来做。",
        "{first} and {second} go back to one invitation ({line}): they may be one person. A person of another line has to do it.",
    ),
    "operator-admitted-already": (
        "运营者“{operator}”已在登记册中，无需再次办理入册。",
        "The operator {operator!r} is in the roll already; there is nothing to do.",
    ),
    "operator-unknown": (
        "本登记册没有运营者“{operator}”。请核对短名称，或请登记机构先办理入册。",
        "The roll has no operator {operator!r}. Check the short name, or have the registrar admit it first.",
    ),
    "outcome-unknown": (
        "提交时与数据库的连接断开，不能确定是否已经备案。请用同一个键原样重发：如已备案，会得到原来的答复，不会重复备案。",
        "The database broke off: whether this was filed is unknown. Send it again under the same key: it is filed once.",
    ),
    "overlap-open": (
        "旧密钥仍在与新密钥一同签名。请先用 openroll log rotate-key --finish 结束。",
        "Old keys still sign beside the new ones. End that first: `openroll log rotate-key --finish`.",
    ),
    "passkey-has-a-seat": (
        "这份邀请是给另一个人的：您已在本机构有席位。如果是另一个人在使用本机，请先退出登录，或换一个浏览器。",
        "An invitation is for another person: you have a seat here already. If it is not you, sign out or use another browser.",
    ),
    "proposal-unknown": (
        "这一项已经处理过了。请重新打开页面查看。",
        "This was settled already. Load the page again to see how.",
    ),
    "provider-answer-wrong": (
        "您单位的登录服务{issuer}的回答不可信，没有登录。请重试一次；如仍不行，请把代号“{fault}”告知本单位管理登录的人员。",
        "The answer of {issuer} cannot be trusted; you are not signed in. Try once more, then tell those who run it: {fault}.",
    ),
    "provider-unreachable": (
        "您单位的登录服务{issuer}没有回应。请过几分钟再试；如仍不行，请联系本单位管理登录的人员。",
        "Your organisation's sign-in at {issuer} does not answer. Try again in some minutes, then ask those who run it.",
    ),
    "reason-missing": (
        "请填写内容：不能为空，也不能太长。",
        "Write a few words: not nothing, and not too many.",
    ),
    "release-asked-already": (
        "已有人提出解除。持有通行密钥的人在{until}当日结束之前可以不同意。",
        "Somebody has asked for that already. Whoever holds the passkey can say no until {until} is over.",
    ),
    "release-not-asked": (
        "没有人提出解除，或者持有通行密钥的人不同意。如确已丢失，请重新提出。",
        "Nobody has asked to let it go, or whoever holds the passkey said no. If it is lost, ask anew.",
    ),
    "release-waits": (
        "持有通行密钥的人在{until}当日结束之前可以不同意，请在此之后再来。",
        "Whoever holds the passkey can say no until {until} is over. Come back after that day.",
    ),
    "request-shape": (
        "无法读取请求：{detail}。请对照接口说明改正。",
        "The request cannot be read: {detail}. Compare it with the API description.",
    ),
    "role-unknown": (
        "这类机构没有“{role}”这个角色。请从列表中选择。",
        "This kind of organisation has no role {role!r}. Choose one from the list.",
    ),
    "roll-held": (
        "登记册现已暂停：它是从副本恢复的，或者落后于已签署的内容，在核对完成之前不接受任何内容。请稍后重新提交。",
        "The roll is held: it was brought back, or is behind what it signed, and takes nothing until that is settled. Try later.",
    ),
    "roll-open-already": (
        "登记册“{roll}”已经开立，没有改变任何内容。",
        "The roll {roll!r} is open already; nothing was changed.",
    ),
    "rule-faulty": (
        "规则文本无法读取：{faults}。请改正后再试。",
        "The rule cannot be read: {faults}. Mend it and try again.",
    ),
    "rule-unsafe": (
        "规则“{rule}”缺少必要的保障（{obstacles}），不能开立登记册，只能用于推演。可以使用的规则：{would_pass}。",
        "The rule {rule} lacks safeguards a live roll needs ({obstacles}): what-if only. Would pass: {would_pass}.",
    ),
    "seat-confirmed-already": (
        "席位{seat}已经生效，无需再确认。",
        "The seat {seat} is in force already; there is nothing to confirm.",
    ),
    "seat-gone": (
        "席位{seat}现在没有人。请重新打开页面查看。",
        "Nobody sits in {seat}. Load the page again to see who does.",
    ),
    "seat-waiting": (
        "席位{seat}是新的，在另一位负责人确认之前只能查看，不能办理。请本机构或登记机构的负责人在“人员”页上确认。",
        "The seat {seat} is new and only reads until another lead confirms it on the page People. Ask one to do so.",
    ),
    "second-clerk-needed": (
        "需要另一位经办人确认，不能是提出的人（{first}），也不能与其有邀请关系。",
        "Another clerk has to confirm: not {first}, who asked, nor anyone who invited or was invited by {first}.",
    ),
    "second-eyes-needed": (
        "提出的人不能自己公布。请由登记机构的另一位成员公布。",
        "Whoever proposed this cannot publish it. Another person of the registrar has to.",
    ),
    "session-old": (
        "更改通行密钥须在登录后{minutes}分钟之内进行。请退出登录，重新登录后再试。",
        "Passkeys are changed within {minutes} minutes of signing in. Sign out, sign in again, and then try again.",
    ),
    "sign-in-failed": (
        "登录没有成功：通行密钥不属于这里，或等待太久。请再试一次。",
        "You are not signed in: this passkey is not known here, or its answer came too late. Try again.",
    ),
    "sign-in-needed": (
        "请先登录。您填写的内容还在。",
        "Sign in first. What you typed is kept.",
    ),
    "sign-in-refused-there": (
        "您单位的登录服务{issuer}没有准许登录（{reason}）。请联系本单位管理登录的人员，或改用其他方式登录。",
        "Your organisation's sign-in at {issuer} did not let you in ({reason}). Ask those who run it, or sign in otherwise.",
    ),
    "sign-in-stale": (
        "这次登录已经过期、已经用过，或不是在这个浏览器中开始的。请重新开始登录。",
        "This sign-in is too old, was used already, or was begun in another browser. Begin again.",
    ),
    "size-ahead": (
        "日志还没有那么多条目，最大可填{most}。",
        "The log has not come so far; say {most} at most.",
    ),
    "starts-too-soon": (
        "规则最早从{earliest}起施行：人们应当先读到它。",
        "A rule starts on {earliest} at the earliest: people must be able to read it first.",
    ),
    "subscription-ended": (
        "该用户账号已于{ended}终止，记录不再变更。如已重新开通，请作为新用户备案。",
        "The subscription ended on {ended}; its record takes no more. If it began again, file it as new.",
    ),
    "text-names-somebody": (
        "请不要写号码（连续六位及以上的数字）和电子邮件地址：这里写下的会留在记录里，不应指明任何人。姓名也请不要写，系统认不出姓名。",
        "Leave out numbers of six digits or more, e-mail addresses and names: this stays on record and is to name nobody.",
    ),
    "subscription-unknown": (
        "没有找到这条记录。请核对备案码或账号代号。",
        "There is no such record. Check the filing code or the handle.",
    ),
    "token-replaced-already": (
        "这个令牌已经有了接替的令牌。请使用新的令牌，或更换那一个。",
        "This token has a successor already. Use that one, or replace that one.",
    ),
    "token-unknown": (
        "令牌缺失、无效或已撤销。请向登记机构申请新的令牌。",
        "The token is missing, unknown or revoked. Ask the registrar for a new one.",
    ),
    "too-busy": (
        "等待的备案太多，没有接收任何内容。请稍后用同一个键重发。",
        "Too many filings wait and nothing was taken. Send it again in a moment under the same key.",
    ),
    "last-passkey": (
        "这是您最后一个通行密钥，或者不是您的。没有停用任何通行密钥。请先添加另一个。",
        "This is your last passkey, or none of yours. None was ended. Add another one first.",
    ),
    "too-many-at-once": (
        "您（或与您同一网络、同一单位的人）已占用全部名额。请等{wait}秒，待先前的请求完成后再试。",
        "You, or somebody in your network or organisation, hold all places there are for this. Try again in {wait} seconds.",
    ),
    "too-many-filings": (
        "从这里（或总体上）自行提交的备案太多，没有写入任何内容。请等{wait}分钟再试，或让浏览器先解一道题。",
        "Too many filings from here, or in all: nothing was written. Wait {wait} minutes or let your browser solve a puzzle.",
    ),
    "too-many-invitations": (
        "一个席位一天最多邀请{most}人。没有发出邀请。请明天再试，或由另一位负责人邀请。",
        "One seat invites at most {most} people a day. Nobody was invited. Try again tomorrow, or have another lead invite.",
    ),
    "too-many-look-ups": (
        "最近查询了太多不存在的备案码。请等{wait}分钟再按备案码查询；按运营者的账号代号查询则无需等待。",
        "Too many filing codes of late that open nothing. Wait for {wait} minutes; by an operator's handle nobody waits.",
    ),
    "too-many-tries": (
        "最近错误太多。请等{wait}分钟再试，或让浏览器先解一道题；用通行密钥则无需等待。",
        "Too many wrong tries of late. Wait for {wait} minutes, or let your browser solve a puzzle; with a passkey nobody waits.",
    ),
    "upload-given-up": (
        "接收这个文件时中断（共试{tries}次），不再重试；已经写入的行仍然有效。请重新发送同一份文件，已备案的行不会重复，必要时分成几份。",
        "Taking this file broke off {tries} times; filed rows stay. Send it again, in parts if need be: nothing is filed twice.",
    ),
    "upload-lost": (
        "这个文件已不在服务器上，也不是在这里删除的。没有接收任何内容，请重新发送。",
        "This file is not on the server any more, though it was not deleted here. Send it again.",
    ),
    "upload-not-kept": (
        "这个文件看过或接收之后立即删除（{on}），没有保存。请在您自己的清单里改正，再发送。",
        "This file was deleted once it was looked at or taken ({on}). Put it right in your own list and send that.",
    ),
    "upload-not-mendable": (
        "这样改正不了：残缺的行要么填齐所有的列，要么删除。文件还在，请再试。",
        "It cannot be put right so: a broken row needs all its columns, or has to go. The file is still here: try again.",
    ),
    "upload-time-over": (
        "这个文件等待改正的时间已过，已于{on}删除。请在您自己的清单里改正，再发送。",
        "Files wait some days to be put right; this one was deleted on {on}. Mend your own list and send that.",
    ),
    "upload-unknown": (
        "没有这个文件。请重新发送。",
        "There is no such file. Send it again.",
    ),
    "uploads-full": (
        "贵单位等待接收或改正的文件已占满{most} MB。请等它们接收完，或先改正、再发送。",
        "Your files that wait to be taken or put right fill {most} MB, which is all they may. Send more once they are taken.",
    ),
    "uploads-waiting": (
        "贵单位已有{most}个文件等待接收。请等它们接收完，再发送。",
        "As many files of yours wait as may: {most}. Wait until they are taken, then send more.",
    ),
    "waits-still": (
        "这份备案在{until}及之前仍可由运营者确认。",
        "Its operator may take this filing up to and including {until}.",
    ),
    "word-unknown": (
        "“{field}”的值“{value}”不在可选范围内。请从列表中选择。",
        "{value!r} is not one of the words for {field}. Choose one from the list.",
    ),
}


_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DAYS = {"on", "until", "earliest", "latest", "ended"}
"""Parameters that are days the roll counted with; a day that somebody typed is shown as it was typed."""


def say(code: str, params: Mapping[str, Any], lang: str) -> str:
    """A refusal's sentence in `zh` or `en`. Raises KeyError for a code without words, which a test makes impossible."""
    zh, en = SENTENCES[code]
    shown = {key: _shown(key, value, lang) for key, value in params.items()}
    return (zh if lang == "zh" else en).format(**shown)


def _shown(key: str, value: Any, lang: str) -> Any:
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(value)
    if key in _DAYS and _ISO_DAY.fullmatch(str(value)):
        return day(lang, date.fromisoformat(str(value)))
    return cited(lang, value) if key == "article" else value
