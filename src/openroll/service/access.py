"""Who may do what: the one table of every route and every command, and the roles that may call it.

A route that is not here is closed. `tests/web/test_access.py` walks the application's routes against this table and the table
against the routes, and calls every route as every role. Roles:

- `anyone`; `subscriber`, whose session opens one record; `token`, an operator's program (its token is checked with the filing);
- `clerk` and `operator-lead`, `registrar` and `registrar-lead`, `officer` and `officer-lead`, `reviewer` and `reviewer-lead`:
  a lead may do what the others of the organisation may, and lets people in and out;
- `keeper`: whoever runs commands on the machine that keeps the roll.

Roles say which door; that behind it everyone finds their own organisation's or record's things only is held by the service and
by the database's row-level security.
"""

_ANYONE = frozenset({"anyone"})
_SUBSCRIBER = frozenset({"subscriber"})
_OPERATOR = frozenset({"clerk"})
_REGISTRAR = frozenset({"registrar"})
_OFFICE = frozenset({"officer", "reviewer"})
_MEMBERS = frozenset({"clerk", "registrar", "officer", "reviewer"})
_OFFICER = frozenset({"officer"})
_PARTIES = _OPERATOR | _OFFICE
_LEADS = frozenset({"operator-lead", "registrar-lead", "officer-lead", "reviewer-lead"})
_LEADS_OF_PARTIES = frozenset({"operator-lead", "officer-lead", "reviewer-lead"})
_READERS = frozenset({"registrar-lead", "operator-lead", "officer-lead", "reviewer"})
_TOKEN = frozenset({"token"})
_SIGNED_IN = _SUBSCRIBER | _MEMBERS

