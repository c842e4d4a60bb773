"""The registrar's commands: open a roll, admit operators, issue and end tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from openroll.cli.arguments import spoken
from openroll.cli.jurisdiction_files import basis_named, folder_named
from openroll.cli.output import err, fail, out, refuse
from openroll.cli.people import say_invite_first
from openroll.cli.wiring import Wiring
from openroll.cli.words_files import check_words, take_words
from openroll.places import Bundle, full_name, speaking
from openroll.register.decision import Refused
from openroll.register.organisation.commands import AdmitOperator
from openroll.register.organisation.roles import KEEPER
from openroll.register.roll.commands import OpenRoll
from openroll.rules.language import ENGLISH, TAG
from openroll.service.governance.database_seal import reseal
from openroll.service.governance.open_roll import (
    Basis,
    admit_operator,
    check_opening,
    open_roll,
    role_script,
    roles_there,
    upgrade_roll,
)
from openroll.service.identity.oidc.code_flow import seal_secrets
from openroll.words.catalogue import gettext, has_words
from openroll.words.labels import REGISTRAR

Titles = Annotated[tuple[str, ...], Parameter(negative="")]
OldTitle = Annotated[str, Parameter(show=False)]
"""Options of before titles were by language; scripts that give them go on working."""


def _by_language(given: Sequence[str], option: str = "title", **old: str) -> dict[str, str]:
    """The texts of `--title LANGUAGE=TEXT`, or of another option, by language."""
    named = {lang: text for lang, text in old.items() if text}
    for one in given:
        lang, equals, text = one.partition("=")
        if not (equals and TAG.fullmatch(lang) and text.strip()):
            fail(f"--{option} {one}: expected a language and a text, as --{option} {ENGLISH}=Our roll")
        named[lang] = text.strip()
    return named


def _registrar(given: Sequence[str], languages: Sequence[str]) -> dict[str, str]:
    """Who keeps the roll, by language: as given, one name for all, or only what it is."""
    (first, *others) = given or ("",)
    if not given:
        return {lang: gettext(lang, REGISTRAR) for lang in languages}
    if others or TAG.fullmatch(first.partition("=")[0]):
        return _by_language(given, "registrar")
    return dict.fromkeys(languages, first)


def add(app: App, wiring: Wiring) -> None:
    """Add the registrar's commands."""

    _add_init(app, wiring)
    _add_upgrade(app, wiring)
    database = App(name="database", help="The database of the roll.")
    app.command(database)

    _add_roles(wiring, database)
    _add_admit(app, wiring)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a roll is opened with."""

    jurisdiction: Annotated[
        str, Parameter(help="Where: one that ships (`openroll jurisdiction list`), or a folder of files.")
    ] = ""
    rule: Annotated[
        str, Parameter(help="The rule, with overlays after +; a name or a path (default: the jurisdiction's first).")
    ] = ""
    title: Annotated[
        tuple[str, ...],
        Parameter(
            help="The roll's name in a language, as zh=某市登记册; again for each further one (default: the short name)."
        ),
    ] = ()
    language: Annotated[
        tuple[str, ...],
        Parameter(
            help="A language of the roll's pages, mails and papers, its main one first (default: the jurisdiction's)."
        ),
    ] = ()
    title_en: OldTitle = ""
    title_zh: OldTitle = ""
    registrar: Annotated[
        tuple[str, ...],
        Parameter(
            help="The body that keeps the roll; or its name in a language, as zh=某市公安局, and again for each further one."
        ),
    ] = ()
    districts: OldTitle = ""
    origin: Annotated[
        str, Parameter(help="The log's name for all time: a URL without scheme, as example.org/roll.")
    ] = ""
    demonstration: Annotated[bool, Parameter(help="Say in the roll's first entry that it is not a real one.")] = False

    def basis(self) -> Basis:
        """The jurisdiction and the rule, in the languages that were asked for. Exits with what was wrong."""
        with spoken("init"):
            basis = basis_named(self.jurisdiction or self.districts, self.rule, whole=True)
        return basis._replace(place=speaking(basis.place, self.language)) if self.language else basis

    def own_folder(self) -> Path | None:
        """The jurisdiction's folder; None where it ships, or where only a rule was named. Raises NotSaid."""
        named = self.jurisdiction or self.districts
        return folder_named(named) if named else None

    def command(self, name: str, place: Bundle) -> OpenRoll:
        """The opening of the roll of this name, which is its title where none is given."""
        languages = place.jurisdiction.languages
        return OpenRoll(
            roll=name,
            title=_by_language(self.title, zh=self.title_zh, en=self.title_en) or dict.fromkeys(languages, name),
            languages=languages,
            registrar=_registrar(self.registrar, languages),
            jurisdiction=full_name(place),
            demonstration=self.demonstration,
        )


