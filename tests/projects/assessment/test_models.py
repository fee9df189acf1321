"""The constraints of criteria, assessments, scores and consensus."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from projects.models import Consensus, Score
from tests.support.accounts import make_account
from tests.support.factories import (
    LONG_AGO,
    make_assessment,
    make_call,
    make_consensus,
    make_criterion,
    make_project,
    make_score,
)
from tests.support.refusals import assert_allowed, assert_refused, refused

pytestmark = pytest.mark.django_db


def test_names_of_criteria_are_unique_in_a_call():
    criterion = make_criterion(make_call(), name="Relevance")
    make_criterion(make_call(), name="Relevance")
    with refused("criterion_once_per_call"):
        make_criterion(criterion.call, name="Relevance")


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("weight", "criterion_weight_is_from_1_to_100"),
        ("maximum", "criterion_maximum_is_from_1_to_100"),
    ],
)
def test_weights_and_scales_have_bounds(field, name):
    criterion = make_criterion(make_call())
    for value in [1, 100]:
        assert_allowed(criterion, **{field: value})
    for value in [0, 101, -1]:
        assert_refused(criterion, name, **{field: value})


def test_an_application_is_assigned_once_to_an_assessor():
    assessment = make_assessment(make_project(), make_account("Assessor"))
    with refused("assessment_once_per_project_and_assessor"):
        make_assessment(assessment.project, assessment.assessor)


def test_a_conflict_is_in_words_and_no_conflict_has_none():
    assessment = make_assessment(make_project(), make_account("Assessor"))
    name = "assessment_conflict_is_in_words"
    assert_refused(assessment, name, declaration="conflict")
    assert_refused(assessment, name, declaration="none", conflict="A partner.")
    assert_allowed(assessment, declaration="conflict", conflict="A partner.")


def test_a_submitted_assessment_is_complete():
    assessment = make_assessment(make_project(), make_account("Assessor"))
    whole = {"declaration": "none", "recommendation": "fund", "comment": "Sound."}
    name = "assessment_submitted_is_complete"
    for field, value in [
        ("declaration", "not_yet"),
        ("recommendation", "not_yet"),
        ("comment", ""),
    ]:
        assert_refused(assessment, name, **whole | {field: value, "submitted_at": LONG_AGO})
    assert_allowed(assessment, **whole, submitted_at=LONG_AGO)


def test_points_lie_on_the_scale_of_their_criterion():
    project = make_project()
    assessment = make_assessment(project, make_account("Assessor"))
    score = make_score(assessment, make_criterion(project.call, maximum=4), points=4)
    for value in [None, 0, 4]:
        assert_allowed(score, points=value)
    for value in [-1, 101]:
        with refused("score_points_are_from_0_to_100"):
            Score.objects.update(points=value)
    score.points = 5
    with pytest.raises(ValidationError, match="at most 4 points"):
        score.full_clean()
    with refused("score_once_per_criterion"):
        make_score(assessment, score.criterion)
    assert str(Score(criterion=score.criterion)).endswith(": –")


def test_a_consensus_says_something_and_recommends():
    consensus = make_consensus(make_project(), make_account("Publisher"))
    assert_refused(consensus, "consensus_says_something", text="")
    assert_allowed(consensus, text="", agreed_percent=0)
    assert_allowed(consensus, agreed_percent=100)
    for percent in [Decimal("-0.1"), Decimal("100.1")]:
        name = "consensus_agreed_percent_is_a_percentage"
        assert_refused(consensus, name, agreed_percent=percent)
    with refused("consensus_recommends"):
        Consensus.objects.update(recommendation="not_yet")
    consensus.recommendation = "not_yet"
    with pytest.raises(ValidationError, match="needs a recommendation"):
        consensus.full_clean()