ROUTES: dict[str, frozenset[str]] = {
    "GET /": _ANYONE,
    "GET /robots.txt": _ANYONE,
    "GET /.well-known/security.txt": _ANYONE,
    "GET /static/{file_path}": _ANYONE,
    "HEAD /static/{file_path}": _ANYONE,
    "GET /{lang}": _ANYONE,
    "GET /{lang}/rule": _ANYONE,
    "GET /{lang}/rule/history": _ANYONE,
    # Sites, by the registries' protocol.
    "GET /rdap": _ANYONE,
    "GET /rdap/{rest}": _ANYONE,
    "GET /{lang}/figures": _ANYONE,
    "GET /{lang}/figures/{table}/chart": _ANYONE,
    "GET /{lang}/what-if": _ANYONE,
    "GET /{lang}/what-if/progress": _ANYONE,
    "GET /{lang}/what-if/{chart}/chart": _ANYONE,
    "GET /{lang}/requests": _ANYONE,
    "GET /{lang}/requests/{number}": _ANYONE,
    "GET /{lang}/notices": _ANYONE,
    "GET /{lang}/sites": _ANYONE,
    "GET /{lang}/sites/decay": _ANYONE,
    "GET /{lang}/sites/decay/chart": _ANYONE,
    "GET /{lang}/sites/{site}": _ANYONE,
    "GET /sites/{site}/badge": _ANYONE,
    "GET /what-if/city": _ANYONE,
    "GET /figures/{form}": _ANYONE,
    "GET /figures/published/{day}": _ANYONE,
    "GET /{lang}/log": _ANYONE,
    "GET /{lang}/verify": _ANYONE,
    "GET /{lang}/verify/alone": _ANYONE,
    "GET /{lang}/help": _ANYONE,
    # Filing and opening a filing.
    "GET /{lang}/file": _ANYONE,
    "POST /{lang}/file": _ANYONE,
    "GET /{lang}/find": _ANYONE,
    "POST /{lang}/find": _ANYONE,
    "POST /{lang}/disclosures": _ANYONE,
    # The link in a mail: the word in it lets in.
    "GET /{lang}/mails/{word}": _ANYONE,
    "POST /{lang}/mails/{word}": _ANYONE,
    "GET /{lang}/mine": _SUBSCRIBER,
    "GET /{lang}/mine/{act}": _SUBSCRIBER,
    "POST /{lang}/mine/{act}": _SUBSCRIBER,
    "GET /{lang}/mine/receipts/{version}": _SUBSCRIBER,
    "GET /{lang}/mine/receipts/{version}/proof": _SUBSCRIBER,
    "GET /{lang}/mine/receipts/{version}/pdf": _SUBSCRIBER,
    # Ways in and out.
    "GET /{lang}/sign-in": _ANYONE,
    "POST /{lang}/sign-in/null": _ANYONE,
    "GET /{lang}/sign-in/with/{organisation}": _ANYONE,
    "GET /sign-in/back/{lang}": _ANYONE,
    "GET /{lang}/join": _ANYONE,
    "POST /{lang}/join": _ANYONE,
    "POST /{lang}/passkey/sign-in/options": _ANYONE,
    "POST /{lang}/passkey/sign-in": _ANYONE,
    "POST /{lang}/passkey/join/options": _ANYONE,
    "POST /{lang}/passkey/join": _ANYONE,
    "POST /{lang}/passkey/hold/options": _SUBSCRIBER,
    "POST /{lang}/passkey/hold": _SUBSCRIBER,
    "POST /{lang}/passkey/add/options": _MEMBERS,
    "POST /{lang}/passkey/add": _MEMBERS,
    "POST /{lang}/people/passkeys/end": _MEMBERS,
    "POST /{lang}/people/sessions/end": _MEMBERS,
    "POST /{lang}/sign-out": _SIGNED_IN,
    # People of any organisation.
    "GET /{lang}/office": _OFFICE,
    # Requests, in the eyes of the bodies that act in them.
    "GET /{lang}/desk": _PARTIES,
    "GET /{lang}/desk/{number}": _PARTIES,
    "POST /{lang}/desk/{number}": _PARTIES,
    "POST /{lang}/desk/{number}/envelopes": _PARTIES,
    "GET /{lang}/desk/keys": _PARTIES,
    "POST /{lang}/desk/keys": _LEADS_OF_PARTIES,
    "GET /{lang}/desk/tokens": _PARTIES,
    "POST /{lang}/desk/tokens": _PARTIES,
    "POST /{lang}/desk/tokens/{number}/end": _PARTIES,
    "GET /{lang}/desk/uses": _OFFICER,
    "POST /{lang}/desk/uses": frozenset({"officer-lead"}),
    "GET /{lang}/desk/lists": _PARTIES,
    "GET /{lang}/desk/ask": _OFFICER,
    "POST /{lang}/desk/ask": _OFFICER,
    "GET /{lang}/people": _MEMBERS,
    "POST /{lang}/people/confirm": _LEADS,
    "POST /{lang}/people/invite": _LEADS,
    "POST /{lang}/people/uninvite": _LEADS,
    "POST /{lang}/people/{number}/end": _MEMBERS,
    # The words of rules, read and signed by people of several organisations.
    "GET /{lang}/readings": _READERS,
    "GET /{lang}/readings/{digest}": _READERS,
    "POST /{lang}/readings/{digest}": _READERS,
    # Operators.
    "GET /{lang}/operator": _OPERATOR,
    "GET /{lang}/operator/files": _OPERATOR,
    "POST /{lang}/operator/files": _OPERATOR,
    "GET /{lang}/operator/files/{number}": _OPERATOR,
    "GET /{lang}/operator/files/{number}/progress": _OPERATOR,
    "GET /{lang}/operator/files/{number}/faults": _OPERATOR,
    "POST /{lang}/operator/files/{number}/mend": _OPERATOR,
    "GET /{lang}/operator/duties": _OPERATOR,
    "GET /{lang}/operator/records": _OPERATOR,
    "POST /{lang}/operator/records": _OPERATOR,
    "POST /{lang}/operator/records/receipts": _OPERATOR,
    "POST /{lang}/operator/records/release": _OPERATOR,
    "GET /{lang}/operator/unconfirmed": _OPERATOR,
    "POST /{lang}/operator/unconfirmed": _OPERATOR,
    "GET /{lang}/operator/porting": _OPERATOR,
    "POST /{lang}/operator/porting": _OPERATOR,
    "GET /{lang}/operator/sites": _OPERATOR,
    "GET /{lang}/operator/sites/new": _OPERATOR,
    "POST /{lang}/operator/sites/new": _OPERATOR,
    "GET /{lang}/operator/sites/list": _OPERATOR,
    "POST /{lang}/operator/sites/list": _OPERATOR,
    "GET /{lang}/operator/sites/{site}": _OPERATOR,
    "POST /{lang}/operator/sites/{site}": _OPERATOR,
    "GET /{lang}/operator/letters": _OPERATOR,
    "GET /{lang}/operator/letters/{first}": _OPERATOR,
    "POST /{lang}/operator/letters/{first}": _OPERATOR,
    "GET /{lang}/operator/succession": frozenset({"operator-lead"}),
    "POST /{lang}/operator/succession": frozenset({"operator-lead"}),
    "GET /{lang}/operator/tokens": frozenset({"operator-lead"}),
    "POST /{lang}/operator/tokens": frozenset({"operator-lead"}),
    "POST /{lang}/operator/tokens/{number}/replace": frozenset({"operator-lead"}),
    "POST /{lang}/operator/tokens/{number}/end": frozenset({"operator-lead"}),
    # The registrar.
    "GET /{lang}/registrar": _REGISTRAR,
    "GET /{lang}/registrar/work": _REGISTRAR,
    "POST /{lang}/registrar/work/{number}/take": _REGISTRAR,
    "POST /{lang}/registrar/work/{number}/done": _REGISTRAR,
    "GET /{lang}/registrar/rules": _REGISTRAR,
    "POST /{lang}/registrar/rules": _REGISTRAR,
    "POST /{lang}/registrar/rules/{number}/publish": _REGISTRAR,
    "POST /{lang}/registrar/rules/{number}/drop": _REGISTRAR,
    "GET /{lang}/registrar/jurisdiction": _REGISTRAR,
    "POST /{lang}/registrar/jurisdiction": _REGISTRAR,
    "GET /{lang}/registrar/figures": _REGISTRAR,
    "POST /{lang}/registrar/figures": _REGISTRAR,
    "GET /{lang}/registrar/organisations": _REGISTRAR,
    "POST /{lang}/registrar/organisations": frozenset({"registrar-lead"}),
    "POST /{lang}/registrar/organisations/{name}/invite": frozenset({"registrar-lead"}),
    "GET /{lang}/registrar/organisations/{name}/tokens": frozenset({"registrar-lead"}),
    "POST /{lang}/registrar/organisations/{name}/tokens/{number}/end": frozenset({"registrar-lead"}),
    "GET /{lang}/registrar/succession": _REGISTRAR,
    "POST /{lang}/registrar/succession": _REGISTRAR,
    "GET /{lang}/registrar/records": _REGISTRAR,
    "POST /{lang}/registrar/records": _REGISTRAR,
    "POST /{lang}/registrar/records/receipts": _REGISTRAR,
    # Programs.
    "GET /api": _ANYONE,
    "GET /api/openapi.json": _ANYONE,
    "GET /api/{path}": _ANYONE,
    "GET /api/v1/rule": _ANYONE,
    "GET /api/v1/rules": _ANYONE,
    "GET /api/v1/rules/{digest}": _ANYONE,
    "GET /api/v1/figures": _ANYONE,
    "GET /api/v1/log": _ANYONE,
    "POST /api/v1/record": _ANYONE,
    "POST /api/v1/receipt": _ANYONE,
    "POST /api/v1/filings": _TOKEN,
    "POST /api/v1/files": _TOKEN,
    "GET /api/v1/unconfirmed": _TOKEN,
    "POST /api/v1/unconfirmed": _TOKEN,
    "GET /api/v1/porting": _TOKEN,
    "POST /api/v1/porting": _TOKEN,
    "GET /api/v1/filings/{handle}": _TOKEN,
    "GET /api/v1/filings/{handle}/duties": _TOKEN,
    "GET /api/v1/filings/{handle}/receipts/{version}": _TOKEN,
    # Requests: what the log tells anybody, what a person does who was told, and what bodies do by their programs.
    "GET /api/v1/requests": _ANYONE,
    "GET /api/v1/requests/late": _ANYONE,
    "GET /api/v1/requests/figures": _ANYONE,
    "GET /api/v1/requests/figures/log": _ANYONE,
    "GET /api/v1/requests/{number}": _ANYONE,
    "GET /api/v1/uses": _ANYONE,
    "GET /api/v1/envelope-keys/{organisation}": _ANYONE,
    "GET /api/v1/uses/{number}": _ANYONE,
    "GET /api/v1/notices": _ANYONE,
    "GET /api/v1/notices/{number}": _ANYONE,
    "GET /api/v1/told/{month}": _ANYONE,
    "POST /api/v1/complaints": _ANYONE,
    # What a person gave to somebody: taken back, or shown before? The number is the right to ask, its word to take it back.
    "GET /api/v1/grants/{grant}": _ANYONE,
    "POST /api/v1/grants/taken-back": _ANYONE,
    "POST /api/v1/grants/{grant}/shown": _ANYONE,
    "GET /api/v1/seat": _TOKEN,
    "GET /api/v1/requests/own": _TOKEN,
    "POST /api/v1/requests": _TOKEN,
    "POST /api/v1/requests/{number}/envelopes": _TOKEN,
    "POST /api/v1/requests/{number}/steps": _TOKEN,
    "POST /api/v1/envelope-keys": _TOKEN,
    "POST /api/v1/envelope-keys/{key}/end": _TOKEN,
    "POST /api/v1/uses": _TOKEN,
    "POST /api/v1/uses/{number}/end": _TOKEN,
    # Sites: filed by the operators that host them, and looked up by anybody; organisations' as a list, too.
    "GET /api/v1/sites": _ANYONE,
    "GET /api/v1/sites/{site}": _ANYONE,
    "GET /api/v1/sites.csv": _ANYONE,
    "GET /api/v1/sites.ndjson": _ANYONE,
    "GET /api/v1/sites.parquet": _ANYONE,
    "GET /api/v1/sites/changes": _ANYONE,
    "GET /api/v1/sites/figures": _ANYONE,
    "GET /api/v1/sites/{site}/facts": _TOKEN,
    "POST /api/v1/sites": _TOKEN,
    "POST /api/v1/sites/{site}/steps": _TOKEN,
    "GET /log/checkpoint": _ANYONE,
    "GET /log/keys": _ANYONE,
    "GET /log/keys/history": _ANYONE,
    "GET /log/key-history.json": _ANYONE,
    "GET /log/policy": _ANYONE,
    "GET /log/tile/{rest}": _ANYONE,
    # Sizes, counts and shares: the log page tells the log's, and how full a throttle is, whoever asks too much is told anyway.
    "GET /metrics": _ANYONE,
}
"""Who may call which route: method and path as the router knows it."""

