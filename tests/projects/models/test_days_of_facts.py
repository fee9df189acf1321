"""The day of a fact is not in the future: in models, forms and imports."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone

from projects.models import (
    Agreement,
    Amendment,
    Call,
    Decision,
    Instalment,
    Project,
    Repayment,
    Report,
)
from psf.database.fields import refuse_future
from tests.support import factories
from tests.support.accounts import client_of, errors_of, save

pytestmark = pytest.mark.django_db
FACTS = {
    Agreement: {"lead_signed_on", "we_signed_on", "closed_on"},
    Amendment: {"agreed_on"},
    Decision: {"decided_on"},
    Instalment: {"condition_met_on", "paid_on"},
    Project: {"received_on"},
    Repayment: {"day"},
    Report: {"received_on", "approved_on"},
    Call: set(),
}


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def test_today_is_accepted_and_tomorrow_is_refused():
    refuse_future(timezone.localdate())
    with pytest.raises(ValidationError, match="This day is in the future"):
        refuse_future(tomorrow())


@pytest.mark.parametrize("model", FACTS)
def test_each_day_of_a_fact_has_the_rule_and_planned_days_do_not(model):
    days = [field for field in model._meta.fields if type(field) is models.DateField]
    assert {day.name for day in days if refuse_future in day.validators} == FACTS[model]


def test_forms_of_projects_and_decisions_refuse_the_future():
    project, client = factories.make_project(), client_of("Publisher")
    decision = factories.make_decision(project.call)
    day = f"{tomorrow():%d/%m/%Y}"
    for record, name in [(project, "received_on"), (project.call, "decision-0-decided_on")]:
        url = reverse(f"admin:projects_{record._meta.model_name}_change", args=[record.pk])
        assert "This day is in the future." in errors_of(save(client, url, **{name: day}))
    decision.refresh_from_db()
    assert decision.decided_on is None
