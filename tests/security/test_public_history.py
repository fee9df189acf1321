"""Earlier versions, the log and the feeds show public fields only.

Every text field of every record holds a word, twice replaced, so most words are only in the
history. A new field fails here until it is named below.
"""

import re

import pytest
from django.apps import apps

from psf.history.tracking import is_tracked
from tests.security.canaries import plant, words_in
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_amendment,
    make_contact,
    make_criterion,
    make_decision,
    make_document,
    make_instalment,
    make_letter,
    make_output,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
    make_public_project,
    make_report,
    make_source,
)

pytestmark = pytest.mark.django_db
PUBLIC = {
    "partners.country": {"name"},
    "partners.partner": {"name", "city", "registry_number", "website"},
    "partners.partnername": {"text", "language", "source"},
    "projects.call": {
        *["title", "summary", "description", "how_to_apply", "contact", "applicant_kinds"],
        *["guidelines_url", "application_form_url", "eligibility_expected", "decision_expected"],
    },
    "projects.decision": {"body", "meeting", "reference"},
    "projects.document": {"title", "language", "licence", "alternative"},
    "projects.output": {"title", "language", "licence", "url"},
    "projects.partnership": {"name_as_published"},
    "projects.priority": {"name"},
    "projects.project": {
        *[
            "reference",
            "title",
            "acronym",
            "summary",
            "description",
            "as_published",
            "website",
            "story",
        ],
    },
    "projects.source": {"citation", "url", "note"},
    "projects.topic": {"name"},
}


def make_records():
    """A public project with all its parts, and an application."""
    project = make_public_project()
    make_partnership(project, make_partner(), name_as_published="Printed")
    make_partner_name(project.lead().partner, "Other name")
    make_decision(project.call)
    make_criterion(project.call)
    for record in [{"project": project}, {"call": project.call}]:
        make_source(**record)
    application = make_project(project.call)
    make_partnership(application, make_partner(), role="lead")
    for owner in [project, application]:
        for make in [make_agreement, make_amendment, make_contact, make_instalment, make_report]:
            make(owner)
        make_document(owner, title="Inner")
        make_output(owner, published_at=LONG_AGO)
        make_letter(owner)
    return project


@pytest.mark.sweep
def test_history_shows_public_fields_alone(client):
    project = make_records()
    models = [model for model in apps.get_models() if is_tracked(model)]
    canaries = {**plant(models), **plant(models, 10_000), **plant(models, 20_000)}
    shown = set()
    records = [project, project.call, *(row.partner for row in project.partnerships.all())]
    for record in records:
        address = record.get_absolute_url()
        page = client.get(address)
        numbers = {int(number) for number in re.findall(rb"versions/([0-9]+)/", page.content)}
        assert numbers, address
        for number in numbers:
            shown |= words_in(client.get(f"{address}versions/{number}/"))
        shown |= words_in(client.get(f"{address[:-1]}.atom"))
    for address in ["/changes/", "/changes.atom", "/feed.atom", "/projects.atom", "/calls.atom"]:
        shown |= words_in(client.get(address))
    found = [canaries[word] for word in shown]
    assert len(found) > 30
    for kind, _key, field in found:
        assert field in PUBLIC.get(kind, set()), (kind, field)
    hidden = {row.pk for row in project.call.projects.exclude(pk=project.pk)}
    assert not [row for row in found if row.kind == "projects.project" and row.key in hidden]