_KEEPER = frozenset({"keeper"})
COMMANDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "words new",
            "words check",
            "words export",
            "words import",
            "jurisdiction list",
            "jurisdiction show",
            "jurisdiction check",
            "jurisdiction new",
            "jurisdiction schema",
            "rule list",
            "rule show",
            "rule check",
            "rule duties",
            "rule diff",
            "rule schema",
            "rule procedure",
            "rule words",
            "whatif run",
            "whatif compare",
            "whatif sweep",
            "whatif cities",
            "whatif city",
            "whatif fit",
            "pack",
            "handle new-key",
            "handle of",
            "handle rekey",
            "handle accounts",
            "envelope new-key",
            "envelope public",
            "envelope seal",
            "envelope open",
            "notice code",
            "notice bucket",
            "notice read",
            "notice list",
            "notice complain",
            "disclosure give",
            "disclosure take-back",
            "disclosure sd-jwt",
            "disclosure present",
            "disclosure read-sd-jwt",
            "verify",
            "site check",
            "site watch",
            "site file",
            "site show",
            "site seen",
            "site tell",
            "site recount",
            "request publish-key",
            "request end-key",
            "request register-use",
            "request end-use",
            "request uses",
            "request list",
            "request public",
            "request show",
            "request figures",
            "request recount",
            "request file",
            "request complete",
            "request ask-back",
            "request answer-back",
            "request approve",
            "request second",
            "request refuse",
            "request return",
            "request postpone",
            "request extend",
            "request call-back",
            "request confirm",
            "request withdraw",
            "request preserve",
            "request nobody",
            "request object",
            "request let-pass",
            "request sign",
            "request take",
            "request read",
            "request answer",
            "request not-given",
            "request tell",
            "request export",
            "audit",
            "evidence",
            "log followed",
            "mirror",
            "receipt upgrade",
            "receipt explain",
            "receipt repair",
            "receipt fetch",
            "witness init",
            "witness watch",
            "witness look",
            "witness key",
            "witness serve",
            "witness show",
            "witness forward",
            "witness resume-after-contradiction",
        ),
        _ANYONE,
    ),
    **dict.fromkeys(
        (
            "init",
            "upgrade",
            "database roles",
            "database reseal",
            "admit",
            "invite",
            "provider",
            "token issue",
            "token list",
            "token replace",
            "token end",
            "token revoke",
            "codes",
            "letters",
            "handle left",
            "file",
            "reconcile",
            "jurisdiction propose",
            "jurisdiction save",
            "unconfirmed list",
            "unconfirmed say",
            "unconfirmed lapse",
            "porting list",
            "porting offer",
            "porting ask",
            "porting agree",
            "porting withdraw",
            "succession list",
            "succession announce",
            "succession carry-out",
            "succession withdraw",
            "succession leave",
            "work list",
            "status",
            "work run",
            "log sequence",
            "log fsck",
            "log rotate-key",
            "log revoke-key",
            "log hold",
            "log resume",
            "log reorder",
            "log begin-anew",
            "backup make",
            "backup follow",
            "backup stop",
            "backup list",
            "backup verify",
            "restore",
            "escrow deposit",
            "escrow check",
            "escrow open",
            "rebuild",
            "receipt",
            "receipt make",
            "key",
            "serve",
            "bench",
        ),
        _KEEPER,
    ),
}
"""Who may run which command. Commands for anyone need no roll of one's own; the rest act with the keys on the keeper's
disk."""

