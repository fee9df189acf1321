"""The warnings about missing facts name exactly these facts."""

from datetime import date, timedelta

import pytest

from projects.models import Call, Project
from projects.publication.warnings import (
    missing_in_call,
    missing_in_project,
    missing_in_results,
)
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_decision,
    make_partnership,
    make_priority,
    make_project,
    make_source,
)

pytestmark = pytest.mark.django_db


def test_an_empty_call_lacks_seven_facts_and_a_filled_call_none():
    call = make_call(closes_at=None)
    assert missing_in_call(Call.objects.for_page().get()) == [
        "There is no summary. Lists will show only the title.",
        "There is no description.",
        "The closing will read “not known”.",
        "No ceiling of a grant is given.",
        "No priority is selected.",
        "Nothing says how to apply.",
        "Nothing says whom to ask.",
    ]
    filled = make_call(summary="A call.", description="For all.", ceiling_eur=1, contact="Staff")
    filled.priorities.add(make_priority())
    for field in ["how_to_apply", "application_form_url"]:
        Call.objects.filter(pk=filled.pk).update(**{field: "https://example.org/form"})
        assert missing_in_call(Call.objects.for_page().exclude(pk=call.pk).get()) == []
        Call.objects.filter(pk=filled.pk).update(**{field: ""})


def test_a_call_that_is_over_needs_no_way_to_apply():
    make_call(opens_at=LONG_AGO, closes_at=LONG_AGO + timedelta(days=1))
    assert "Nothing says how to apply." not in missing_in_call(Call.objects.for_page().get())


def test_an_unlikely_period_is_pointed_out():
    make_project(ends_on=date(2072, 8, 31))
    sentence = "The period reaches to 2072, but the call closes in 2019. Check the year."
    assert sentence in missing_in_project(Project.objects.for_page().get())


def test_an_empty_project_lacks_its_facts_and_the_names_of_organisations():
    project = make_project()
    make_partnership(project, country="LV", role="lead")
    project.announced_countries.set([make_country("LV"), make_country("EE")])
    sentences = [
        "There is no summary. Lists will show only the title.",
        "There is no description.",
        "No period is given.",
        "The amount will read “not published”.",
        "No priority is selected.",
        "No source is given.",
        "No organisation is named for Latvia.",
        "The headline and the list of partners differ: only in the headline: Estonia.",
    ]
    assert missing_in_project(Project.objects.for_page().get()) == sentences

    make_source(project=project)
    project.priorities.add(make_priority())
    project.announced_countries.set([])
    assert missing_in_project(Project.objects.for_page().get()) == [*sentences[:4], sentences[6]]


def test_results_without_figures_days_and_descriptions_lack_them():
    call, day = make_call(), date(2027, 5, 15)
    decision = make_decision(call)
    projects = [make_project(call, reference=f"PSF-2027-0{number}") for number in (1, 2)]
    described = make_project(call, description="For all.")
    make_project(call, status="rejected")
    assert missing_in_results(decision, [*projects, described]) == [
        "Applications received will read “not published”.",
        "Applications eligible will read “not published”.",
        "Projects funded will read “not published”.",
        "The day of the decision will read “not known”.",
        "The day of the announcement will read “not known”.",
        "There is no description of PSF-2027-01 and PSF-2027-02.",
    ]
    call.received_count, call.eligible_count, call.funded_count = 0, 0, 0
    decision.decided_on = decision.announced_on = day
    assert missing_in_results(decision, [described]) == []


def test_doubtful_facts_of_the_results_are_named():
    call = make_call(received_count=9, eligible_count=8, funded_count=2)
    money = {"requested_eur": 60000, "amount_eur": 6000, "amount_kind": "awarded"}
    late = {"reference": "P-1", "ends_on": date(2072, 8, 31)}
    project = make_project(call, status="funded", description="For all.", **money, **late)
    decision = make_decision(call, decided_on=date(2019, 3, 1), announced_on=date(2019, 7, 1))
    sentences = missing_in_results(decision, [project])
    assert [sentence.replace("\N{NO-BREAK SPACE}", " ") for sentence in sentences] == [
        f"{call} closes on {call.closes()}, but was decided on 1 March 2019.",
        f"{call}: 2 funded projects were announced, 1 are recorded.",
        "P-1: The period reaches to 2072, but the call closes in 2019. Check the year.",
        "P-1: Is a zero missing? 6 000 EUR is a tenth of 60 000 EUR or less.",
    ]
