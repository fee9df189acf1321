"""An application as assessors read it, with and without the names of the applicants."""

import pytest

from projects.assessment.anonymised import load_application
from projects.models import Project
from tests.projects.assessment.call_in_assessment import make_world, with_partners
from tests.support.factories import (
    make_answer,
    make_contact,
    make_country,
    make_criterion,
    make_priority,
    make_question,
)

pytestmark = pytest.mark.django_db

TEXT = (
    "KAUNAS CITY MUNICIPALITY leads; Kauno miesto savivaldybė has the data of Hidden Waters. "
    "KM stays, as does Kaunas. Write to jonas@kaunas.lt or +370 600 12345, see www.kaunas.lt/psf."
)


def application(**fields):
    world = make_world(**fields)
    with_partners(world.project)
    values = {"title": "Waters of Kaunas City Municipality", "summary": TEXT, "description": TEXT}
    Project.objects.update(**values, website="https://www.kaunas.lt/psf")
    project = Project.objects.get()
    project.priorities.add(make_priority("Safe Region"))
    project.activity_countries.add(make_country("LT"))
    return load_application(project.pk)


def test_as_it_was_written():
    found = application()
    assert (found.summary(), found.description()) == (TEXT, TEXT)
    assert found.partners() == [
        "Kaunas City Municipality, Lithuania (lead partner)",
        "not named, Estonia (partner)",
    ]
    facts = dict(found.facts())
    assert facts["Website"] == "https://www.kaunas.lt/psf"
    assert facts["Priorities"] == "Safe Region"
    assert facts["Period"] == "not known"
    assert "Topics" not in facts


def test_without_the_names_and_contacts_that_are_known():
    found = application(is_anonymised=True)
    assert found.title() == "Waters of [Partner 1]"
    assert found.summary() == found.description()
    assert found.summary() == (
        "[Partner 1] leads; [Partner 1] has the data of [Partner 2]. "
        "KM stays, as does Kaunas. Write to [left out] or [left out], see [left out]"
    )
    assert found.partners() == [
        "Partner 1: non-governmental organisation, Lithuania (lead partner)",
        "Partner 2: not named, Estonia (partner)",
    ]
    assert "Website" not in dict(found.facts())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Kaunas City\nMunicipality leads.", "[Partner 1] leads."),
        ("KAUNAS\N{NO-BREAK SPACE}City  Municipality’s plan", "[Partner 1]’s plan"),
        ("Kauno miesto savivaldybe", "[Partner 1]"),
        ("Kauno miesto savivaldybe\N{COMBINING DOT ABOVE}", "[Partner 1]"),
        ("“Kaunas City” Municipality and Hidden Waters", "“[Partner 1] and [Partner 2]"),
        ("Jonas Jonaitis helps Jonas.", "[left out] helps Jonas."),
        ("See kaunas.lt/psf, waters.hidden-waters.org.", "See [left out] [left out]."),
        ("We plan e.g. 3.5 days, etc.", "We plan e.g. 3.5 days, etc."),
        ("Kaunas City Hall. Municipality", "Kaunas City Hall. Municipality"),
    ],
)
def test_names_are_left_out_however_they_are_written(text, shown):
    world = make_world(is_anonymised=True)
    with_partners(world.project)
    make_contact(world.project, name="Jonas Jonaitis")
    Project.objects.update(summary=text)
    assert load_application(world.project.pk).summary() == shown


def test_without_any_partner_only_contacts_are_left_out():
    world = make_world(is_anonymised=True)
    Project.objects.update(title="Ask a@b.lt")
    found = load_application(world.project.pk)
    assert (found.title(), found.partners()) == ("Ask [left out]", [])


def test_answers_stand_in_the_order_of_the_criteria_without_names():
    found = application(is_anonymised=True)
    project = found.project
    criterion = make_criterion(project.call, name="Impact", position=1)
    other = make_question(project.call, text="Anything else?")
    last = make_question(project.call, text="Who helps?", criterion=criterion, position=2)
    make_answer(project, question_id=other.pk, text="No.")
    make_answer(project, question_id=last.pk, number=2, text="Kaunas City Municipality")
    assert load_application(project.pk).answers() == [
        ("Who helps? · Partner 2", criterion, "[Partner 1]"),
        ("Anything else?", None, "No."),
    ]
