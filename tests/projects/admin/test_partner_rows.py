"""Names of organisations typed into the rows of partners: found, offered, or added."""

import pytest
from django.contrib.auth.models import Group, Permission

from partners.models import DuplicateCandidate, Partner
from tests.support import factories
from tests.support.accounts import client_of, errors_of, form_data, new_row, save, send, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ports():
    lodz = factories.make_partner("Miasto Łódź", "PL")
    factories.make_partner_name(lodz, "Litzmannstadt", kind="former")
    return [lodz, *(factories.make_partner("Port", country) for country in ["EE", "LV"])]


def typed(editor, text, **row):
    """The answer to a project with this organisation as its partner."""
    project = factories.make_project()
    return project, save(
        editor, url_of(project), **new_row("partnerships", 0, partner=text, role="lead", **row)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Miasto Łódź (PL)", 0),
        (" miasto lodz ", 0),
        ("LITZMANNSTADT", 0),
        ("Port (lv)", 2),
        ("Port", None),
        ("Port (PL)", None),
        ("Port (XX)", None),
        ("?", None),
    ],
)
def test_an_organisation_is_found_by_each_of_its_names(editor, ports, text, place):
    project, response = typed(editor, text)
    if place is None:
        assert "Not recorded." in errors_of(response)
    else:
        assert project.partnerships.get().partner == ports[place]


def choices(response):
    """What can be chosen for the name in the first row, and the form as it was shown again."""
    offers = response.context["inline_admin_formsets"][0].formset[0].fields["partner"].widget.offers
    return {offer.words: offer.value for offer in offers}, form_data(response)


@pytest.mark.parametrize("country", ["", "PL"])
def test_a_recorded_organisation_is_chosen_for_a_name(editor, ports, country):
    project, response = typed(editor, "Lodz", country=country)
    offered, data = choices(response)
    assert [*offered] == ["Choose “Miasto Łódź (PL)”", "Add “Lodz” as a new organisation"]
    data["partnerships-0-partner-choice"] = offered["Choose “Miasto Łódź (PL)”"]
    # A new name makes the choice void, and another error keeps it.
    assert "Not recorded." in errors_of(
        send(editor, url_of(project), data | {"partnerships-0-partner": "Lodsch"})
    )
    again = send(editor, url_of(project), data | {"title": ""})
    assert 'value="new"' in again.text and " checked> Choose “Miasto" in again.text
    assert send(editor, url_of(project), data).status_code == 302
    assert project.partnerships.get().partner == ports[0]


def test_a_new_organisation_is_added_once_with_its_row(editor, ports):
    project = factories.make_public_project()
    row = new_row("partnerships", 1, partner="Port  Office (PL)", role="partner")
    response = save(editor, url_of(project), **row)
    assert "Not recorded." in errors_of(response)
    data = form_data(response, **{"partnerships-1-partner-choice": "new"})
    shown = editor.post(url_of(project), data)
    assert not Partner.objects.filter(name__startswith="Port ").exists()
    assert editor.post(url_of(project), form_data(shown)).status_code == 302
    partner = Partner.objects.get(name__startswith="Port ")
    assert (partner.country_id, partner.kind) == ("PL", "unknown")
    assert project.partnerships.get(role="partner").partner == partner


def test_a_new_organisation_needs_a_country_and_the_permission(editor):
    project, response = typed(editor, "Sea School")
    chosen = {"partnerships-0-partner-choice": "new"}
    response = send(editor, url_of(project), form_data(response, **chosen))
    assert "Name the country of the new organisation." in errors_of(response)
    country = {"partnerships-0-country": factories.make_country("EE").pk}
    Group.objects.get(name="Editor").permissions.remove(
        Permission.objects.get(codename="add_partner")
    )
    response = send(client_of("Editor"), url_of(project), form_data(response, **country))
    assert "You may not add organisations." in errors_of(response)
    assert not Partner.objects.exists()


def test_a_name_that_is_similar_to_a_recorded_one_becomes_a_task(editor):
    factories.make_partner("Charity Fund Stellit", "RU")
    project, response = typed(editor, "Charity Found Stellit", country="RU")
    offered, data = choices(response)
    assert "Choose “Charity Fund Stellit (RU)”" in offered
    send(editor, url_of(project), data | {"partnerships-0-partner-choice": "new"})
    assert DuplicateCandidate.objects.waiting().exists()
