"""Rules for every model, and the constraints that many models share.

The constraints that one model has alone are tested with that model.
"""

from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import F

from partners.models import Country, CountryName, Membership
from projects.models import CallSubscription, Evidence
from psf.database.constraints import GREATEST_AMOUNT, GREATEST_COUNT, FieldCheck
from psf.database.fields import is_amount, refuse_zero
from psf.database.record_version import VersionField
from tests.support import factories
from tests.support.accounts import make_account
from tests.support.refusals import CONSTRAINTS, RECORDS, answer_to, assert_allowed, refused, update


def make_any_score():
    project = factories.make_project()
    assessment = factories.make_assessment(project, make_account())
    return factories.make_score(assessment, factories.make_criterion(project.call), points=1)


def of_a_funded_project(make, **fields):
    return lambda: make(factories.make_project(status="funded"), **fields)


def make_reserve_line():
    return factories.make_decision_line(
        factories.make_project(), outcome="reserve", award_eur=None, reserve_place=1
    )


def _second_letter():
    first = factories.make_letter(sent_at=factories.LONG_AGO)
    return factories.make_letter(first.project, corrects=first, correction="An error.")


MAKERS = {
    "Agreement": factories.make_agreement,
    "Amendment": of_a_funded_project(
        factories.make_amendment, kind="budget", amount_before_eur=1, amount_after_eur=2
    ),
    "Assessment": lambda: factories.make_assessment(factories.make_project(), make_account()),
    "Answer": lambda: factories.make_answer(factories.make_project()),
    "Announcement": factories.make_announcement,
    "AnnouncementFlag": lambda: factories.make_announcement_flag(project=factories.make_project()),
    "AnnouncementLine": factories.make_announcement_line,
    "Call": factories.make_call,
    "CallSubscription": lambda: CallSubscription.objects.create(address="reader@example.org"),
    "Consensus": lambda: factories.make_consensus(factories.make_project(), make_account()),
    "Criterion": lambda: factories.make_criterion(factories.make_call()),
    "Contact": lambda: factories.make_contact(factories.make_project()),
    "Country": lambda: Country.objects.create(code="XX", name="Nowhere", slug="xx"),
    "CountryName": lambda: CountryName.objects.create(
        country=factories.make_country(), text="Lettland", language="de"
    ),
    "Decision": lambda: factories.make_decision(factories.make_call()),
    "DecisionLine": lambda: factories.make_decision_line(factories.make_project()),
    "IneligibilityReason": lambda: factories.make_ineligibility_reason(factories.make_call()),
    "IneligibilityFinding": lambda: factories.make_ineligibility_finding(factories.make_project()),
    "Document": of_a_funded_project(factories.make_document, added_by=None),
    "Evidence": lambda: factories.make_evidence(factories.make_project()),
    "Instalment": of_a_funded_project(
        factories.make_instalment,
        paid_on=factories.LONG_AGO,
        paid_eur=1,
        paid_more_reason="Two in one.",
    ),
    "Letter": factories.make_letter,
    "LetterTemplate": factories.make_letter_template,
    "Membership": factories.make_membership,
    "Merger": lambda: factories.make_merger(
        factories.make_partner(),
        merged_by=make_account(),
        undone_by=make_account(),
        undone_at=factories.LONG_AGO,
    ),
    "Output": of_a_funded_project(factories.make_output),
    "Partner": factories.make_partner,
    "PartnerName": lambda: factories.make_partner_name(factories.make_partner(), "Name"),
    "PartnerBudget": lambda: factories.make_partner_budget(factories.make_project()),
    "Partnership": lambda: factories.make_partnership(factories.make_project()),
    "Priority": factories.make_priority,
    "FormMail": lambda: factories.make_form_mail(factories.make_call()),
    "Question": lambda: factories.make_question(factories.make_call()),
    "Project": lambda: factories.make_project(status="funded", amount_eur=1, amount_kind="awarded"),
    "Repayment": of_a_funded_project(factories.make_repayment),
    "Report": of_a_funded_project(factories.make_report),
    "DuplicateCandidate": lambda: factories.make_duplicate_candidate(
        factories.make_partner(),
        factories.make_partner(),
        decided_by=make_account(),
        decided_at=factories.LONG_AGO,
    ),
    "Score": make_any_score,
    "Source": lambda: factories.make_source(call=factories.make_call()),
    "Topic": factories.make_topic,
    "Waiver": lambda: factories.make_waiver(factories.make_project()),
}
# The rows in which a value may stand that other constraints forbid elsewhere.
MAKERS_FOR = {
    "project_status_is_known": factories.make_project,  # an award needs a funded project
    "decisionline_outcome_is_known": lambda: factories.make_decision_line(
        factories.make_project(), outcome="rejected", award_eur=None
    ),
    "assessment_conflict_is_not_too_long": lambda: factories.make_assessment(
        factories.make_project(), make_account(), declaration="conflict", conflict="A partner."
    ),
    "decisionline_reserve_award_eur_is_an_amount": make_reserve_line,
    "decisionline_reserve_place_is_a_count": make_reserve_line,
    "amendment_kind_is_known": of_a_funded_project(factories.make_amendment),
    "membership_organisation_is_not_too_long": lambda: Membership.objects.create(
        organisation="European Union", status="member", source="cbss.org"
    ),
    "letter_address_is_not_too_long": lambda: factories.make_letter(
        sent_at=factories.LONG_AGO, sent_by_mail=True
    ),
    "letter_cancelled_why_is_not_too_long": lambda: factories.make_letter(
        cancelled_at=factories.LONG_AGO, cancelled_why="An error."
    ),
    "letter_correction_is_not_too_long": _second_letter,
    "project_unpublished_reason_is_not_too_long": lambda: factories.make_public_project(
        unpublished_at=factories.LONG_AGO, unpublished_reason="An error."
    ),
    "call_unpublished_reason_is_not_too_long": lambda: factories.make_call(
        unpublished_at=factories.LONG_AGO, unpublished_reason="An error."
    ),
    "decision_unpublished_reason_is_not_too_long": lambda: factories.make_decision(
        factories.make_call(), unpublished_at=factories.LONG_AGO, unpublished_reason="An error."
    ),
}
FIELDS = [(model, field) for model in RECORDS for field in model._meta.local_concrete_fields]


