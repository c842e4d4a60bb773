"""Every refusal: what is wrong, and what to do. `{names}` are the refusal's parameters; other languages are in the catalogues."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openroll.register.decision import Refused
from openroll.register.roll.refusals import PlaceUnsafe, RuleFaulty
from openroll.rules.check import SAFEGUARDS
from openroll.words.acts import IN_A_REQUEST, LACKING, NOT_ALLOWED, OF_A_LEAD, OF_THE_SEAT, step_said
from openroll.words.catalogue import day, gettext, listed, moment, number
from openroll.words.catalogue import said as sentence_in
from openroll.words.citations import cited
from openroll.words.labels import SEATS
from openroll.words.requests import CODES


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


SENTENCES: dict[str, str] = {
    "act-too-long": _(
        "What this act says is longer than an entry of the public log may be ({most} bytes). Nothing was written:"
        " shorten its texts."
    ),
    "takes-back": _(
        "On its first day {rule} is in force, read with {jurisdiction}. This proposal does not say that it was made on that, and"
        " takes back what was changed before: {parts}. Nothing was done. Make the change in what is in force on that day. If it"
        " is meant to go back, say so with the tick on the page, or name what is in force behind `# Made on` in the first line"
        " of the text."
    ),
    "text-unfit": _(
        "The text that begins with {begins!r} is not taken. It may have {most} characters, on one line, some of which show,"
        " without control characters and without marks that turn the direction of writing."
    ),
    "address-too-long": _(
        "Behind its question mark this address holds more than {most} bytes or {parts} parts. Nothing of it was read."
        " Open the page anew."
    ),
    "cookies-too-large": _(
        "Your browser sent more than {most} bytes of cookies, or {parts} of them."
        " Delete this site's cookies and load the page again."
    ),
    "form-too-large": _(
        "This form holds more than the {most} bytes or {fields} fields that its page takes. Nothing of it was read. Shorten it."
    ),
    "clock-wrong": _(
        "The roll's clock stands before what it has written already. It writes nothing until that is mended; send it again then."
    ),
    "code-wrong": _(
        "This is not a filing code. Check its 16 digits: the last two are check digits and catch a mistyped one."
    ),
    "days-out-of-range": _("Say a whole number of days from {least} to {most}."),
    "database-away": _(
        "The database did not answer and nothing was taken. Send it again in a moment, under the same key or the same file."
    ),
    "database-busy": _(
        "The database is busy with something that this has to wait for. Nothing was done: send it again in a moment, under the"
        " same key or the same file."
    ),
    "date-range": _(
        "The date {value} is not between {earliest} and {latest}. Look at it again: what is still to come is filed when it has"
        " happened."
    ),
    "digest-present": _("This is on the record already. There is no need to tell it again."),
    "digest-shape": _(
        "The digest {value!r} has not the right form, or stands twice. Make digests with `openroll pack`."
    ),
    "digest-unknown": _(
        "This is not on the record, or was not told by choice. Use a value from the disclosures you kept."
    ),
    "digests-miscounted": _(
        "{expected} digests are needed and {found} came. A field that is not told has a decoy in its place."
    ),
    "figures-published-already": _(
        "The figures of {on} are published already and stay as they are. New ones can be published tomorrow."
    ),
    "file-faulty": _(
        "Faults in the file: {faults}. It was refused whole and nothing was written. Mend it and send it again."
    ),
    "disk-full": _(
        "The roll's disk has no room for this file: nothing was taken. Send it later; if it fails too, ask the registrar."
    ),
    "file-in-progress": _(
        "The same file is being taken at this moment. Wait until that is done, then look at the result."
    ),
    "file-overtaken": _(
        "Other filings came between: {stored} of {rows} rows are filed. Send the file again; what no longer fits is then said."
    ),
    "filing-faulty": _("Faults in the filing: {faults}. Nothing was written. Mend it and send it again."),
    "file-too-large": _("The file is larger than {most} MB and was not taken. Send it in several files."),
    "file-unfinished": _(
        "It broke off on the way: {stored} of {rows} rows are filed, perhaps more. Send the file again: nothing is filed twice."
    ),
    "file-rest-faulty": _(
        "The first {stored} of {rows} rows are filed already; the rest was refused. Faults: {faults}. Send it as a new file."
    ),
    "files-in-hand": _("A file is being taken at this moment, and this one was not. Send it when that is done."),
    "handle-changed": _(
        "The record of the handle {handle!r} has another handle since {on}, made by the key of today. Name it by that, and pack"
        " lists of before anew (`openroll pack --key`)."
    ),
    "handle-form": _(
        "This is no handle: `openroll pack` makes it from your account number by your own key; the number is never sent."
    ),
    "handle-left": _(
        "The subscription {handle!r} went to another operator on {on}. Take it out of your list; if it came back to you, it"
        " stands under the handle that it had there, until you give it this one (rehandle). A new account takes another handle."
    ),
    "handle-taken": _("The handle {handle!r} is filed already. If something changed, file a change."),
    "handles-meet": _(
        "Handles that both operators use: {count}. Change these first: `openroll handle rekey`, then file with rehandle."
    ),
    "held-by-passkey": _(
        "A passkey holds this filing; the code alone does not open it. Sign in with it; if it is lost, ask your operator."
    ),
    "invitation-unknown": _(
        "This invitation was used, was taken back or has run out. Ask whoever invited you for a new one."
    ),
    "kept-until": _(
        "This record cannot be erased yet ({article}): it is kept until {until}. Once it has ended, come back after that day."
    ),
    "key-change-under-way": _(
        "A change of the log's keys waits to be published. Run `openroll log sequence`, then try again."
    ),
    "jurisdiction-faulty": _("The jurisdiction cannot be read: {faults}. Mend it and try again."),
    "key-missing": _(
        "Send an Idempotency-Key header (1 to 64 printable characters), so that sending again is harmless."
    ),
    "key-reused": _("The key {key!r} was used for another filing. Use a new key."),
    "kind-not-covered": _("The rule does not cover {kind!r}. See whom the rule covers."),
    "languages-wrong": _(
        "These languages will not do: {languages}. Name each once by its tag (zh, en), with a text where one is asked for."
    ),
    "last-lead": _("This is the organisation's last lead. Invite another lead first."),
    "log-key-needed": _("A public log needs an Ed25519 key. Name a new one in the same act."),
    "log-key-unknown": _("No key of this log, now or before, is {key!r}. `openroll key --history` shows them all."),
    "log-key-used": _("The key {key} signed this log before and cannot begin anew. Use a fresh one."),
    "log-keys-unclear": _("More than one unused key of a kind is here ({keys}). Keep only the one that is meant."),
    "name-shape": _(
        "The short name {value!r} should be 2 to 32 lower-case letters, digits and hyphens, beginning with a letter."
    ),
    "not-allowed": _("The role {role!r} may not do this ({act}). Ask the registrar."),
    "not-held": _("No passkey holds this filing: its code opens it, and there is nothing to release."),
    "not-unconfirmed": _(
        "This filing waits for nobody's word: it was taken or disowned, has ended, or its operator filed it. Load the list anew."
    ),
    "not-in-log-yet": _("The filing is stored; its place in the public log comes within a second. Try again then."),
    "nothing-asked": _("This changes nothing. Say what should change."),
    "one-line": _(
        "{first} and {second} go back to one invitation ({line}): they may be one person. A person of another line has to do it."
        " Where there is none, whoever keeps the machine begins one (openroll invite)."
    ),
    "heir-silent": _(
        "{heir} has not agreed yet. A lead of it does so on the page Merging and leaving; where it has none, the registrar"
        " invites one."
    ),
    "operator-lives": _(
        "This operator gave a sign of life on {on}, so it is not gone and nothing is carried out. It may offer a succession"
        " itself, or a new one is announced."
    ),
    "organisation-lives": _(
        "{organisation} gave a sign of life on {on}, so a lead of its own confirms who sits there. If it has none who can, take"
        " that up with it: where a token lets its programs in, that is its word (openroll invite {organisation} --token-file"
        " FILE); else a new invitation and a new notice begin."
    ),
    "notice-runs": _("The notice runs until {until} is over. Carry it out after that day."),
    "operator-admitted-already": _("The operator {operator!r} is in the roll already; there is nothing to do."),
    "operator-unknown": _(
        "The roll has no operator {operator!r}. Check the short name, or have the registrar admit it first."
    ),
    "outcome-unknown": _(
        "It broke off on the way: whether this was done, whole or in part, is unknown. Look whether it is there before you do it"
        " again. What is sent again under the same key is filed once."
    ),
    "overlap-open": _("Old keys still sign beside the new ones. End that first: `openroll log rotate-key --finish`."),
    "passkey-has-a-seat": _(
        "An invitation is for another person: you have a seat here already. If it is not you, sign out or use another browser."
    ),
    "place-unsafe": _(
        "A list of the jurisdiction would say in each record, readably, what no roll may say: {faults}. Mend it and try again."
    ),
    "port-not-offered": _(
        "Nobody offers this subscription or asks for it any more: it was taken back, declined or agreed, or its time is over."
        " Load the list anew."
    ),
    "port-offered-already": _(
        "This subscription is offered or asked for already, until {until}. Wait for the other operator's word, or take that back."
    ),
    "port-own-offer": _("You began this yourself: the other operator has to agree."),
    "port-unconfirmed": _(
        "This filing still waits for your word. Take it first (page To confirm); then it can go to another operator."
    ),
    "proposal-unknown": _("This was settled already. Load the page again to see how."),
    "provider-answer-wrong": _(
        "The answer of {issuer} cannot be trusted; you are not signed in. Try once more, then tell those who run it: {fault}."
    ),
    "provider-unreachable": _(
        "Your organisation's sign-in at {issuer} does not answer. Try again in some minutes, then ask those who run it."
    ),
    "reason-missing": _("Write a few words: not nothing, and not too many."),
    "release-asked-already": _(
        "Somebody has asked for that already. Whoever holds the passkey can say no until {until} is over."
    ),
    "passkey-too-young": _(
        "This passkey is too young to say no: it was added, or an older one was ended, shortly before somebody asked to let the"
        " filing go, or since. Sign in with an older one."
    ),
    "passkey-waits": _(
        "A passkey that was made a few days ago does not take the place of an older one yet. Come back after {until}, or sign in"
        " with an older passkey and end the newer one."
    ),
    "release-not-asked": _(
        "Nobody has asked to let it go, or whoever holds the passkey said no. If it is lost, ask anew."
    ),
    "release-waits": _("Whoever holds the passkey can say no until {until} is over. Come back after that day."),
    "request-shape": _("The request cannot be read: {detail}. Compare it with the API description."),
    "role-unknown": _("This kind of organisation has no role {role!r}. Choose one from the list."),
    "roll-held": _(
        "The roll is held: it was brought back, or is behind what it signed, and takes nothing until that is settled. Try later."
    ),
    "roll-open-already": _("The roll {roll!r} is open already; nothing was changed."),
    "rule-faulty": _("The rule cannot be read: {faults}. Mend it and try again."),
    "rule-read-already": _("You signed already that you read the words of this rule. Nothing more is to be done."),
    "rule-unread": _(
        "No check can judge words, so two people of different organisations sign that they read those of this rule before it is"
        " published. People still missing: {missing}. Read so far for: {organisations}. The page Rules to read lists it for leads"
        " of every organisation and for reviewers; two seats that go back to one invitation count as one person."
    ),
    "rule-words-changed": _(
        "These are not the words of this rule that were shown to you. Nothing was signed. Load the page again and read them."
    ),
    "rule-unsafe": _(
        "The rule {rule} lacks safeguards a live roll needs ({obstacles}): what-if only. Would pass: {would_pass}."
    ),
    "seat-confirmed-already": _("The seat {seat} is in force already; there is nothing to confirm."),
    "seat-gone": _("Nobody sits in {seat}. Load the page again to see who does."),
    "seat-waiting": _(
        "The seat {seat} is new and only reads until another lead confirms it. The page People names who may."
    ),
    "second-clerk-needed": _(
        "Another clerk has to confirm: not {first}, who asked, nor anyone who invited or was invited by {first}. Where there is"
        " none, whoever keeps the machine invites one (openroll invite)."
    ),
    "second-eyes-needed": _(
        "Whoever proposed this cannot publish it. Another person of the registrar has to. Where there is none, whoever keeps the"
        " machine invites one (openroll invite)."
    ),
    "session-old": _(
        "Passkeys, who is told of them, and tokens of one's own seat are changed within {minutes} minutes of signing in. Sign"
        " out, sign in again, and then try again."
    ),
    "passkey-needed": _(
        "A token of your own seat is made after signing in by a passkey. Add one on the page People, sign in by it, and then try"
        " again."
    ),
    "sign-in-failed": _(
        "You are not signed in: this passkey is not known here, or its answer came too late. Try again."
    ),
    "sign-in-needed": _("Sign in first. What you typed is kept."),
    "sign-in-refused-there": _(
        "Your organisation's sign-in at {issuer} did not let you in ({reason}). Ask those who run it, or sign in otherwise."
    ),
    "sign-in-stale": _("This sign-in is too old, was used already, or was begun in another browser. Begin again."),
    "size-ahead": _("The log has not come so far; say {most} at most."),
    "stale-proposal": _(
        "On {on} the rule {rule} is in force, read with {jurisdiction}, and this proposal was made without it: one of them would"
        " undo what the other changes. Nothing was done. Begin from the text of that day and propose the change anew from that"
        " day on. If this one starts earlier, it can be published once its change stands there too; else drop it."
    ),
    "starts-too-soon": _("A rule starts on {earliest} at the earliest: people must be able to read it first."),
    "still-answers": _(
        "Subscriptions that this operator still answers for: {count}. Have them go to other operators or end first, or have"
        " another operator succeed it."
    ),
    "still-hosts": _(
        "Sites that this operator still hosts: {count}. End them first, or have another operator succeed it."
    ),
    "still-owes": _(
        "Requests in which this operator has still to answer or to tell the person, or may have to: {count}. Answer them and tell"
        " first (`openroll request list` shows them), or have another operator succeed it."
    ),
    "succession-not-offered": _(
        "Nobody offers or announces that any more: it was taken back, or its time is over. Load the page again."
    ),
    "succession-offered-already": _(
        "It is offered or announced already that {heir} succeeds it, until {until}. Answer that, or have it taken back."
    ),
    "subscription-ended": _(
        "The subscription ended on {ended}; its record takes no more. If it began again, file it as new."
    ),
    "text-names-somebody": _(
        "Leave out numbers of six digits or more, e-mail addresses and names: this stays on record and is to name nobody."
    ),
    "subscription-unknown": _("There is no such record. Check the filing code or the handle."),
    "token-replaced-already": _("This token has a successor already. Use that one, or replace that one."),
    "token-of-a-seat": _(
        "This token acts for the seat {seat}, so it gets no successor. End it. Then who sits there makes a new one on the page"
        " Tokens of your seat; for a machine that has nobody at it, whoever keeps the roll issues one for the seat (`openroll"
        " token issue`), and the public log says that another hand did."
    ),
    "token-without-seat": _(
        "Nobody acts by this token, and this is a person's act. Who sits in a seat of {organisation} makes one on the page Tokens"
        " of your seat; for a machine that has nobody at it, whoever keeps the roll issues one: `openroll token issue"
        " {organisation} --seat NUMBER`."
    ),
    "token-unknown": _(
        "The token is missing, unknown or ended, or it was issued for a seat and files nothing. A lead of your organisation"
        " issues one for programs that file."
    ),
    "too-busy": _("Too many filings wait and nothing was taken. Send it again in a moment under the same key."),
    "last-passkey": _("This is your last passkey, or none of yours. None was ended. Add another one first."),
    "too-many-at-once": _(
        "You, or somebody in your network or organisation, hold all places there are for this. Try again in {wait} seconds."
    ),
    "acted-too-often": _(
        "This was done as often today as it may be ({most} times), and nothing was written. What answers or ends a request is"
        " always open; this goes on tomorrow, in {wait} minutes."
    ),
    "too-many-acts": _(
        "This filing was changed as often as it may be today ({most} times), and nothing was written."
        " Ending or erasing it is open; anything else tomorrow, in {wait} minutes."
    ),
    "too-many-filings": _(
        "Too many filings from here, or in all: nothing was written. Wait {wait} minutes or let your browser solve a puzzle."
    ),
    "grants-slowed": _(
        "Slowed down: too many from here, or in all. Nothing was done, and nothing is said of this one. Try again in {wait}"
        " minutes, or solve the puzzle."
    ),
    "too-many-invitations": _(
        "One seat invites at most {most} people a day. Nobody was invited. Try again tomorrow, or have another lead invite."
    ),
    "too-many-look-ups": _(
        "Too many filing codes of late that open nothing. Wait for {wait} minutes; by an operator's handle nobody waits."
    ),
    "too-many-tries": _(
        "Too many wrong tries of late. Wait for {wait} minutes, or let your browser solve a puzzle; with a passkey nobody waits."
    ),
    "upload-given-up": _(
        "Taking this file broke off {tries} times; filed rows stay. Send it again, in parts if need be: nothing is filed twice."
    ),
    "upload-lost": _("This file is not on the server any more, though it was not deleted here. Send it again."),
    "upload-not-kept": _(
        "This file was deleted once it was looked at or taken ({on}). Put it right in your own list and send that."
    ),
    "upload-not-mendable": _(
        "It cannot be put right so: a broken row needs all its columns, or has to go. The file is still here: try again."
    ),
    "upload-time-over": _(
        "Files wait some days to be put right; this one was deleted on {on}. Mend your own list and send that."
    ),
    "too-many-references": _(
        "Too many references of late that are no filing of yours. Wait for {wait} minutes, and use those of the list."
    ),
    "upload-unknown": _("There is no such file. Send it again."),
    "uploads-full": _(
        "Your files that wait to be taken or put right fill {most} MB, which is all they may. Send more once they are taken."
    ),
    "uploads-waiting": _("As many files of yours wait as may: {most}. Wait until they are taken, then send more."),
    "waits-still": _("Its operator may take this filing up to and including {until}."),
    "word-unknown": _("{value!r} is not one of the words for {field}. Choose one from the list."),
    "site-unknown": _("Your organisation hosts no site of the number {site}. Look at the number again."),
    "site-ended": _(
        "This site ended on {ended}, and its number is given to no other. File it anew if it is there again."
    ),
    "site-is-private": _(
        "A private person's site is filed by digests alone, an organisation's in the open. To make the one the other, end it and"
        " file it anew."
    ),
    "sponsor-missing": _("Say which organisation answers for the site, and which services it has."),
    "domains-miscounted": _("Name each domain of the site once: at least one, at most {most}."),
    "domain-unfit": _(
        "{domain!r} is not one domain that somebody can have. Write it as example.org, without http:// and path."
    ),
    "domain-taken": _(
        "The site {site} stands under {domain}. If it is yours, file a change. If it is another operator's, control was shown for"
        " it: that operator ends it first."
    ),
    "site-handle-taken": _("You have a site under the handle {handle!r}. If something changed, file a change."),
    "retired-too-soon": _("A site's number is retired when it was silent for 60 days: not before {until}."),
    "places-disagree": _(
        "Too few of the places that look at sites saw this. Nothing is said of the site until enough of them do."
    ),
    "too-many-sites": _("Send at most {most} sites at once. Nothing was filed: send the rest in another list."),
    "use-unknown": _(
        "Your authority has no use {use} registered, or it has ended. Choose one of those in force, or "
        "register it first."
    ),
    "use-lapsed": _(
        "The rule no longer names the purpose of the use {use}, under which this was asked. Nothing is given under it: the"
        " request can be refused, taken back, or answered with nothing."
    ),
    "purpose-unknown": _("The rule names no purpose of the number {purpose}. Choose one from its list."),
    "beyond-use": _(
        "These fields are not in the registered use, or not in the rule: {fields}. Leave them out, or "
        "register a use that has them."
    ),
    "request-incomplete": _(
        "This is missing, or not of its form: {missing}. Nothing was filed: complete it and send it again."
    ),
    "office-unfit": _(
        "Give the telephone of your office as one number and no word beside it: digits with spaces, brackets or hyphens between"
        " them, + before them where it is called from abroad, an extension behind x."
    ),
    "request-unknown": _("There is no request {request} of which you are a body."),
    "not-in-this-step": _(
        "This ({act}) may not be done in the step that the request is in ({step}), or not by you. Look at "
        "the request again: something may have happened since."
    ),
    "time-not-over": _("The time of this step is not over before {until}."),
    "reviewer-not-apart": _(
        "{organisation} may not decide on this: it is no reviewer, or it asks or answers itself, or one of "
        "you let the other in. Name another body."
    ),
    "one-person": _(
        "The seats {first} and {second} may not do this together: as far as the roll knows they are one "
        "person, or one let the other in. Another person has to."
    ),
    "pair-too-often": _(
        "You approved {most} requests of this officer within the time that the rule sets, which is as many "
        "as one may. Somebody else has to decide."
    ),
    "envelope-unfit": _(
        "This is no envelope of the form that is taken, or it is not of its size (at most {most} bytes). "
        "Seal it again with Openroll's own page or command."
    ),
    "not-sealed-to": _(
        "The envelope has to be sealed to keys in force of exactly those who are to read it, and is not: "
        "{organisations}. Fetch their keys and seal it again."
    ),
    "no-envelope-key": _(
        "{organisation} has published no key yet, so nothing can be sealed to it. Its lead has to publish one first."
    ),
    "envelope-key-unfit": _(
        "This key is not taken: its line is none, was cut off or changed, or is published already. Copy it whole, from"
        " openroll-envelope-public-1 to its end."
    ),
    "envelope-key-unknown": _("Your organisation has no key {key} in force."),
    "too-many-registered": _(
        "Your organisation has {most} of these in force, or entered {lately} within the last {days} days, which is as many as one"
        " may: everybody has to fetch them. End one that is not needed, or wait."
    ),
    "fields-beyond": _(
        "These fields were not asked for, not approved, or there are none: {fields}. Take no more than what "
        "was approved."
    ),
    "word-of-list": _("{value!r} is not one of the words that are taken here: {known}."),
    "not-called-back": _(
        "Call the authority's registered office back first, at the number that it registered ({office}), and "
        "say that number."
    ),
    "signature-unfit": _(
        "What was signed is no decision of your organisation as it stands in this request, or no key of yours in force signed it"
        " so. Look at the request: where the decision in it is not yours, tell the operator and the supervisor."
    ),
    "postponed-too-long": _("This may last until {latest} at most, once, and has to end in the future."),
    "nothing-preserved": _(
        "Nothing of yours is kept with this operator under the request {request}. Name the request under "
        "which it keeps something."
    ),
    "complaint-word-wrong": _("This is not the word of the notice about this request. Copy it from the notice."),
    "complained-already": _("A complaint about this request was made already. It stands in the log."),
    "zone-elsewhere": _(
        "The rule counts its days in {zone}, and the jurisdiction has {zones}: give a rule of that place."
    ),
}


def say_refused(refused: Refused, lang: str) -> str:
    """A refusal's sentence, and the article of the rule that says so where one does: `… (Art. 12)`."""
    refusal = refused.refusal
    params = refusal.params
    if isinstance(refusal, PlaceUnsafe | RuleFaulty):
        params = {"faults": [sentence_in(lang, one) for one in refusal.faults]}
    said = say(refusal.code, params, lang)
    article = cited(lang, refused.citation)
    # What a rule lacks has no article that says so: those are of what it says instead, and stand on its own page.
    if not article or article in said or refused.refusal.code == "rule-unsafe":
        return said
    return gettext(lang, _("{said} (By {article}.)")).format(said=said, article=article)


