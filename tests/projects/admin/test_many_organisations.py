"""A call whose projects have more organisations than SQLite compares one by one."""

from contextlib import suppress

import pytest
from django.urls import NoReverseMatch, reverse

from partners.models import Partner
from projects.admin.calls import CallAdmin
from projects.admin.projects import ProjectAdmin
from projects.assessment.assignment import assign
from projects.letters.compose import projects_without_letter
from projects.models import DecisionLine, Partnership, Project
from psf.history import recording
from psf.history.models import Channel
from tests.support.accounts import client_of, make_account, url_of
from tests.support.factories import make_call, make_country, make_criterion

pytestmark = pytest.mark.django_db

ORGANISATIONS, PARTNERS = 1200, 3


def make_large_call():
    """A closed call with eligible applications."""
    call, country = make_call(budget_eur=100_000), make_country("LV")
    make_criterion(call)
    partners = Partner.objects.bulk_create(
        Partner(name=f"Organisation {n}", slug=f"organisation-{n}", country=country, kind="ngo")
        for n in range(ORGANISATIONS)
    )
    projects = Project.objects.bulk_create(
        Project(call=call, reference=f"P-{n}", slug=f"p-{n}", title="Water", status="eligible")
        for n in range(ORGANISATIONS // PARTNERS)
    )
    Partnership.objects.bulk_create(
        Partnership(
            project=projects[n // PARTNERS],
            partner=partner,
            country=country,
            role="partner" if n % PARTNERS else "lead",
            position=n % PARTNERS + 1,
        )
        for n, partner in enumerate(partners)
    )
    return call, projects


def pages_about(record, model_admin):
    """The staff pages of a record that need no further key."""
    for page in model_admin.pages:
        with suppress(NoReverseMatch):
            yield url_of(record, page.name)


def test_pages_and_acts_of_a_call_with_1200_organisations():
    with recording.change_set(None, channel=Channel.COMMAND):
        call, projects = make_large_call()
    by, client = make_account("superuser"), client_of("superuser")
    pages = [*pages_about(call, CallAdmin), *pages_about(projects[0], ProjectAdmin)]
    pages += [url_of(call), url_of(call, "history"), reverse("admin:projects_project_changelist")]
    pages += [call.get_absolute_url(), reverse("projects:project-list"), reverse("admin:index")]
    codes = {}
    for url in pages:
        response = client.get(url)
        codes[url] = response.status_code
        b"".join(response)  # reads and closes a file
    # Pages about public results do not exist yet, and some acts are refused.
    assert {url: code for url, code in codes.items() if code not in [200, 403, 404]} == {}

    assert len(assign(projects, by, [make_account("Assessor")])) == len(projects)
    DecisionLine.objects.bulk_create(
        DecisionLine(project=project, outcome="rejected", reason="Vague.") for project in projects
    )
    call.projects.update(status="rejected")
    assert client.get(url_of(call, "outbox")).status_code == 200
    assert len(projects_without_letter(call)) == len(projects)