FOUR_EYES: dict[str, tuple[str, str]] = {
    "rule": ("POST /{lang}/registrar/rules", "POST /{lang}/registrar/rules/{number}/publish"),
    "jurisdiction": ("POST /{lang}/registrar/jurisdiction", "POST /{lang}/registrar/rules/{number}/publish"),
    "seat": ("POST /{lang}/people/invite", "POST /{lang}/people/confirm"),
    "succession": ("POST /{lang}/registrar/succession", "POST /{lang}/registrar/succession"),
    "words of a rule": ("POST /{lang}/readings/{digest}", "POST /{lang}/readings/{digest}"),
    "release": ("POST /{lang}/operator/records/release", "POST /{lang}/operator/records/release"),
}
"""Acts that need two people: the route of the first, the route of the second. Who counts as two is in `register.seats`."""
WHILE_WAITING = frozenset(
    {
        "POST /{lang}/sign-out",
        "POST /{lang}/operator/records",
        "POST /{lang}/people/{number}/end",
        "POST /{lang}/passkey/add/options",
        "POST /{lang}/passkey/add",
        "POST /{lang}/people/passkeys/end",
        "POST /{lang}/people/sessions/end",
        *(line for line, roles in ROUTES.items() if line.startswith("POST") and "anyone" in roles),
    }
)
"""What somebody in a new seat that nobody has confirmed may send: nothing that is stored, but for giving the seat up and for
passkeys of its own."""