_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
_REFUSED_DAY = ("date-range", "value")
_DAYS = {"on", "until", "earliest", "latest", "ended"}
"""Parameters that are days the roll counted with, and the day that is refused; other values are shown as they were typed."""


_NOTHING_CHOSEN = _("Nothing was chosen. Choose one of these: {known}.")
"""`word-of-list` of nothing: there is no word to be quoted."""


def say(code: str, params: Mapping[str, Any], lang: str) -> str:
    """A refusal's sentence in a language. Raises KeyError for a code without words, which a test makes impossible."""
    shown = {key: _named(code, key, value, lang) for key, value in params.items()}
    return gettext(lang, _sentence(code, params)).format(**shown)


_ASK_A_LEAD = _(
    "The role {role!r} may not do this ({act}). Ask a lead of your organisation, or the registrar where it has none."
)
_UNSPOKEN = _(
    "Nobody of {unspoken} has spoken for the seat {seat} yet, so it neither reads nor does anything. A lead of {unspoken}"
    " confirms it. Where it has none who can, a lead of the registrar gives notice of the seat, and puts it in force after two"
    " weeks or more without a sign of life of {unspoken}. Where a token lets the programs of {unspoken} in, it goes at once:"
    " whoever keeps the machine invites you anew at its word (openroll invite {unspoken} --token-file FILE), you give this seat"
    " up and take that one, and a lead of the registrar confirms it."
)
"""`seat-waiting` of a seat to which nobody of its organisation invited: there may be no lead of it to ask."""
_ASK_THE_SEAT = _("The role {role!r} may not do this ({act}) for another seat. Whoever sits there does it.")


