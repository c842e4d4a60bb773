"""The labels of closed lists: kinds, ways to connect, events, states of duties, who acted."""

from openroll.words.catalogue import gettext


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


KINDS = {
    "household": _("A household"),
    "person": _("A person"),
    "organisation": _("An organisation"),
    "access-operator": _("access operators"),
    "interconnecting-operator": _("interconnecting operators"),
    "information-operator": _("information operators"),
    "site": _("web sites"),
}
REGISTRAR = _("The registrar")
"""Who keeps a roll, where its opening does not name them."""
EVENTS = {
    "subscription.filed/1": _("Filed"),
    "subscription.changed/1": _("Changed"),
    "subscription.ended/1": _("Ended"),
    "subscription.notified/1": _("Told by choice"),
    "subscription.withdrawn/1": _("Taken back"),
    "subscription.corrected/1": _("Corrected"),
    "subscription.held/1": _("A passkey holds it"),
    "subscription.passkey-added/1": _("A further passkey was added"),
    "subscription.passkey-ended/1": _("A passkey was ended"),
    "subscription.contact-changed/1": _("The address to be told at was changed"),
    "subscription.release-asked/1": _("Asked to let it go from a lost passkey"),
    "subscription.release-seconded/1": _("A second clerk confirmed that"),
    "subscription.release-refused/1": _("It stays with its passkey"),
    "subscription.released/1": _("Let go from a lost passkey; a fresh code opens it"),
    "subscription.rehandled/1": _("Handle changed"),
    "subscription.confirmed/1": _("Confirmed by the operator"),
    "subscription.disowned/1": _("Disowned by the operator"),
    "subscription.lapsed/1": _("Fell away unconfirmed"),
    "subscription.port-offered/1": _("To go to another operator, once both agree"),
    "subscription.port-withdrawn/1": _("It stays with its operator"),
    "subscription.ported/1": _("Went to another operator"),
    "subscription.erased/1": _("Erased"),
    "record.seen/1": _("The registrar looked at it"),
    "roll.opened/1": _("The roll was opened"),
    "roll.opened/2": _("The roll was opened"),
    "roll.opened/3": _("The roll was opened"),
    "operator.admitted/1": _("An operator was admitted"),
    "operator.admitted/2": _("An operator was admitted"),
    "operator.succession-offered/1": _("It was offered or announced that another operator succeeds one"),
    "operator.succession-accepted/1": _("That another operator succeeds one was agreed to by one lead more"),
    "operator.succession-withdrawn/1": _("That another operator succeeds one was taken back"),
    "operator.succeeded/1": _("An operator was succeeded by another in all it had"),
    "operator.left/1": _("An operator left the roll"),
    "organisation.admitted/1": _("An organisation was admitted"),
    "organisation.admitted/2": _("An organisation was admitted"),
    "person.invited/1": _("An invitation was made or taken back"),
    "codes.given/1": _("Filing codes were given out to an operator"),
    "provider.set/1": _("A sign-in provider was set"),
    "person.joined/1": _("Somebody took a seat"),
    "seat.announced/1": _("The registrar gave notice of a new seat for which nobody of its organisation spoke"),
    "seat.confirmed/1": _("A new seat was confirmed by another lead"),
    "person.left/1": _("Somebody left a seat"),
    "token.issued/1": _("A token was issued"),
    "token.replaced/1": _("A token was replaced"),
    "token.ended/1": _("A token was ended"),
    "log.keys-changed/1": _("The keys of the log were changed"),
    "log.keys-revoked/1": _("A key of the log was revoked"),
    "rule.proposed/1": _("A rule was proposed"),
    "rule.published/1": _("A rule was published"),
    "rule.proposed/2": _("A rule was proposed"),
    "rule.published/2": _("A rule was published"),
    "rule.dropped/1": _("A proposed rule was dropped"),
    "rule.read/1": _("Somebody signed that they read the words of a rule"),
    "figures.published/1": _("Figures were published"),
    "work.settled/1": _("Work that waited for the registrar was ended by hand"),
    "escrow.deposited/1": _("A deposit went into escrow"),
    "log.restored/1": _("The register was brought back from a copy"),
    "log.begun/1": _("This log was begun, in place of one that ended"),
    "envelope-key.published/1": _("An organisation published a key that envelopes are sealed to"),
    "envelope-key.ended/1": _("A key of an organisation's envelopes was ended"),
    "use.registered/1": _("An authority registered what it may ask for"),
    "use.ended/1": _("A registered use was ended"),
    "request.filed/1": _("An authority asked"),
    "request.opened/1": _("Sealed envelopes were taken"),
    "request.returned/1": _("The reviewer said that something is missing"),
    "request.completed/1": _("What was missing was sent"),
    "request.asked-back/1": _("The reviewer asked back"),
    "request.answered-back/1": _("The officer answered the reviewer"),
    "request.called-back/1": _("The authority's registered office was called back"),
    "request.confirmed/1": _("A second person of the authority confirmed the emergency"),
    "request.approved/1": _("The reviewer approved it"),
    "request.narrowed/1": _("The reviewer approved a part of it"),
    "request.seconded/1": _("A second person of the reviewer agreed"),
    "request.refused/1": _("The reviewer refused it"),
    "request.annulled/1": _("The reviewer annulled it: what was given may not be used"),
    "request.objected/1": _("The third body objected"),
    "request.let-pass/1": _("The third body does not object"),
    "request.signed/1": _("A decision was signed by the key of its body"),
    "request.telling-postponed/1": _("Telling the person was put off, until a day"),
    "request.time-extended/1": _("The time of its step was extended"),
    "request.withdrawn/1": _("The authority withdrew it"),
    "request.preserved/1": _("The operator keeps what it holds"),
    "request.produced/1": _("A later request asks for what was kept"),
    "request.answered/1": _("The operator answered"),
    "request.told/1": _("The person was told"),
    "request.told/2": _("The person was told"),
    "request.nobody-told/1": _("There is nobody to be told"),
    "request.complained/1": _("The person complained"),
    "request.time-passed/1": _("The time of its step was over"),
    "site.filed/1": _("A site was filed"),
    "site.changed/1": _("What is filed of a site changed"),
    "site.checked/1": _("A check found a site in another state"),
    "site.ended/1": _("A site ended"),
    "private-site.filed/1": _("A private person's site was filed"),
    "private-site.changed/1": _("What is filed of a private person's site changed"),
    "private-site.checked/1": _("A check found a private person's site in another state"),
    "private-site.ended/1": _("A private person's site ended"),
}
ORGANISATIONS = {
    "registrar": _("Registrar"),
    "operator": _("Operator"),
    "authority": _("Authority"),
    "reviewer": _("Reviewer"),
}
SEATS = {
    "registrar": _("registrar"),
    "registrar-lead": _("registrar, lead"),
    "clerk": _("clerk"),
    "operator-lead": _("clerk, lead"),
    "officer": _("officer"),
    "officer-lead": _("officer, lead"),
    "reviewer": _("reviewer"),
    "reviewer-lead": _("reviewer, lead"),
}
DOING = {
    "": _("Waiting"),
    "checking": _("Checking"),
    "comparing": _("Comparing with the roll"),
    "filing": _("Filing"),
}
UPLOADS = {
    "file-waiting": _("It waits to be taken."),
    "file-working": _("It is being taken."),
    "file-done": _("Filed: {stored} of {rows} rows are new to the roll."),
    "file-same": _("All {rows} rows stood in the roll already; nothing was changed."),
    "file-refused": _("Refused whole; nothing was written. Faults: {fault_count}."),
    "file-rest-refused": _("{stored} of {rows} rows were filed before; the rest was refused. Faults: {fault_count}."),
    "file-failed": _("It could not be taken, through no fault of the file. Send it again."),
    "compare-waiting": _("It waits to be compared."),
    "compare-working": _("It is being compared."),
    "compare-done": _("Compared: {rows} rows."),
    "compare-refused": _("It cannot be compared. Faults: {fault_count}."),
    "compare-failed": _("It could not be compared, through no fault of the file. Send it again."),
}
COMPARED = {
    "only-list": _("only in your list"),
    "only-roll": _("only in the roll"),
    "differs": _("different"),
    "ended": _("ended in the roll"),
    "handle-left": _("went to another operator"),
    "handle-changed": _("has another handle: the list is of an old key"),
}
WORK = {
    "proposal": _("A proposed rule waits for a second pair of eyes"),
    "log": _("The public log stands still"),
    "escrow": _("No deposit went into escrow yesterday or today"),
    "mail": _("A message could not be delivered"),
    "upload": _("A file that was sent could not be taken"),
    "contact": _(
        "A filing’s holder was not told of an act: the address that they left does not open with addresses.key"
    ),
    "clock-work": _("Regular work of the machine does not succeed"),
    "release-asked": _("A second clerk is to confirm a release from a lost passkey"),
    "release-seconded": _("A record can be let go from its lost passkey after this day"),
}
MACHINE_WORK = {
    "mail": _("Sending a message"),
    "upload": _("Taking files that were sent"),
    "upload-files": _("Clearing files that were sent"),
    "sweep": _("Taking out what is over"),
    "lapse": _("Letting filings fall away that nobody confirmed"),
    "request-time": _("Passing the times of requests that are over"),
    "daily-count": _("Counting for the figures of the day"),
    "escrow-watch": _("Looking for the deposit of the day"),
    "release": _("Release from a lost passkey"),
    "old-contact": _("Forgetting an address that another came in place of"),
    "site-looks": _("Looking at sites that are filed"),
}
MACHINE_WHY = {
    "mail": _("Somebody who left an address is told of an act or of a day that comes near."),
    "upload": _("An operator sent its list: the rows are checked and filed behind the page."),
    "upload-files": _("A file that was sent is kept while it waits or can be put right, and then deleted."),
    "sweep": _("Sessions, keys of forms and counts of wrong tries are kept for a time and no longer."),
    "lapse": _("A filing made alone does not stand for ever without its operator's word."),
    "request-time": _(
        "What somebody misses in a request has its consequence by itself, and nobody is kept waiting for ever."
    ),
    "old-contact": _("Who held a filing is warned at the old address for some days more, and then no longer."),
    "daily-count": _("The public figures change once a day."),
    "site-looks": _("A register of sites stays true only if somebody looks whether they answer."),
    "escrow-watch": _("The registrar has to know of a day on which nothing went into escrow."),
}
"""Why the machine has each kind of its work to do."""
DONE = {
    "erased": _("Erased. The code opens nothing any more."),
    "signed-out": _("You are signed out."),
    "request": _("Done. It stands in the public log."),
    "tell": _("Told. It stands in the history below."),
    "take-back": _("Taken back. It stands in the history below."),
    "move": _("Changed. It stands in the history below."),
    "correct": _("Corrected. It stands in the history below."),
    "end": _("Ended. It stands in the history below."),
    "passkey": _("Your passkey is stored."),
    "passkey-ended": _("The passkey signs nobody in any more. You are signed out on every other device."),
    "own-passkey-ended": _("The passkey signs nobody in any more. You had signed in with it, so you are signed out."),
    "others-out": _("You are signed out on every other device."),
    "word-taken": _("Done: the list below shows what still waits."),
    "release-ask": _("Asked. Another clerk confirms it, and its holder has time to say no."),
    "release-second": _("Confirmed. It can be let go when its holder had the time to say no."),
    "release-give-up": _("Given up: the passkey goes on holding it."),
    "release-release": _("Let go: its fresh code opens it, and nothing else. Its history says so."),
    "port-offer": _("Offered. The other operator can agree until the last day below."),
    "port-ask": _("Asked. Its operator can agree until the last day below."),
    "port-agree": _("Agreed: it has gone to the other operator. Its history says so."),
    "port-withdraw": _("It stays where it is. Its history says so."),
    "site-filed": _("Filed, with a number of its own. It stands in the public log."),
    "site-same": _("The register says so already: nothing was written."),
    "site-change": _("Changed. It stands in the public log."),
    "site-tell": _("Told. It stands in the public log."),
    "site-end": _("Ended. Its number says so, and is given to no other."),
    "succession-offer": _("Offered or announced. It stands in the public log."),
    "succession-ask": _("Asked. A lead of that operator can agree."),
    "succession-agree": _("Done: the other operator answers for everything now. It stands in the public log."),
    "succession-heir": _(
        "Done: you answer for everything of that operator now. Its old handles and yours both find its records. It stands in the"
        " public log."
    ),
    "succession-carried-out": _("Carried out: its heir answers for everything now. It stands in the public log."),
    "succession-accept": _("Agreed. What is missing yet, another word or some days, stands below."),
    "succession-withdraw": _("Taken back or declined. It stands in the public log."),
    "succession-leave": _("The operator is in the roll no more. It stands in the public log."),
    "keep": _("Your passkey goes on holding it. Your operator is told so by the history below."),
    "contact": _("Saved."),
    "contact-asked": _(
        "Saved. The page Passkey says when a mail with a link to confirm the address went there. "
        "Until it is confirmed, nothing else is sent there."
    ),
    "contact-unasked": _("Saved, but no mail went to the address. What you can do stands below."),
    "confirmed": _("Confirmed: the seat is in force."),
    "seat-announced": _(
        "Notice is given. When it is over, and nobody of the organisation was there, confirm the seat."
    ),
    "taken": _("It is yours now."),
    "settled": _("Settled."),
    "proposed": _("Proposed. Another person of the registrar can publish it."),
    "published": _("Published. It takes effect on its day by itself."),
    "dropped": _("Dropped."),
    "rule-read": _("Signed. That it was read for your organisation stands in the public log."),
    "figures": _("The figures are published; their digest stands in the log."),
    "admitted": _("Admitted. Now invite its first lead."),
    "uninvited": _("The invitation is taken back."),
    "left": _("The seat is free; its passkeys and sessions have ended."),
    "ended": _("Ended."),
}
BEFORE_GOING_ON = {
    "session-over": _("Your session has ended. Sign in again, and you go on where you were."),
}
"""What a page says at its top where nothing was done, and something is to be known before anything can be."""
STATES = {
    "not-yet-due": _("not begun"),
    "due": _("due"),
    "met": _("met"),
    "met-late": _("met, late"),
    "overdue": _("overdue"),
}
ROLES = {
    "operator": _("the operator"),
    "subscriber": _("the subscriber"),
    "code": _("whoever held the filing code"),
    "registrar": _("the registrar"),
    "authority": _("an authority"),
    "reviewer": _("a reviewer"),
}
OWN_ROLES = ROLES | {"subscriber": _("you"), "operator": _("your operator")}
"""Who acted, as the subscriber reads it."""
VERDICTS = {
    "malformed": _("This is not a receipt, or it was damaged: its form is not the one a receipt has."),
    "other-log": _("This receipt is from another log, not from this roll's."),
    "key-missing": _("A signature of this log's keys is missing: the file was cut or altered."),
    "signature-failed": _("A signature does not fit: the checkpoint in the file was altered."),
    "content-changed": _("What the receipt says was logged is not what stands in the log: it was altered."),
    "proof-failed": _("The proof does not lead to the signed root: the file was altered."),
    "policy-malformed": _("The policy cannot be read: a line of it is not as the format has it."),
    "key-malformed": _("A public key cannot be used."),
}
TOLD = {
    "cosigned": _("{name} cosigned it: {time}"),
    "timeless": _("{name} cosigned it, and does not say when"),
    "silent": _("{name} has not cosigned it"),
    "lacks": _("{name} asks for {threshold}. Cosigned: {having}. Missing: {lacking}."),
    "none": _("none"),
    "line": _("line {line}"),
    "rule": _("Rule {rule} of docs/proofs.md"),
    "inside": _("{field}: {value} (is in this receipt)"),
    "outside": _(
        "{field}: {value} (not in this receipt; it may be in another receipt of the same filing: "
        "what was told by choice has a receipt of its own)"
    ),
    "more": _("and {count} more that are not in this receipt"),
    "unread": _("{count} pieces of the file are no disclosures"),
    "nothing": _("There are no disclosures in the file."),
    "reached": _("Enough witnesses have cosigned it: others have seen this log and found that it only ever grew."),
    "alone": _("The policy asks for no witness, so only the log itself vouches that everyone is shown the same."),
}
"""What the check of a receipt says of its witnesses; it fills in the names in braces."""

