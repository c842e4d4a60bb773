"""Commands on who may act: invitations and providers."""

from pathlib import Path

from cyclopts import App

from openroll.cli.arguments import Language
from openroll.cli.output import clock_time, command, err, fail, out, refuse
from openroll.cli.wiring import Wiring
from openroll.register.decision import Refused
from openroll.register.organisation.roles import REGISTRAR, lead_of
from openroll.rules.language import ENGLISH
from openroll.service.filing.letters import count_letters
from openroll.service.identity.oidc.code_flow import use_provider
from openroll.service.identity.oidc.provider import Provider
from openroll.service.identity.people import INVITATION_LASTS, is_led_by_nobody, organisations, usual_label
from openroll.service.identity.people import invite as invite_person

LETTERS_FIRST = (
    " Whoever comes so is told no filing code of what was filed before, nor is anybody else at {of}: print the letters first"
    " (`openroll letters --operator {of} -o FOLDER`), and post them or hand them to {of}."
)
WAITS = (
    "{of} has begun (it filed, or a token lets its programs in) and has no lead: whoever takes this seat waits for a notice of a"
    " lead of the registrar, two weeks at the least. Where its programs have a token, that is its word: `openroll invite {of}"
    " --token-file FILE` gives a link to a seat that a lead of the registrar confirms at once; replace the token afterwards."
)


def say_invite_first(operator: str) -> str:
    """That the first lead of an operator takes their seat before anything of it is there."""
    return (
        f"{operator} has no lead yet. Give its first lead the link of {command('invite', operator)}, and have them take the seat"
        " before its first file or token: whoever comes later waits two weeks or more, and is told no filing code of what was"
        " filed before."
    )


def add(app: App, wiring: Wiring) -> None:
    """Add the commands on people."""

    _add_invite(app, wiring)
    _add_provider(app, wiring)


def _add_invite(app: App, wiring: Wiring) -> None:
    @app.command
    def invite(
        organisation: str = "registrar",
        /,
        *,
        role: str = "",
        label: str = "",
        lang: Language | None = None,
        token_file: Path | None = None,
    ) -> None:
        """Invite somebody to a seat: prints a link, good for a week and for one person.

        Parameters
        ----------
        organisation
            Its short name; the registrar itself unless said otherwise.
        role
            The role (default: the organisation's lead, who can invite the rest on the pages).
        label
            What colleagues call the seat (default: its role, and that it is the keeper's). It need not be a name.
        lang
            The language of the page the link opens: one of the roll's (default: English where it is one, else its main one).
        token_file
            A file with a token of the organisation's programs: it is their word that it wants this seat, where no lead of it can
            say so.
        """
        roll = wiring.roll()
        languages = roll.languages
        if lang is None:
            lang = ENGLISH if ENGLISH in languages else languages[0]
        if lang not in languages:
            fail(f"This roll speaks {', '.join(languages)}, not {lang}.")
        kind = next((one.kind for one in organisations(roll) if one.name == organisation), "registrar")
        role = role or lead_of(kind)
        token = "" if token_file is None else token_file.read_text(encoding="utf-8").strip()
        if token_file is not None and not token:
            fail(f"{token_file} is empty: it is to hold a token of the organisation's programs.")
        label = label or usual_label(roll, organisation, role)
        until = clock_time(roll.clock() + INVITATION_LASTS)
        secret = invite_person(roll, organisation, role, label, token=token)
        if isinstance(secret, Refused):
            refuse(secret)
        out.print(f"{wiring.address}/{lang}/join#{secret}", soft_wrap=True)
        others = [one for one in languages if one != lang]
        also = f" Its page is in {lang}; invite with --lang for {' or '.join(others)}." if others else ""
        err.print(
            f"The link lets one person take a seat of {organisation} ({role}, “{label}”) until {until}, and is shown once.{also}",
            soft_wrap=True,
        )
        if kind != REGISTRAR and is_led_by_nobody(roll, organisation):
            codes = LETTERS_FIRST if kind == "operator" and count_letters(roll, organisation) else ""
            err.print(f"{'' if token else WAITS}{codes}".format(of=organisation).strip(), soft_wrap=True)


def _add_provider(app: App, wiring: Wiring) -> None:
    @app.command
    def provider(organisation: str, /, *, issuer: str, client_id: str, secret_file: Path | None = None) -> None:
        """Have an organisation's people sign in with its own OpenID Connect provider, beside passkeys.

        At the provider, allow ADDRESS/sign-in/back/LANGUAGE for each language of the roll (zh, en) as a redirect address.

        Parameters
        ----------
        organisation
            Its short name.
        issuer
            The provider's issuer, as https://id.example.
        client_id
            The name it knows this roll by.
        secret_file
            A file with the client's secret; none for a public client.
        """
        secret = secret_file.read_text(encoding="utf-8").strip() if secret_file else ""
        roll = wiring.roll()
        found = Provider(organisation=organisation, issuer=issuer, client_id=client_id, client_secret=secret)
        refused = use_provider(roll, found)
        if refused is not None:
            refuse(refused)
        out.print(f"People of {organisation} can sign in with {issuer}.")
