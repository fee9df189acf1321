"""Parsing of typed queries, and highlighting of their terms."""

import pytest
from hypothesis import given, strategies as st

from psf.search.document import MAX_WORD_LENGTH, SearchDocument, build_column, stem
from psf.search.highlight import MAX_SNIPPET, Marker
from psf.search.query import MAX_TEXT_LENGTH, MAX_WORDS, parse_query, similar_words


@pytest.mark.parametrize(
    "inflected",
    [
        "trafficking trafficked traffick",
        "child children childs",
        "policy policies",
        "study studies studied studying",
        "plan plans planned planning",
        "base bases based basing",
        "agree agrees agreed agreeing",
        "relate relates related relating",
        "enable enabled enabling",
        "organise organises organised organising",
        "process processes processed",
        "city cities",
        "life lives",
    ],
)
def test_inflections_of_a_word_have_one_stem(inflected):
    assert len({stem(word) for word in inflected.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["policy police", "care car", "organise organic", "unity united", "sing s", "bus bu"]
)
def test_different_words_have_different_stems(pair):
    first, second = pair.split()
    assert stem(first) != stem(second)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_every_text_is_a_valid_query(text):
    query = parse_query(text)
    assert query.is_empty() == (not query.required and not query.excluded)
    assert parse_query(query.text())[:2] == query[:2]
    for term in [*query.required, *query.excluded]:
        assert all(word.isalnum() for spelling in term.spellings for word in spelling)


def test_long_text_is_cut_and_a_repeated_word_is_one_term():
    assert len(parse_query(" ".join(str(number) for number in range(1000))).required) == MAX_WORDS
    assert parse_query("x" * 2000).required[0].spellings == [["x" * MAX_WORD_LENGTH]]
    assert not parse_query(" " * MAX_TEXT_LENGTH + "late").required
    assert not parse_query(" ".join(["sea"] * MAX_WORDS) + " - !").is_cut
    assert len(parse_query("sea sea -sea -sea").required) == 1


@pytest.mark.parametrize("text", ['"{}"', '-"{}"', 'sea "{}"', "{}"])
def test_phrase_that_is_too_long_is_cut_and_not_left_out(text):
    phrase = text.format("-".join(f"word{number}" for number in range(MAX_WORDS + 5)))
    query = parse_query(phrase)
    [*_others, term] = [*query.required, *query.excluded]
    assert query.is_cut
    assert term.spellings[0][:2] == ["word0", "word1"]
    assert sum(len(term.spellings[0]) for term in [*_others, term]) == MAX_WORDS


def highlighted(query, text):
    """Return the text with brackets around the matches."""
    html = Marker(parse_query(query).required).passage(text).marked()
    return html.replace("<mark>", "[").replace("</mark>", "]")


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("sea", "The Sea, the seas", "The [Sea], the [seas]"),
        ("lodz", "From Łódź", "From [Łódź]"),
        ("lodz", "Lo\u0301dz\u0301!", "[Lo\u0301dz\u0301]!"),
        ("Łódź", "Lodz", "[Lodz]"),
        ("stellit", "Стеллит", "[Стеллит]"),
        ("strasse", "Straße 5", "[Straße] 5"),
        ("art", "Article of art", "[Article] of [art]"),
        ('"art"', "Article of art", "Article of [art]"),
        ('"safe houses"', "Safe houses, safe", "[Safe houses], safe"),
        ("psf-2019", "PSF-2019-01", "[PSF-2019]-01"),
        ("child's", "Children", "[Children]"),
        ("euro-facult", "The EuroFaculty", "The [EuroFaculty]"),
        ("trafficked", "of trafficking", "of [trafficking]"),
        ("b", "<b>&", "&lt;[b]&gt;&amp;"),
        ("amp", "A & B", "A &amp; B"),
        ("sea -land", "sea land", "[sea] land"),
        ("xyz", "sea", "sea"),
        ("fi", "ﬁne", "[ﬁne]"),
        ("sallallahou", "ﷺ", "ﷺ"),
        ("صلى وسلم", "ﷺ", "[ﷺ]"),
    ],
)
def test_matches_are_marked_and_text_is_escaped(query, text, expected):
    assert highlighted(query, text) == expected


def snippet(query, *texts):
    return Marker(parse_query(query).required).best(texts).snippet()


def test_snippet_is_from_the_text_with_the_most_terms():
    assert snippet("sea land", "The sea", "Land and sea") == (
        "<mark>Land</mark> and <mark>sea</mark>"
    )
    assert snippet("sea", "The sea", "Sea and sea") == "The <mark>sea</mark>"
    assert snippet("sea", "Land") == ""


def test_snippet_starts_near_the_match_and_ends_with_a_word():
    html = snippet("sea", f"{'word ' * 100}the sea {'word ' * 100}")
    assert html.startswith("… word")
    assert "the <mark>sea</mark> word" in html
    assert html.endswith("word …")
    assert len(html) < MAX_SNIPPET + 50
    assert snippet("sea", f"sea {'word ' * 100}").startswith("<mark>sea</mark> word")
    assert snippet("seaside", f"{'x' * 300}, seaside") == "… <mark>seaside</mark>"


@pytest.mark.parametrize("word", ["harbor", "harbouur", "harbuor", "hafbour"])
def test_a_missing_added_swapped_or_wrong_letter_is_a_mistake(word):
    assert similar_words(word, {"harbour", "lighthouse"}) == ["harbour"]


def test_documents_with_the_same_folded_words_are_equal():
    accented, plain = (
        SearchDocument(1, [build_column([text]), "", "", ""]) for text in ["Łódź", "lodz"]
    )
    assert accented.digest() == plain.digest()
    assert accented.digest() != SearchDocument(1, ["", build_column(["lodz"]), "", ""]).digest()
