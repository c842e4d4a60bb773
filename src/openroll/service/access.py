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
_LEADS = frozenset({"operator-lead", "registrar-lead", "officer-lead", "reviewer-lead"})
_TOKEN = frozenset({"token"})
_SIGNED_IN = _SUBSCRIBER | _MEMBERS

ROUTES: dict[str, frozenset[str]] = {
    "GET /": _ANYONE,
    "GET /robots.txt": _ANYONE,
    "GET /static/{file_path:path}": _ANYONE,
    "HEAD /static/{file_path:path}": _ANYONE,
    "GET /{lang:str}": _ANYONE,
    "GET /{lang:str}/rule": _ANYONE,
    "GET /{lang:str}/rule/history": _ANYONE,
    "GET /{lang:str}/figures": _ANYONE,
    "GET /{lang:str}/figures/{table:str}/chart": _ANYONE,
    "GET /figures/{form:str}": _ANYONE,
    "GET /{lang:str}/log": _ANYONE,
    "GET /{lang:str}/verify": _ANYONE,
    "GET /{lang:str}/help": _ANYONE,
    # Filing and opening a filing.
    "GET /{lang:str}/file": _ANYONE,
    "POST /{lang:str}/file": _ANYONE,
    "GET /{lang:str}/find": _ANYONE,
    "POST /{lang:str}/find": _ANYONE,
    "POST /{lang:str}/disclosures": _ANYONE,
    "GET /{lang:str}/mine": _SUBSCRIBER,
    "GET /{lang:str}/mine/{act:str}": _SUBSCRIBER,
    "POST /{lang:str}/mine/{act:str}": _SUBSCRIBER,
    "GET /{lang:str}/mine/receipts/{version:int}": _SUBSCRIBER,
    "GET /{lang:str}/mine/receipts/{version:int}/proof": _SUBSCRIBER,
    "GET /{lang:str}/mine/receipts/{version:int}/pdf": _SUBSCRIBER,
    # Ways in and out.
    "GET /{lang:str}/sign-in": _ANYONE,
    "POST /{lang:str}/sign-in/null": _ANYONE,
    "GET /{lang:str}/sign-in/with/{organisation:str}": _ANYONE,
    "GET /sign-in/back/{lang:str}": _ANYONE,
    "GET /{lang:str}/join": _ANYONE,
    "POST /{lang:str}/join": _ANYONE,
    "POST /{lang:str}/passkey/sign-in/options": _ANYONE,
    "POST /{lang:str}/passkey/sign-in": _ANYONE,
    "POST /{lang:str}/passkey/join/options": _ANYONE,
    "POST /{lang:str}/passkey/join": _ANYONE,
    "POST /{lang:str}/passkey/hold/options": _SUBSCRIBER,
    "POST /{lang:str}/passkey/hold": _SUBSCRIBER,
    "POST /{lang:str}/passkey/add/options": _MEMBERS,
    "POST /{lang:str}/passkey/add": _MEMBERS,
    "POST /{lang:str}/sign-out": _SIGNED_IN,
    # People of any organisation.
    "GET /{lang:str}/office": _OFFICE,
    "GET /{lang:str}/people": _MEMBERS,
    "POST /{lang:str}/people/invite": _LEADS,
    "POST /{lang:str}/people/uninvite": _LEADS,
    "POST /{lang:str}/people/{number:int}/end": _LEADS,
    # Operators.
    "GET /{lang:str}/operator": _OPERATOR,
    "GET /{lang:str}/operator/files": _OPERATOR,
    "POST /{lang:str}/operator/files": _OPERATOR,
    "GET /{lang:str}/operator/files/{number:int}": _OPERATOR,
    "GET /{lang:str}/operator/files/{number:int}/progress": _OPERATOR,
    "GET /{lang:str}/operator/files/{number:int}/faults": _OPERATOR,
    "POST /{lang:str}/operator/files/{number:int}/mend": _OPERATOR,
    "GET /{lang:str}/operator/duties": _OPERATOR,
    "GET /{lang:str}/operator/records": _OPERATOR,
    "POST /{lang:str}/operator/records": _OPERATOR,
    "POST /{lang:str}/operator/records/release": _OPERATOR,
    "GET /{lang:str}/operator/letters": _OPERATOR,
    "GET /{lang:str}/operator/letters/{first:int}": _OPERATOR,
    "GET /{lang:str}/operator/tokens": frozenset({"operator-lead"}),
    "POST /{lang:str}/operator/tokens": frozenset({"operator-lead"}),
    "POST /{lang:str}/operator/tokens/{number:int}/end": frozenset({"operator-lead"}),
    # The registrar.
    "GET /{lang:str}/registrar": _REGISTRAR,
    "GET /{lang:str}/registrar/work": _REGISTRAR,
    "POST /{lang:str}/registrar/work/{number:int}/take": _REGISTRAR,
    "POST /{lang:str}/registrar/work/{number:int}/done": _REGISTRAR,
    "GET /{lang:str}/registrar/rules": _REGISTRAR,
    "POST /{lang:str}/registrar/rules": _REGISTRAR,
    "POST /{lang:str}/registrar/rules/{number:int}/publish": _REGISTRAR,
    "POST /{lang:str}/registrar/rules/{number:int}/drop": _REGISTRAR,
    "GET /{lang:str}/registrar/figures": _REGISTRAR,
    "POST /{lang:str}/registrar/figures": _REGISTRAR,
    "GET /{lang:str}/registrar/organisations": _REGISTRAR,
    "POST /{lang:str}/registrar/organisations": frozenset({"registrar-lead"}),
    "POST /{lang:str}/registrar/organisations/{name:str}/invite": frozenset({"registrar-lead"}),
    "GET /{lang:str}/registrar/records": _REGISTRAR,
    "POST /{lang:str}/registrar/records": _REGISTRAR,
    # Programs.
    "GET /api": _ANYONE,
    "GET /api/openapi.json": _ANYONE,
    "GET /api/{path:str}": _ANYONE,
    "GET /api/v1/rule": _ANYONE,
    "GET /api/v1/figures": _ANYONE,
    "GET /api/v1/log": _ANYONE,
    "POST /api/v1/record": _ANYONE,
    "POST /api/v1/receipt": _ANYONE,
    "POST /api/v1/filings": _TOKEN,
    "POST /api/v1/files": _TOKEN,
    "GET /api/v1/filings/{handle:str}": _TOKEN,
    "GET /api/v1/filings/{handle:str}/duties": _TOKEN,
    "GET /api/v1/filings/{handle:str}/receipts/{version:int}": _TOKEN,
    "GET /log/checkpoint": _ANYONE,
    "GET /log/keys": _ANYONE,
    "GET /log/tile/{rest:path}": _ANYONE,
}
"""Who may call which route: method and path as the router knows it."""

_KEEPER = frozenset({"keeper"})
COMMANDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("rule list", "rule show", "rule check", "rule duties", "rule diff", "rule schema", "pack"), _ANYONE
    ),
    **dict.fromkeys(
        (
            "init",
            "upgrade",
            "admit",
            "invite",
            "provider",
            "token issue",
            "token revoke",
            "codes",
            "file",
            "reconcile",
            "log sequence",
            "log fsck",
            "rebuild",
            "receipt",
            "key",
            "serve",
            "bench",
        ),
        _KEEPER,
    ),
}
"""Who may run which command. Commands on rules and `pack` need no roll; the rest act with the keys on the keeper's disk."""

FOUR_EYES: dict[str, tuple[str, str]] = {
    "rule": ("POST /{lang:str}/registrar/rules", "POST /{lang:str}/registrar/rules/{number:int}/publish"),
}
"""Acts that need two people: the route of the first, the route of the second, who may not be the same seat."""


def who_may(method: str, path: str) -> frozenset[str]:
    """The roles that may call a route; empty for one that is not in the table. OPTIONS says nothing but methods."""
    if method == "OPTIONS":
        return _ANYONE
    return ROUTES.get(f"{method} {path}", frozenset())
