import pytest

from tests.support.factories import (
    make_answer,
    make_call,
    make_partner_budget,
    make_project,
    make_question,
)
from tests.support.refusals import assert_allowed, assert_refused, refused

pytestmark = pytest.mark.django_db


def test_a_question_is_asked_once_and_its_answer_fits_a_cell():
    question = make_question(make_call(), text="Why?", limit=2000)
    with refused("question_once_per_call"):
        make_question(question.call, text="Why?")
    make_question(make_call(), text="Why?")
    assert_refused(question, "question_limit_fits_a_cell", limit=0)
    assert_refused(question, "question_limit_fits_a_cell", limit=2001, for_each_partner=False)
    assert_refused(question, "question_limit_fits_a_cell", for_each_partner=True)
    assert_allowed(question, limit=500, for_each_partner=True)


def test_an_application_answers_once_and_has_one_budget_of_each_partner():
    answer = make_answer(make_project())
    with refused("answer_once_per_project"):
        make_answer(answer.project, question=answer.question, question_id=answer.question_id)
    budget = make_partner_budget(make_project())
    with refused("partner_budget_once_per_project"):
        make_partner_budget(budget.project)
    make_partner_budget(budget.project, number=2)
