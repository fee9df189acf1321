"""The constraints of the records after an award."""

from datetime import date, timedelta

import pytest

from tests.support.factories import (
    make_agreement,
    make_amendment,
    make_document,
    make_instalment,
    make_output,
    make_partnership,
    make_project,
    make_report,
)
from tests.support.refusals import assert_allowed, assert_refused, refused, update

pytestmark = pytest.mark.django_db
DAY = date(2020, 3, 1)
BEFORE = DAY - timedelta(days=1)


def funded():
    return make_project(status="funded")


def test_agreement_number_is_its_own():
    first, second = make_agreement(), make_agreement()
    assert_refused(second, "agreement_number_is_its_own", number=first.number)


def test_agreement_closed_after_it_was_signed():
    agreement = make_agreement(lead_signed_on=DAY, we_signed_on=DAY)
    name = "agreement_closed_after_it_was_signed"
    assert_refused(agreement, name, closed_on=BEFORE)
    assert_refused(agreement, name, closed_on=DAY, lead_signed_on=None)
    assert_refused(agreement, name, closed_on=DAY, we_signed_on=None)
    assert_refused(agreement, name, closed_on=DAY, we_signed_on=DAY + timedelta(days=1))
    assert_allowed(agreement, closed_on=DAY)


def test_instalment_one_at_each_position():
    project = funded()
    make_instalment(project)
    second = make_instalment(project, position=2)
    assert_refused(second, "instalment_one_at_each_position", position=1)


def test_instalment_paid_is_a_day_and_an_amount():
    instalment = make_instalment(funded())
    name = "instalment_paid_is_a_day_and_an_amount"
    assert_refused(instalment, name, paid_on=DAY)
    assert_refused(instalment, name, paid_eur=1)
    assert_refused(
        instalment, "instalment_paid_once_its_condition_is_met_or_waived", paid_on=DAY, paid_eur=1
    )
    assert_allowed(instalment, paid_on=DAY, paid_eur=1, condition_waived="Agreed.")


def test_instalment_paid_more_than_planned_has_a_reason():
    instalment = make_instalment(funded(), amount_eur=12000)
    paid = {"paid_on": DAY, "condition_met_on": DAY, "paid_eur": 12000}
    name = "instalment_paid_more_than_planned_has_a_reason"
    assert_refused(instalment, name, **paid | {"paid_eur": 25000})
    assert_allowed(instalment, **paid | {"paid_eur": 25000}, paid_more_reason="Two in one.")
    assert_allowed(instalment, **paid)


def test_report_one_final_per_project():
    project = funded()
    make_report(project, kind="final")
    make_report(project)
    second = make_report(project)
    with refused("report_one_final_per_project"):
        update(second, kind="final")
    make_report(funded(), kind="final")


def test_report_approved_after_it_was_received():
    report = make_report(funded())
    name = "report_approved_after_it_was_received"
    assert_refused(report, name, approved_on=DAY)
    assert_refused(report, name, approved_on=BEFORE, received_on=DAY)
    assert_allowed(report, approved_on=DAY, received_on=DAY)


def test_amendment_names_a_partner_who_joins_or_leaves():
    project = funded()
    part = make_partnership(project)
    amendment = make_amendment(project)
    name = "amendment_names_a_partner_who_joins_or_leaves"
    assert_refused(amendment, name, kind="joined")
    assert_refused(amendment, name, kind="left", partnership=part)
    assert_refused(amendment, name, day=DAY)
    assert_refused(amendment, name, partnership=part)
    assert_allowed(amendment, kind="left", partnership=part, day=DAY)


def test_amendment_prolongation_has_a_new_end():
    amendment = make_amendment(funded())
    name = "amendment_prolongation_has_a_new_end"
    assert_refused(amendment, name, kind="prolonged")
    assert_refused(amendment, name, ends_after=DAY)
    assert_refused(amendment, name, ends_before=DAY)
    assert_allowed(amendment, kind="prolonged", ends_after=DAY)


def test_amendment_ends_after_is_later():
    amendment = make_amendment(funded(), kind="prolonged", ends_after=DAY)
    assert_refused(amendment, "amendment_ends_after_is_later", ends_before=DAY)
    assert_allowed(amendment, ends_before=BEFORE)


def test_amendment_amounts_are_of_a_budget_shift():
    amendment = make_amendment(funded())
    name = "amendment_amounts_are_of_a_budget_shift"
    assert_refused(amendment, name, amount_after_eur=1)
    assert_refused(amendment, name, kind="budget", amount_after_eur=1)
    assert_refused(amendment, name, amount_before_eur=1, amount_after_eur=1)
    assert_allowed(amendment, kind="budget")
    assert_allowed(amendment, amount_before_eur=1, amount_after_eur=1)


def test_document_file_is_its_own():
    project = funded()
    first, second = make_document(project), make_document(project)
    assert_refused(second, "document_file_is_its_own", stored_name=first.stored_name)


def test_output_has_a_link_or_a_document():
    project = funded()
    output = make_output(project)
    assert_refused(output, "output_has_a_link_or_a_document", url="")
    assert_allowed(output, url="", document=make_document(project))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Rīga: the report", "riga-the-report.pdf"),
        ("日本", "document.pdf"),
        ("../..", "document.pdf"),
    ],
)
def test_document_is_downloaded_under_its_title(title, name):
    document = make_document(make_project(slug="psf-x"), title=title)
    assert document.file_name == name
    assert document.get_absolute_url() == f"/projects/psf-x/documents/{document.pk}/{name}"
    assert title not in document.stored_name