def _sentence(code: str, params: Mapping[str, Any]) -> str:
    """The words of a refusal; of some that have several causes, those of this one."""
    if (code, params.get("value")) == ("word-of-list", ""):
        return _NOTHING_CHOSEN
    if code == "seat-waiting" and params.get("unspoken"):
        return _UNSPOKEN
    if code == "not-allowed" and not params["role"].endswith("-lead") and params["act"] in OF_A_LEAD:
        return _ASK_A_LEAD
    if code == "not-allowed" and params["role"].endswith("-lead") and params["act"] in OF_THE_SEAT:
        return _ASK_THE_SEAT
    return SENTENCES[code]


_IN_WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("not-in-this-step", "act"): IN_A_REQUEST,
    ("not-allowed", "act"): NOT_ALLOWED,
    ("not-allowed", "role"): SEATS,
    ("request-incomplete", "missing"): LACKING,
}
"""Parameters that are names of code, each with the words in which a person knows them."""


def _named(code: str, key: str, value: Any, lang: str) -> Any:
    """A parameter as a person reads it: in the words of pages where it is a name of code."""
    if (code, key) == ("not-in-this-step", "step"):
        return step_said(lang, str(value))
    if (code, key) == ("word-of-list", "known"):
        value = [f"{gettext(lang, CODES[one])} ({one})" if one in CODES else one for one in value]
        return shown(key, value, lang)
    known = _IN_WORDS.get((code, key), {})
    if isinstance(value, str) and value in known:
        return gettext(lang, known[value])
    if known and isinstance(value, list | tuple):
        value = [gettext(lang, known[one]) if one in known else one for one in value]
    return shown("on" if (code, key) == _REFUSED_DAY else key, value, lang)


def shown(key: str, value: Any, lang: str) -> Any:
    """A parameter of this name as a language writes it: a day in words, a list, a number; any other as it is."""
    if key == "obstacles":
        titles = {one.id: gettext(lang, one.title) for one in SAFEGUARDS}
        return gettext(lang, "; ").join(titles.get(one, one) for one in value)
    if isinstance(value, list | tuple):
        return listed(lang, value) or gettext(lang, _("none"))
    if key in _DAYS and _ISO_DAY.fullmatch(str(value)):
        return day(lang, date.fromisoformat(str(value)))
    if key in _DAYS and _ISO_INSTANT.match(str(value)):
        return f"{moment(lang, datetime.fromisoformat(str(value)), ZoneInfo('UTC'))} UTC"
    if isinstance(value, int):
        return number(lang, value)
    return cited(lang, value) if key == "article" else value
