"""What is understood of what a person types, and what is marked of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.models import Project
from psf.search.document import Document, column_of
from psf.search.highlight import LONGEST_SNIPPET, Marker
from psf.search.query import LONGEST_TEXT, MOST_WORDS, parse_query
from psf.search.spelling import mistakes
from psf.search.tokens import LONGEST_WORD, stem, words
from tests.support.factories import make_public_project


@pytest.mark.parametrize(
    "same",
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
def test_the_inflections_of_a_word_have_one_stem(same):
    assert len({stem(word) for word in same.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["policy police", "care car", "organise organic", "unity united", "sing s", "bus bu"]
)
def test_other_words_have_other_stems(pair):
    one, other = pair.split()
    assert stem(one) != stem(other)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_nothing_that_is_typed_is_an_error(text):
    query = parse_query(text)
    assert query.is_empty() == (not query.wanted and not query.unwanted)
    assert parse_query(query.text()) == query
    for item in [*query.wanted, *query.unwanted]:
        assert all(word.isalnum() for spelling in item.spellings for word in spelling)


def test_of_an_endless_text_the_beginning_is_read():
    assert len(parse_query(" ".join(str(number) for number in range(1000))).wanted) == MOST_WORDS
    assert parse_query("x" * 2000).wanted[0].spellings == [["x" * LONGEST_WORD]]
    assert not parse_query(" " * LONGEST_TEXT + "late").wanted


def test_each_word_counts_once():
    assert len(parse_query("sea sea -sea -sea").wanted) == 1


def found(query, text):
    """What is marked of a text, between brackets."""
    html = Marker(parse_query(query).wanted).passage(text).marked()
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
def test_what_was_searched_for_is_marked_and_escaped(query, text, expected):
    assert found(query, text) == expected


def snippet(query, *texts):
    return Marker(parse_query(query).wanted).best(texts).snippet()


def test_a_snippet_is_of_the_text_in_which_most_stands():
    assert snippet("sea land", "The sea", "Land and sea") == (
        "<mark>Land</mark> and <mark>sea</mark>"
    )
    assert snippet("sea", "The sea", "Sea and sea") == "The <mark>sea</mark>"
    assert snippet("sea", "Land") == ""


def test_a_snippet_begins_near_the_word_and_ends_with_one():
    said = snippet("sea", f"{'word ' * 100}the sea {'word ' * 100}")
    assert said.startswith("… word")
    assert "the <mark>sea</mark> word" in said
    assert said.endswith("word …")
    assert len(said) < LONGEST_SNIPPET + 50
    assert snippet("sea", f"sea {'word ' * 100}").startswith("<mark>sea</mark> word")
    assert snippet("seaside", f"{'x' * 300}, seaside") == "… <mark>seaside</mark>"


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("sea", "sea", 0), ("sea", "seas", 1), ("sae", "sea", 1), ("see", "sea", 1), ("", "sea", 3)],
)
def test_mistakes_are_counted(one, other, number):
    assert mistakes(one, other) == mistakes(other, one) == number


SYLLABLES = st.sampled_from(["sea", "seas", "art", "article", "lodz", "łódź", "thün", "planned"])
TEXTS = st.lists(SYLLABLES, max_size=5).map(" ".join)
QUERIES = st.lists(
    st.one_of(SYLLABLES, SYLLABLES.map("-{}".format), TEXTS.map('"{}"'.format)), max_size=4
).map(" ".join)


@pytest.mark.django_db
@given(title=TEXTS.filter(bool), summary=TEXTS, query=QUERIES)
def test_the_database_finds_what_would_be_marked(title, summary, query):
    Project.objects.update(title="none", summary="none")
    project = Project.objects.first() or make_public_project()
    Project.objects.filter(pk=project.pk).update(title=title, summary=summary, reference="X-1")
    asked = parse_query(query)

    def stands(item):
        return any(Marker([item]).spans(text) for text in [title, summary])

    # What is left out is left out as a word, and not because a word begins with it.
    unwanted = any(is_left_out(item, text) for item in asked.unwanted for text in [title, summary])
    expected = all(map(stands, asked.wanted)) and not unwanted
    assert Project.objects.found_by(query).exists() == expected


def is_left_out(item, text):
    for spelling in item.spellings:
        if f" {' '.join(spelling)} " in f" {' '.join(words(text))} ":
            return True
        stems = {each for word in words(text) for each in [word, stem(word)]}
        if item.is_word() and not item.exact and stem(spelling[0]) in stems:
            return True
    return False


def test_documents_that_say_the_same_are_equal():
    one, other = (Document(1, [column_of([text]), "", "", ""]) for text in ["Łódź", "lodz"])
    assert one.digest() == other.digest()
    assert one.digest() != Document(1, ["", column_of(["lodz"]), "", ""]).digest()
