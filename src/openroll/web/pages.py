"""Rendering: Jinja2 with govuk-frontend's macros, in any language of the roll, without any script or style in the page itself."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from gettext import NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import PackageLoader, PrefixLoader
from jinja2.loaders import ChoiceLoader
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import Const, Extends, Include
from markupsafe import Markup

from openroll.rules.language import ENGLISH, in_language, ranges
from openroll.service.application import Application
from openroll.service.identity.sessions import NOBODY, Principal
from openroll.service.sites.projections import kinds_of_site
from openroll.web import markup
from openroll.web.local import district_word
from openroll.web.menus import MENU, own_menu, said
from openroll.web.template_environment import TemplateEnvironment
from openroll.words import catalogue, findings
from openroll.words.citations import cited
from openroll.words.labels import BEFORE_GOING_ON, DONE, words


@cache
def _environment(lang: str) -> TemplateEnvironment:
    own = PackageLoader("openroll.web")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    environment = TemplateEnvironment(
        _translated(catalogue.translations(lang)),
        loader=ChoiceLoader([own, govuk]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["number"] = partial(catalogue.number, lang)
    environment.globals["share"] = partial(catalogue.percent, lang)
    environment.globals["day"] = partial(catalogue.day, lang)
    environment.filters["spoken"] = partial(markup.spoken, lang)
    environment.filters["cited"] = partial(cited, lang)
    environment.filters["in_words"] = partial(catalogue.said, lang)
    environment.filters["by_language"] = lambda told, languages: catalogue.by_language(languages, told)
    environment.filters["found"] = partial(findings.told, lang)
    environment.filters["words_only"] = partial(findings.words_only, lang)
    environment.filters["in_all"] = in_all_languages
    environment.filters["said"] = lambda text: in_language(text, lang)
    environment.filters["speaks"] = catalogue.spoken
    environment.filters["html_lang"] = catalogue.html_lang
    environment.filters["direction"] = catalogue.direction
    environment.filters["text_direction"] = catalogue.direction_of_text
    environment.filters["own_name"] = catalogue.own_name
    environment.filters["name_here"] = lambda named: catalogue.name_in(lang, named)
    environment.filters["coded"] = markup.coded
    environment.filters["labelled"] = markup.labelled
    environment.filters["with_options"] = markup.with_options
    environment.filters["sentence"] = partial(markup.sentence, lang)
    return environment


def _translated(translations: NullTranslations) -> Callable[..., Markup]:
    """The `_` of templates: as the extension's own, without its three calls through the context for each of a page's words."""

    @cache  # what is translated are the templates' own words
    def plain(text: str) -> Markup:
        return Markup(translations.gettext(text) % {})  # noqa: S704 - our own words; what else goes in is escaped

    def translated(text: str, **given: Any) -> Markup:
        return Markup(translations.gettext(text)) % given if given else plain(text)  # noqa: S704 - as above

    return translated


def in_all_languages(text: Mapping[str, str], first: Sequence[str]) -> list[tuple[str, str]]:
    """A text in each language it has, with the languages: those of the roll first, in the roll's order."""
    nearest = (next((tag for tag in ranges(lang) if tag in text), None) for lang in first)
    order = dict.fromkeys((*(tag for tag in nearest if tag is not None), *sorted(text)))
    return [(lang, text[lang]) for lang in order]


@cache
def assets() -> str:
    """A short digest of the built theme and scripts: a new build is a new address, so that all may be cached for long."""
    return digest_of(files("openroll.web") / "static" / "build")


def digest_of(build: Traversable) -> str:
    """A short digest of every style and script in a folder: of whatever a page may name, so that none can be left out."""
    named = sorted((one.name, one) for one in build.iterdir() if one.name.endswith((".css", ".js")))
    return hashlib.sha256(b"".join(one.read_bytes() for _, one in named)).hexdigest()[:12]


def inlined(style: str, script: str) -> dict[str, Markup | str]:
    """A built style and script as they stand within one file, with the hashes that its content security policy names them by."""
    build = files("openroll.web") / "static" / "build"
    told: dict[str, Markup | str] = {}
    for what, name in (("style", style), ("script", script)):
        text = (
            (build / name).read_text(encoding="utf-8").replace("</script", "<\\/script").replace("</style", "<\\/style")
        )
        told[what] = Markup(text)  # noqa: S704 - our own build
        told[f"{what}_hash"] = "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return told


FOR_A_PAGE = {"query", "queries", "errors", "bridge", "puzzle", "registrar", "operator_title"}
"""What a page may say for itself. Everything else that all pages share means the same on each of them."""


def render(
    name: str, application: Application, lang: str, here: str, csrf: str = "", who: Principal = NOBODY, **given: Any
) -> str:
    """A page. `here` is its address after the language; `errors` of a form stand in the summary at the top."""
    opened, held = application.roll.opened, application.held
    done = str(given.get("done", ""))
    given["done"] = words(lang, DONE, done) if done in DONE else ""
    given["beforehand"] = words(lang, BEFORE_GOING_ON, done) if done in BEFORE_GOING_ON else ""
    shared = {
        "lang": lang,
        "languages": application.roll.languages,
        "here": here,
        "query": "",
        "queries": {},
        "csrf": csrf,
        "assets": assets(),
        "roll_title": in_language(opened.title, lang),
        "registrar": in_language(opened.registrar, lang),
        "rule_name": application.roll.rule_name,
        "roll_zone": application.roll.zone.key,
        "roll_day": f"{application.roll.day(application.roll.clock()):%Y %m %d}",
        "demonstration": opened.demonstration,
        "draft": catalogue.is_draft(lang),
        "untranslated": catalogue.missing(lang),
        "own_words": catalogue.own_digests(lang),
        "roll_held": held,
        "roll_held_because": application.held_because if held else "",
        "head": application.log_head(),
        "errors": [],
        "bridge": "",
        "puzzle": "",
        "who": who,
        "menu": said(lang, MENU),
        "own_menu": said(lang, own_menu(who, sites=who.person is not None and bool(kinds_of_site(application.roll)))),
        "level": application.roll.place.level(lang),
        "has_offices": bool(application.roll.place.offices),
        "district_word": district_word(application, lang),
        "operator_title": application.operator_title(who.organisation, lang),
    }
    if hidden := given.keys() & (shared.keys() - FOR_A_PAGE):
        raise ValueError(f"{name} is given what every page has by itself: {', '.join(sorted(hidden))}")
    return _environment(lang).get_template(name).render(shared | given)


@cache
def shown_by(name: str) -> frozenset[str]:
    """What a template shows of what it may be given: every name in it, and in what it extends or includes by name."""
    environment = _environment(ENGLISH)
    read = environment.parse(files("openroll.web").joinpath("templates", name).read_text(encoding="utf-8"))
    others = [*(one.template for one in read.find_all(Extends)), *(one.template for one in read.find_all(Include))]
    below = [shown_by(one.value) for one in others if isinstance(one, Const)]
    return frozenset(find_undeclared_variables(read)).union(*below)


def fragment(name: str, lang: str, /, **given: Any) -> Markup:
    """A part of a page that is the same for whoever reads it in a language: nothing goes into it but what is given."""
    return Markup(_environment(lang).get_template(name).render(given | {"lang": lang}))  # noqa: S704 - a template's own markup


def svg(code: Any) -> Markup:
    """A QR code as inline SVG, with a title for those who do not see it."""
    return Markup(code.svg_inline(scale=4, border=4, title="QR", svgclass=None, lineclass=None))  # noqa: S704 - segno's own drawing