GIVEN = {
    "value": _("{field}: {value}"),
    "form": _("A part of the file is no disclosure."),
    "altered": _("{field}: no receipt in the file holds this. It was altered, made up, or is of another filing."),
    "superseded": _("{field}: a later entry of the filing has this no more. It was corrected, changed or taken back."),
    "twice": _("{field}: it is given twice."),
    "entry": _("Entry {index} of the log {origin}, of {day}: {kind}"),
    "public": _("Operator: {operator}"),
    "to": _("It was given for: {to}"),
    "until": _("It was meant to be used until {day}."),
    "over": _("It was meant to be used until {day}, and that day is over."),
    "roll-clock": _("By the clock of this roll it is {day}."),
    "own-clock": _("By the clock of this computer it is {day}."),
    "then-clock": _("By the clock of the demonstration it was {day} when this check was downloaded."),
    "zone": _("Days are counted in the time zone {zone}."),
    "apart": _("Nothing here shows that these entries are of one filing."),
    "stands": _("This roll knows of nobody who took it back."),
    "first": _("It was given to be shown once, and this is the first time."),
    "unshown": _(
        "It was given to be shown once: its values are shown here only to whoever presses, where all of it is good."
    ),
    "back": _("Its giver took it back on {day}."),
    "before": _("It was given to be shown once, and was shown before, on {day}."),
    "slowed": _(
        "Not looked up: this roll slows your network down. It may have been taken back, or not. Try again at {time}."
    ),
    "working": _("Working. This may take some seconds."),
    "unasked": _("Whether it was taken back, or shown before, only its roll can say; it could not be asked."),
    "taken": _("Taken back. Whoever asks this roll is told so from now on."),
    "unchecked": _(
        "Taken back, if this word is right: it has no check characters, and this roll cannot know whether anything was given by"
        " it. Open what you gave on “Check a receipt”: that says whether it was taken back."
    ),
    "none": _("Nothing in this file of disclosures is proved by a receipt of this filing."),
    "failed": _("That did not work. Try again in a minute."),
    "unknown": _("No answer came: whether this was done is unknown. Look whether it is there before you do it again."),
    "made": _("Made. Give away the file or the link, not your own file of disclosures."),
    "ends": _("It is good until {day}, by the clock of this roll."),
}
"""What is said of disclosures that somebody gives, or was given; it fills in the names in braces."""


def words(lang: str, table: dict[str, str], key: str) -> str:
    """The words for a key of one of these tables; the key itself where there are none."""
    return gettext(lang, table[key]) if key in table else key


def why_it_waits(lang: str, kind: str, reason: str, *, machine: bool) -> str:
    """Why a piece of work waits: for the machine by its kind, for people by its reason."""
    return words(lang, MACHINE_WHY, kind) if machine else words(lang, WORK, reason)


def options(lang: str, table: dict[str, str], keys: tuple[str, ...] | None = None) -> list[dict[str, str]]:
    """The items of a select, in the table's order."""
    return [{"value": key, "text": gettext(lang, table[key])} for key in (keys or tuple(table))]