GIVES_OUT: dict[str, str] = {
    "GET /{lang}/operator/letters": "the way to the letters",
    "GET /{lang}/operator/letters/{first}": "the button that makes letters",
    "POST /{lang}/operator/letters/{first}": "filing codes: each opens one filing to whoever holds it",
    "GET /{lang}/operator/tokens": "the page that issues tokens of the operator's programs",
    "GET /{lang}/desk/tokens": "the page on which a seat makes its own token",
    "GET /{lang}/registrar/organisations/{name}/tokens": "the page that ends tokens of others' programs",
}
"""What hands out a power, and pages that lead to where one is: not for a seat that waits, which only reads.

What is got hands out nothing itself: a link on a stranger's page gets it in the name of whoever follows."""


def while_waiting(method: str, path: str) -> bool:
    """Whether somebody whose seat waits to be confirmed may call a route that their role may."""
    line = f"{method} {path}"
    return line in WHILE_WAITING or (
        method in ("GET", "HEAD", "OPTIONS") and line.replace("HEAD", "GET") not in GIVES_OUT
    )


_OF_ONESELF = WHILE_WAITING - {"POST /{lang}/operator/records"}


def from_outside(method: str, path: str) -> bool:
    """Whether somebody may call a route whose seat waits and to which nobody of its organisation invited.

    That is what anybody may, and what is one's own: until somebody of the organisation has spoken, or its silence has, nothing
    of it is theirs to read.
    """
    line = f"{method} {path}"
    return line in _OF_ONESELF or "anyone" in who_may("GET" if method == "HEAD" else method, path)


