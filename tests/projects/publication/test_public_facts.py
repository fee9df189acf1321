"""The facts that readers see. Staff see a change of each fact, and it makes a public version."""

import pytest
from django.utils import timezone

from projects.publication.public_facts import call_facts, project_facts
from tests.support.factories import make_call, make_decision, make_partner, make_public_project

pytestmark = pytest.mark.django_db


def facts_in_words(facts):
    return {key: fact.words for key, fact in facts.items() if not key.startswith("part-")}


def test_a_call_states_its_facts_and_those_of_its_decision():
    call = make_call(title="PSF 2019", budget_eur=130_000)
    make_decision(call, mode="written")
    assert facts_in_words(call_facts(call, timezone.now())) == {
        "title": "PSF 2019",
        "summary": "",
        "description": "",
        "budget_eur": "130000",
        "how_to_apply": "",
        "contact": "",
        "guidelines_url": "",
        "application_form_url": "",
        "received": "",
        "eligible": "",
        "funded": "",
        "announcement": "published",
        "opens": "15 February 2019, 01:00 CET",
        "closes": "31 March 2019, 23:59 CEST",
        "decision-body": "Committee of Senior Officials",
        "decision-decided_on": "",
        "decision-announced_on": "",
        "decision-mode": "by written procedure",
        "decision-meeting": "",
        "decision-reference": "",
        "priorities": "",
        "topics": "",
    }


def test_a_project_states_its_facts():
    call = make_call(title="PSF 2019")
    lead = make_partner("Port", "LV")
    project = make_public_project(lead, call=call, title="Harbours", total_budget_eur=70_000)
    assert facts_in_words(project_facts(project)) == {
        "title": "Harbours",
        "acronym": "",
        "status": "funded",
        "summary": "",
        "description": "",
        "website": "",
        "total_budget_eur": "70000",
        "as_published": "",
        "call": "PSF 2019",
        "period": "",
        "amount": "amount not published",
        "lead": "Port, Latvia",
        "priorities": "",
        "topics": "",
        "places": "",
        "disagreement": "",
    }
