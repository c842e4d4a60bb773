"""By which words a site is found: whatever somebody would begin to type."""

import pytest

from openroll.register.site.search import LONGEST, MOST_TERMS, search_terms, search_words, whole_domain

SITES = {
    "library": ("Chongqing City Library (North)", ("library.example.org", "books.city.example.org")),
    "books": ("重庆书店", ("xn--1jqq80b.example.org",)),
    "mueller": ("Müller-Lüdenscheidt ＧmbH", ("xn--mller-kva.example",)),
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lib", ["library"]),
        ("NORTH chong", ["library"]),
        ("library.exa", ["library"]),
        ("city.example.org", ["library"]),
        ("example", ["library", "books"]),
        ("书店", ["books"]),
        ("书店.exa", ["books"]),
        ("xn--1jq", ["books"]),
        ("lüden", ["mueller"]),
        ("MÜLLER-LÜ", ["mueller"]),
        ("müller.example", ["mueller"]),
        ("gmbh", ["mueller"]),
        ("ibrary", []),
        ("org", []),
        ("=library.example.org", ["library"]),
    ],
)
def test_the_beginnings_of_words_find_a_site(typed: str, found: list[str]) -> None:
    """Of a name and of a domain, in any script and spelling; all that was typed has to fit, and the last label finds nothing."""
    words = {name: search_words(*site) for name, site in SITES.items()}
    terms = search_terms(typed)
    assert [
        name for name, of in words.items() if terms and all(any(word.startswith(one) for word in of) for one in terms)
    ] == [*filter(found.__contains__, words)]


def test_what_is_searched_for_is_bounded_and_a_whole_domain_has_a_word_of_its_own() -> None:
    """However long a text is; and nobody types the mark of a whole domain."""
    terms = search_terms("a b c d e f " + "x" * 1_000)
    assert len(terms) == MOST_TERMS
    assert len(terms[0]) == LONGEST
    assert search_terms(" ... ") == ()
    words = search_words("City", ("a.example.org",))
    assert words == ("=a.example.org", "a.example.org", "city", "example.org")
    assert whole_domain("a.example.org") == words[0]
    assert not search_terms(words[0])[0].startswith("=")
    assert all(len(word) <= LONGEST + 1 for word in search_words("字" * 500, ("a.example",)))
    assert len(search_words("字" * 500, ("a.example",))) < 50
