"""Similarity of names: the tables of `variants`, and properties of scores."""

from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from partners.similar_names import (
    SIMILAR,
    Reason,
    bare,
    compare_profiles,
    is_generic,
    keys_of_name,
    profile_of,
)
from tests.partners.variants_of_names import ONE_BODY, TWO_BODIES
from tests.support.cases import HOSTILE_TEXTS


def are_similar(one, other):
    return compare_profiles(profile_of(one), profile_of(other)).score >= SIMILAR


def pairs_of_one_body():
    bodies = [names for lines in ONE_BODY.values() for names in lines]
    return [pair for names in bodies for pair in combinations(names, 2)]


def pairs_of_two_bodies():
    different = [
        (one, other)
        for lines in ONE_BODY.values()
        for first, second in combinations(lines, 2)
        for one in first
        for other in second
    ]
    return different + [pair for pairs in TWO_BODIES.values() for pair in pairs]


def test_nine_of_ten_suggestions_are_right_and_four_of_five_pairs_are_found():
    right = sum(are_similar(*pair) for pair in pairs_of_one_body())
    wrong = sum(are_similar(*pair) for pair in pairs_of_two_bodies())
    assert right / (right + wrong) >= 0.9
    assert right / len(pairs_of_one_body()) >= 0.8


@pytest.mark.parametrize("pair", [pair for pairs in TWO_BODIES.values() for pair in pairs])
def test_similar_names_of_two_organisations_are_different(pair):
    assert not are_similar(*pair)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Ekodoma", "SIA Ekodoma", Reason.SAME_NAME),
        ("Sp. z o.o. Motus", "Motus", Reason.SAME_NAME),
        ("Lund University", "University of Lund", Reason.SAME_WORDS),
        ("Tallinna Õpetajate Maja", "Tallinna Õpetajate Maj", Reason.SPELLING),
        ("Mykolas Romeris University", "Mykolo Romerio universitetas", Reason.SPELLING),
        ("Arctic Centre", "Arctic Centre, University of Lapland", Reason.PART),
        ("University of Jena", "Friedrich Schiller University Jena", Reason.PART),
        ("Department of Physics University of Oulu Finland", "University of Oulu", Reason.PART),
        ("University Hospital, Lund", "Lund University Hospital", Reason.SAME_WORDS),
        ("Lund University and Oslo University", "Oslo University", Reason.SAME_WORDS),
        ("Faculty of Arts, Street 12, Oslo University", "Oslo University", Reason.SAME_WORDS),
        ("NTNU", "Norwegian University (NTNU)", Reason.ACRONYM),
        ("Baltic Institute of Work (BIW)", "BIW", Reason.ACRONYM),
        ("Baltic Work Forum", "The BWF", Reason.ACRONYM),
    ],
)
def test_a_score_has_its_reason(one, other, reason):
    found = compare_profiles(profile_of(one), profile_of(other))
    assert found.score >= SIMILAR
    assert found.reason == reason


def test_a_legal_form_alone_stays_a_name():
    assert bare("UAB") == "uab"


@given(st.text(max_size=60), st.text(max_size=60))
def test_similarity_has_no_order(one, other):
    there = compare_profiles(profile_of(one), profile_of(other))
    back = compare_profiles(profile_of(other), profile_of(one))
    assert there == back
    assert 0 <= there.score <= 1


@pytest.mark.parametrize("pair", pairs_of_one_body())
def test_names_that_are_similar_share_a_key(pair):
    if are_similar(*pair):
        one, other = (profile_of(name) for name in pair)
        assert keys_of_name(one) & keys_of_name(other)


@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS.keys())
def test_hostile_texts_are_similar_to_nothing(text):
    assert not are_similar(text, "University of Latvia")


def test_a_name_of_common_words_is_similar_only_to_itself():
    assert not are_similar("University Hospital", "Lund University Hospital")
    assert are_similar("University Hospital", "University Hospital AS")


def test_empty_names_are_not_similar():
    assert not are_similar("", "")
    assert not are_similar("!", "?")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("Ministry of the Interior", True),
        ("Základní škola", True),
        ("Primary School", True),
        ("Ministry of the Interior of the Republic of Latvia", False),
        ("Riga School", False),
        ("Stellit", False),
        ("", False),
    ],
)
def test_generic_names_name_neither_a_place_nor_the_body(name, answer):
    assert is_generic(name) is answer


def test_misspelt_word_is_the_same_word():
    assert are_similar("Baltic Enviroment Forum", "Baltic Environment Forum")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Liepaja Munincipality", "Liepāja Municipality"),
        ("Univercity of Turku", "University of Turku"),
    ],
)
def test_misspelt_kinds_of_bodies_are_recognised(one, other):
    assert are_similar(one, other)
    assert keys_of_name(profile_of(one)) & keys_of_name(profile_of(other))