def _add_init(app: App, wiring: Wiring) -> None:
    @app.command
    def init(*, opening: Opening = Opening(), dry_run: bool = False) -> None:
        """Open a roll in a jurisdiction, under a rule. A rule without the safeguards a live roll needs is refused.

        Parameters
        ----------
        dry_run
            Decide, and do nothing.
        """
        name = wiring.roll_name
        basis = opening.basis()
        with spoken("init"):
            folder = opening.own_folder()
            if folder is not None:
                check_words(folder)
        command = opening.command(name, basis.place)
        origin = opening.origin or f"openroll.example/{name}"
        if dry_run:
            database = wiring.database(making=True)
            opened = check_opening(database, wiring.roll_home, command, basis, origin=origin)
            if isinstance(opened, Refused):
                refuse(opened)
            out.print(f"Would open the roll {name} under {opened.rule}. Its log would be called {origin} for all time.")
            return
        roll = open_roll(
            wiring.database(making=True),
            wiring.roll_home,
            command,
            basis,
            origin=origin,
            clock=wiring.clock,
            random_bytes=wiring.random,
            given=wiring.given,
        )
        if isinstance(roll, Refused):
            refuse(roll)
        out.print(f"Opened the roll {name} under {roll.rule_name}.")
        if folder is not None:
            with spoken("init"):
                take_words(folder, wiring.roll_home)
        out.print(
            f"Its log is called {roll.origin} for all time{'' if opening.origin else '; --origin would have named it'}."
        )
        for lang in opening.language:
            if not has_words(lang):
                out.print(
                    f"No words of Openroll's own exist in {lang} yet: its pages say them in English, beside titles and rules"
                    " in their own words. docs/languages.md says how to add a catalogue."
                )
        out.print("The public keys of its log, with which receipts are checked (again: `openroll key > log.pub`):")
        for key in roll.keys.verifier_keys:
            out.print(f"  {key}")


def _add_upgrade(app: App, wiring: Wiring) -> None:
    @app.command
    def upgrade() -> None:
        """Bring the roll's tables to the shape this Openroll needs. Repeating it does nothing."""
        upgrade_roll(wiring.database(), wiring.roll_home, wiring.given)
        sealed = seal_secrets(wiring.roll())
        if sealed:
            out.print(
                f"Client secrets of providers that stood readable in the database: {sealed}. They are sealed now; older backups "
                "hold them, so have the providers give you new ones (`openroll provider`)."
            )
        out.print(f"The roll {wiring.roll_name} is up to date.")


def _add_roles(wiring: Wiring, database: App) -> None:
    @database.command
    def roles(*, sql: bool = False) -> None:
        """Which database roles the roll needs, and whether they are there.

        Parameters
        ----------
        sql
            Print what whoever keeps the server runs in psql where the roll's owner may not make roles; then set
            OPENROLL_RUNTIME_PASSWORD to the password given there.
        """
        if sql:
            print(role_script(wiring.database()), end="")  # noqa: T201 - to be piped into psql
            return
        for name, there in roles_there(wiring.database()).items():
            out.print(f"{name}: {'there' if there else 'missing'}")

    @database.command(name="reseal")
    def reseal_database() -> None:
        """Seal the database with the keys of this home, whatever keys sealed it before. Danger: those open it no longer.

        For a database that was brought back without its seal, or with a damaged one. A database whose log was signed by
        another home's keys is refused. Read docs/database.md, "Another seal", first.
        """
        reseal(wiring.database(), wiring.roll_home, wiring.given)
        out.print(
            f"The database of the roll {wiring.roll_name} is sealed with the keys of {wiring.roll_home} now. Other keys that it"
            " was sealed with before open it no longer."
        )


def _add_admit(app: App, wiring: Wiring) -> None:
    @app.command
    def admit(
        operator: str,
        /,
        *,
        title: Titles = (),
        title_en: OldTitle = "",
        title_zh: OldTitle = "",
        kind: str = "access-operator",
        dry_run: bool = False,
    ) -> None:
        """Admit an operator under a short name (an official act: it stands in the public log).

        Parameters
        ----------
        operator
            Its short name: 2 to 32 lower-case letters, digits and hyphens.
        title
            Its name in a language, as zh=巴渝宽网; again for each further language.
        kind
            access-operator, interconnecting-operator or information-operator.
        dry_run
            Decide, and do nothing.
        """
        by_language = _by_language(title, zh=title_zh, en=title_en)
        command = AdmitOperator(operator=operator, title=by_language, kind=kind, by=str(KEEPER))
        decision = admit_operator(wiring.roll(), command, dry_run=dry_run)
        if isinstance(decision, Refused):
            refuse(decision)
        out.print(f"{'Would admit' if dry_run else 'Admitted'} {operator}.")
        if not dry_run:
            err.print(say_invite_first(operator), soft_wrap=True)