def write(row, **fields):
    """Past every form: into the row, or into a new one where a stored row never changes."""
    if isinstance(row, Evidence):
        factories.make_evidence(row.project, **fields)
    else:
        update(row, **fields)


def shared(suffix, fields):
    """The name of the shared constraint of each of those fields."""
    return [
        pytest.param(model, field, name, id=name)
        for model, field in fields
        if (name := f"{model._meta.model_name}_{field.name}_{suffix}")
    ]


TEXTS = shared(
    "is_not_too_long",
    [
        (model, field)
        for model, field in FIELDS
        if isinstance(field, models.CharField | models.TextField)
        and field.max_length
        and not field.choices
    ],
)
# What records are called, and where their pages are.
NAMED = ["Call", "Country", "Partner", "Priority", "Project", "Topic"]
FILLED = shared(
    "is_not_empty",
    [
        (model, field)
        for model, field in FIELDS
        if model.__name__ in NAMED and field.name in ["name", "reference", "slug", "title"]
    ],
)
CHOICES = shared("is_known", [(model, field) for model, field in FIELDS if field.choices])
AMOUNTS = shared(
    "is_an_amount",
    [(model, field) for model, field in FIELDS if is_amount(field)],
)
# A percentage has bounds of its own; a version is only ever one more than before.
COUNTS = shared(
    "is_a_count",
    [
        (model, field)
        for model, field in FIELDS
        if isinstance(field, models.PositiveIntegerField | models.PositiveSmallIntegerField)
        and not isinstance(field, VersionField)
        and not field.name.endswith("_percent")
    ],
)


NARROWER = "question_limit_is_a_count"


def test_every_constraint_has_a_sentence():
    for _model, constraint in CONSTRAINTS.values():
        assert constraint.violation_error_message != constraint.default_violation_error_message


def test_every_constraint_that_is_not_shared_is_named_by_a_test_of_its_model():
    tests = "".join(path.read_text() for path in Path(__file__).parents[2].rglob("test_*.py"))
    by_sweep = {parameters.id for parameters in [*TEXTS, *FILLED, *CHOICES, *AMOUNTS, *COUNTS]}
    assert [name for name in CONSTRAINTS if name not in by_sweep and f'"{name}"' not in tests] == []


def test_a_text_without_a_greatest_length_is_only_ever_made_by_ourselves():
    endless = {
        field.name
        for _model, field in FIELDS
        if isinstance(field, models.TextField) and not field.max_length
    }
    assert endless == {"folded", "pairs"}


@pytest.mark.unmeasured
@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), TEXTS)
def test_a_text_is_at_most_as_long_as_its_field(model, field, name):
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()

    write(row, **{field.name: "x" * field.max_length})
    row = model._base_manager.get(**{field.name: "x" * field.max_length})
    with refused(name):
        write(row, **{field.name: "x" * (field.max_length + 1)})

    setattr(row, field.name, "x" * (field.max_length + 1))
    _model, constraint = CONSTRAINTS[name]
    with pytest.raises(ValidationError, match="too long"):
        constraint.validate(model, row)
    with pytest.raises(ValidationError):
        row.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), FILLED)