def is_act(method: str) -> bool:
    """Whether a call may write: what is sent does. What is got writes nothing (`tests/web/test_access.py` walks it all)."""
    return method == "POST"


_LOOK_UPS = frozenset(
    {
        "GET /rdap",
        "GET /rdap/{rest}",
        "GET /sites/{site}/badge",
        "GET /api/v1/sites",
        "GET /api/v1/sites/{site}",
    }
)
"""What reads as a page does, and is none: sites are looked up by programs by the thousand."""


def is_public_page(method: str, path: str) -> bool:
    """Whether a call gets a page that anybody may read, or looks a site up as one; the ways in to a provider and back are none:
    they begin something."""
    return f"{method} {path}" in _LOOK_UPS or (
        method == "GET" and path.startswith("/{lang}") and "/sign-in/" not in path and who_may(method, path) == _ANYONE
    )


_SHOWS_NOBODY = frozenset(
    {
        "GET /{lang}/figures/{table}/chart",
        "GET /{lang}/what-if/progress",
        "GET /{lang}/what-if/{chart}/chart",
        "GET /{lang}/verify/alone",
    }
)
"""Of what has a language in its address, what is the same for everybody: no page around it shows who is signed in."""


def asks_for_nobody(method: str, path: str) -> bool:
    """Whether a call is answered alike whoever asks, so that no session is looked for: a static file, a log's tile, a badge.

    It goes on without the database, unless its own answer is from there.
    """
    if f"{method} {path}" in _SHOWS_NOBODY or method == "OPTIONS":
        return True
    return who_may(method, path) == _ANYONE and not path.startswith(("/{lang}", "/sign-in/"))


def who_may(method: str, path: str) -> frozenset[str]:
    """The roles that may call a route; empty for one that is not in the table. OPTIONS says nothing but methods."""
    if method == "OPTIONS":
        return _ANYONE
    return ROUTES.get(f"{method} {path}", frozenset())
