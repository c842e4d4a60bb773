"""What the bodies of a request read on their pages: acts, what each does, what is missing, and what their browser says."""

from openroll.words.labels import EVENTS


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


ACTS = {
    "sign": _("Sign your decision"),
    "complete": _("Send the request anew, whole"),
    "answer-back": _("Answer the reviewer's question"),
    "confirm": _("Confirm the emergency"),
    "withdraw": _("Withdraw the request"),
    "approve": _("Approve"),
    "second": _("Agree as a second person"),
    "refuse": _("Refuse"),
    "annul": _("Annul"),
    "return": _("Send back as incomplete"),
    "ask-back": _("Ask the officer something"),
    "postpone": _("Have the person told later"),
    "extend": _("Take more time"),
    "call-back": _("Say that you called back"),
    "object": _("Object"),
    "let-pass": _("Do not object"),
    "answer": _("Answer with what was approved"),
    "not-given": _("Give nothing, and say why"),
    "preserve": _("Say that what you hold is kept"),
    "tell": _("Tell the person"),
    "nobody": _("Say that nobody is to be told"),
}
"""Acts as a button says them."""
HINTS = {
    "sign": _(
        "Your organisation's key signs the decision as the log has it, so that the operator need not take the log's word for it."
        " Tick what may be given by your decision: where the log has anything else, nothing is signed."
    ),
    "confirm": _("As a second person of your authority, after you were called back at its registered office."),
    "withdraw": _("The person is told of the request all the same."),
    "approve": _("All that was asked for, or less of it. Nothing beyond it can be given."),
    "second": _("The procedure asks for two people who approve."),
    "refuse": _("One main reason; it stands in the public log."),
    "annul": _("What was given may not be used any more; the officer's side says so."),
    "return": _("Its time stands still until the officer has sent what is missing."),
    "ask-back": _("Sealed in this browser to you and to the officer."),
    "answer-back": _("Sealed in this browser to you and to the reviewer."),
    "complete": _("Sealed in this browser, as it was when it was filed. Its case reference stays what it was."),
    "postpone": _("A decision of its own, with a reason and an end. The person is told after that by itself."),
    "extend": _("Once in a step, with a reason."),
    "call-back": _("Call the telephone that the authority registered in public, and no other:"),
    "object": _("Nothing goes out then."),
    "answer": _("Found in your own files, checked as the officer will check it, and sealed, all in this browser."),
    "not-given": _("One reason, in public; nothing of the record."),
    "preserve": _(
        "You keep what you hold of this record, for a production that may follow. Say so also where you hold none: nobody learns"
        " which of the two before a review."
    ),
    "tell": _("A notice that the person alone can open, with who asked, when, why and how to complain."),
    "nobody": _("Only where you answered that you hold no such record."),
}
"""What each act does, in a sentence."""
_WAITS = _("This waits until you have opened, above, what is sealed to you: it rests on that.")
WAITS = {
    "sign": _WAITS,
    "approve": _WAITS,
    "second": _WAITS,
    "let-pass": _WAITS,
    "return": _(
        "You have not opened what is sealed to you, above. Where it cannot be opened, send it back all the same: you are asked"
        " once more."
    ),
}
"""Acts that wait until what is sealed to a body was opened in its browser, with the sentence that says so."""
MISSING = {
    "record": _("which record is meant"),
    "moment": _("the moment, to the second"),
    "zone": _("the time zone"),
    "port": _("the port"),
    "case": _("the case reference"),
    "grounds": _("the grounds"),
    "basis": _("the legal basis"),
    "officer": _("the role of who asks"),
}
"""What a request can lack."""
MEANS = {
    "subscription": _("the operator's number of the subscription"),
    "code": _("a filing code"),
    "domain": _("a domain"),
    "address": _("an internet address at a moment"),
}
"""How one record is named."""
WHY = {
    "missing": _("It is not there."),
    "long": _("It is too long."),
    "hidden": _("It holds a character that nobody sees."),
    "several": _("It means several records; a request is about one."),
    "range": _("It means a range of records; a request is about one."),
    "pattern": _("It is a pattern; a request is about one record."),
    "form": _("It is not written as in the example."),
    "no-digit": _("A number has a digit; this could be a name."),
    "second": _("The second is missing."),
    "ambiguous": _("That hour came twice in this zone: give the offset, as +08:00."),
    "impossible": _("There is no such thing, or was no such moment."),
    "future": _("It lies in the future."),
    "names-somebody": _("It names somebody; a role is asked for."),
}
"""Why something is not taken, before anything is sealed (`one_record.WHY`)."""
FAULTS = {
    "receipt": _("a receipt proves nothing"),
    "no-receipt": _("no receipt says what was filed"),
    "other-operator": _("the record is another operator's"),
    "other-record": _("it is of another record"),
    "other-number": _("it is not of the number that was asked about, or no number was asked about"),
    "erased": _("the record was erased"),
    "form": _("a disclosure is none"),
    "altered": _("it is not what was filed: altered, or made up"),
    "superseded": _("it was corrected or changed since"),
    "not-approved": _("nobody approved it"),
    "twice": _("it is given twice"),
    "missing": _("it was approved, and is neither given nor explained"),
    "not-announced": _("the public answer does not say so"),
    "contradicts": _("the answer contradicts itself"),
}
"""What is wrong with an answer (`checked.FAULTS`)."""
_RECORD = tuple(f"subscription.{name}/1" for name in ("filed", "changed", "corrected", "ended", "erased", "ported"))
SAID = {
    "working": _("Working in this browser."),
    "choose": _("Choose one."),
    "tick": _("Tick at least one."),
    "key-missing": _("Choose your organisation's key file."),
    "key-wrong": _("This is no key file, or it was changed. Take it from your copy."),
    "own-key": _(
        "Your organisation has not published this key, or has ended it: nobody could check what it signs. Nothing was sent:"
    ),
    "handle-key-missing": _("Choose your handle key's file."),
    "handle-key-wrong": _("This is no handle key, or it was changed."),
    "handle-key-other": _(
        "This handle key did not make the handle of that record: its person would not find the notice. Nothing was sent."
    ),
    "file-missing": _("Choose your disclosures files."),
    "file-wrong": _("One of these is no disclosures file of openroll pack."),
    "not-ours": _("Nothing here is sealed to this key. Is it an older one, or another organisation's?"),
    "unproved": _("The roll is not believed: the log does not prove what it says of this request or of a key."),
    "anothers": _(
        "Somebody wrote this into the log in the name of a body that they are not of. Seal nothing to it, rest on nothing of it,"
        " and tell its lead:"
    ),
    "otherwise": _(
        "The log says otherwise than what you sent: nothing may be done on its word, and this is not what you did. Keep the"
        " receipt, and tell the supervisor and whoever watches the log. The log has:"
    ),
    "not-logged": _(
        "It was sent, and is not in the log yet: rest nothing on it. Look at this page again in a minute, before you do anything"
        " once more."
    ),
    "done-still": _(
        "The roll refused it or did not answer, and the log has it as you sent it: it is done. Keep the receipt, and load this"
        " page again before you do anything once more. The log has:"
    ),
    "nothing-logged": _("Nothing of it is in the log. Its entries"),
    "silent": _(
        "It was sent, and a minute later the log has no entry of it: a silent act. Rest nothing on it, and tell the supervisor"
        " and whoever watches the log."
    ),
    "unsigned": _(
        "Nothing was sent. That this was decided is the log's word alone: its body did not sign it. Try again in a minute, or ask"
        " it outside of this register whether this is its decision; it can sign it still."
    ),
    "signed-otherwise": _(
        "Nothing was sent, and nothing may be given: what was decided by the log is not what its body signed, or its signature"
        " does not hold. Keep the receipts, and tell that body, the supervisor and whoever watches the log."
    ),
    "log-says": _("by the log"),
    "body-signed": _("signed"),
    "not-signed-yet": _("Your decision stands in the log, and is not signed yet. Load this page again and sign it."),
    "sign-otherwise": _(
        "Nothing was signed: by the log other fields may be given than you ticked. Where that is none of your decisions, tell the"
        " operator and the supervisor. By the log:"
    ),
    "save-receipt": _("Save the receipt that proves it"),
    "not-yet": _("The newest act has no place in the log yet. Try again in some seconds."),
    "does-not-open": _("An envelope does not open: it was altered, or belongs to another request. Do not use it."),
    "not-signed": _("It is signed with no key that its sender has published. Do not use it."),
    "unreadable": _("What is sealed in it is not what should stand there. Do not use it."),
    "incomplete": _("What is asked is not about one record, or not complete:"),
    "case-unread": _("The case: what was sent first cannot be read."),
    "case-digest": _("The case: its digest is not the one that stands in the log."),
    "case-other": _("The case: sent anew, it is another."),
    "some-wrong": _("Opened in this browser, and something of it is not what should stand there: it is named below."),
    "part-missing": _(
        "Missing here, though the log names it. Rest on nothing below without it; open once more in a minute:"
    ),
    "not-opened": _("Not opened: it was sent last, and is not sealed to this key. Choose your other keys too:"),
    "open-first": _(
        "Nothing was sent: what is sealed to you was not opened in this browser yet. Choose your key file and open it, then do"
        " this again."
    ),
    "not-read": _(
        "Nothing was sent: this rests on what was asked last, and that was not opened here, or is not what should stand there:"
    ),
    "sealed-still": _("What is sealed to you was not opened in this browser."),
    "warned-return": _("Nothing was sent yet. Press again to send it back unopened."),
    "rests-on": _(
        "Nothing was sent: this rests on what was sealed last, and the roll did not give it out. Open once more in a minute;"
        " where it is lost, the authority sends the request anew, or takes it back and asks again. Missing:"
    ),
    "replaced": _("replaced by what was sent anew"),
    "no-key": _("This organisation has published no key that something can be sealed to:"),
    "none": _("No record in your files is the one that is meant."),
    "several": _("Several records in your files could be meant."),
    "other-way": _("The request names it otherwise: fill in your own number of the subscription."),
    "unread": _("What is asked cannot be read: fill in your own number of the subscription."),
    "another": _(
        "The request names another record than your number of the subscription does. Nothing was sent. Leave that number out:"
    ),
    "no-field": _("None of the approved fields is in your files."),
    "all-withheld": _(
        "All that was approved is withheld, so nothing would be given. Nothing was sent. Give nothing, and say why:"
    ),
    "told-whose": _(
        "Whose values were given is told, and nobody else. Is this the record that was answered? These were given:"
    ),
    "warned-told": _("Nothing was sent yet: read below whom this tells. Press again to send it all the same."),
    "told-nobody": _("none: the notice would be sealed to nobody"),
    "would-not-hold": _("This answer would not hold. Nothing was sent:"),
    "too-long": _("The answer is longer than an envelope takes. Nothing was sent. Say why one field is not given:"),
    "prove-nothing": _("These files prove nothing (damaged, or no receipts of this log):"),
    "failed": _("That did not work. Try again in a minute."),
    "unknown": _("No answer came: whether this was done is unknown. Look whether it is there before you do it again."),
    "opened": _("Opened in this browser. That you took the envelopes stands in the public log."),
    "nothing": _("Nothing is sealed to you."),
    "good": _("Checked: unaltered since it was filed, complete, and nothing beyond what was approved."),
    "bad": _("This answer does not hold. Do not use it:"),
    "unsure": _("Complete, and nothing beyond what was approved. Not proved:"),
    "unnamed": _(
        "that it is of this record: the operator filed this value, and the receipt does not say on which record"
    ),
    "late": _("that it stood on the record when it was asked about: it may have been filed since"),
    "unopened": _("that it is of the number that was asked about: nothing shows under which number it was filed"),
    "number": _("Filed under the number"),
    "number-unread": _(
        "that it is of the number that was asked about: what was asked does not open here. Choose its key, too."
    ),
    "number-otherwise": _(
        "Whose record this is, is the operator's word: no receipt shows whose a filing code, a domain or an address was."
    ),
    "warned": _("Nothing was sent yet: the officer will read what stands below. Press again to send it all the same."),
    "besides": _("The receipts show besides, whatever was approved, what the register holds of the record in public:"),
    "not-its-own": _("that it is of this record is not proved"),
    "entry": _("entry"),
    **{f"fact-{kind}": EVENTS[kind] for kind in _RECORD},
    "public-operator": _("Operator"),
    "public-handle": _("Handle"),
    "public-kind": _("Kind of user"),
    "public-access": _("Access"),
    "public-district": _("District"),
    "public-connected": _("Connected on"),
    "public-on": _("Date"),
    "public-by": _("By"),
    "public-losing": _("Came from"),
    "public-gaining": _("Went to"),
    "withheld": _("not given"),
    "made": _(
        "The key is made. Save its file and keep a copy before you publish: without it nothing sealed to you opens."
    ),
    "would-hold": _("Checked as the officer will check it, and it would be taken. No answer was sent."),
    "whole": _("It is complete and would be taken. Nothing was filed."),
    "nothing-sent": _("Nothing was sent. Put right what is named."),
    "outcome": _("Outcome"),
    "record": _("Record"),
    "grounds": _("Grounds"),
    "basis": _("Basis"),
    "case": _("Case reference"),
    "officer": _("Role of who asks"),
    "question": _("The reviewer asks"),
    "answer-back": _("The officer answers"),
    "ask": _("What the officer asks"),
    "complete": _("What is asked, sent anew"),
    "answer": _("The operator's answer"),
    "at": _("at"),
    "port": _("port"),
    "colon": _(": "),
    "comma": _(", "),
    "semicolon": _("; "),
    "stop": _("."),
    "bracketed": _("{one} ({more})"),
}
"""What the script of these pages says."""