def test_no_page_is_without_a_name_or_an_address(model, field, name):
    row = MAKERS[model.__name__]()
    with refused(name):
        update(row, **{field.name: ""})
    setattr(row, field.name, "")
    _model, constraint = CONSTRAINTS[name]
    with pytest.raises(ValidationError, match="cannot stay empty"):
        constraint.validate(model, row)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), CHOICES)
def test_a_choice_is_in_the_list(model, field, name):
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()
    _model, constraint = CONSTRAINTS[name]
    for value, _label in field.choices:
        assert len(value) <= field.max_length
        setattr(row, field.name, value)
        constraint.validate(model, row)

    for value in [*([] if field.blank else [""]), "boss", field.choices[0][0].upper()]:
        with refused(name):
            write(row, **{field.name: value})
        setattr(row, field.name, value)
        with pytest.raises(ValidationError, match="Choose one of the listed values"):
            constraint.validate(model, row)
        with pytest.raises(ValidationError):
            row.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), AMOUNTS)
def test_an_amount_lies_between_0_and_9_999_999_999_99(model, field, name):
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()
    # An agreement, a payment or a ceiling of nothing is a mistake.
    is_above_zero = refuse_zero in field.validators or field.name == "ceiling_eur"
    least = [] if is_above_zero else [Decimal(0)]
    for value in [*least, Decimal("0.01"), GREATEST_AMOUNT]:
        assert_allowed(row, **{field.name: value})
        assert getattr(row, field.name) == value

    with refused(name):
        update(row, **{field.name: Decimal("-0.01")})
    row.refresh_from_db()
    assert getattr(row, field.name) == GREATEST_AMOUNT


@pytest.mark.unmeasured
@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), AMOUNTS)
def test_an_amount_beyond_its_bounds_never_gets_in(model, field, name):
    """SQLite would take such a number, and then every query that reads it would fail."""
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()
    refusals = (IntegrityError, DataError, InvalidOperation, ValidationError)
    for value in ["1e10", "10000000000.00", "1e15", "1e300", "Infinity", "NaN"]:
        update(row, **{field.name: Decimal(7)})
        with pytest.raises(refusals), transaction.atomic():
            update(row, **{field.name: Decimal(value)})
        row.refresh_from_db()
        assert getattr(row, field.name) == 7, value

        setattr(row, field.name, Decimal(value))
        with pytest.raises(ValidationError):
            row.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), AMOUNTS)
def test_a_sum_worked_out_in_the_database_is_bounded_too(model, field, name):
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()
    update(row, **{field.name: GREATEST_AMOUNT})
    overflow = r"|numeric field overflow"  # PostgreSQL's own answer, before any constraint

    for factor in [2, 10**5, -1]:
        with (
            pytest.raises((IntegrityError, DataError), match=answer_to(name) + overflow),
            transaction.atomic(),
        ):
            update(row, **{field.name: F(field.name) * factor})
    row.refresh_from_db()
    assert getattr(row, field.name) == GREATEST_AMOUNT


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field", "name"), COUNTS)
def test_a_count_is_a_number_that_both_databases_hold(model, field, name):
    row = MAKERS_FOR.get(name, MAKERS[model.__name__])()
    for value in [1, 500] if name == NARROWER else [0, GREATEST_COUNT]:
        assert_allowed(row, **{field.name: value})

    # PostgreSQL's own answer, before any constraint, or a narrower constraint of the model.
    beyond = r"|out of range|question_limit_fits_a_cell"
    with (
        pytest.raises((IntegrityError, DataError), match=answer_to(name) + beyond),
        transaction.atomic(),
    ):
        update(row, **{field.name: GREATEST_COUNT + 1})
    setattr(row, field.name, GREATEST_COUNT + 1)
    with pytest.raises(ValidationError, match=r"between 0 and 32 767|less than or equal"):
        row.full_clean()


@pytest.mark.django_db
def test_bulk_create_goes_round_forms_but_not_round_the_database():
    calls = [
        type(row)(title=title, slug=slug, ceiling_eur=ceiling)
        for row in [factories.make_call()]
        for title, slug, ceiling in [("A", "a", 1), ("B", "b", -1)]
    ]
    with refused("call_ceiling_eur_is_an_amount"):
        type(calls[0]).objects.bulk_create(calls)
    assert not type(calls[0]).objects.filter(slug="a").exists()


@pytest.mark.django_db
def test_the_rows_that_these_tests_start_from_are_valid():
    assert {model.__name__ for model in RECORDS} == set(MAKERS)
    for make in MAKERS.values():
        row = make()
        row.full_clean()
        assert str(row)


def test_migrations_name_the_constraints_of_django():
    checks = [row for _model, row in CONSTRAINTS.values() if isinstance(row, FieldCheck)]
    assert {check.deconstruct()[0] for check in checks} == {"django.db.models.CheckConstraint"}
