from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import ProtectedError

from projects.models import AmountKind, Partnership, Project, ProjectStatus, Source
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import Money
from projects.models.publication import public_since
from projects.pages.project_detail import project_context
from projects.workflow.status_changes import TRANSITIONS, status_error
from tests.support.cases import HIDDEN_PROJECTS, soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_country,
    make_decision,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_source,
    make_topic,
)
from tests.support.refusals import assert_allowed, assert_refused

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]

TICK = timedelta(microseconds=1)
LATER = LONG_AGO + timedelta(days=1)
NOT_FUNDED = [status for status in ProjectStatus if status not in FUNDED_STATUSES]


# Who may see what


@pytest.mark.parametrize("make_hidden", HIDDEN_PROJECTS)
def test_hidden_project_is_not_public(make_hidden):
    project = make_hidden()
    assert not project.is_public()
    assert not Project.objects.public().exists()
    assert not Partnership.objects.public().exists()


def test_project_is_public_from_the_later_publication_of_project_and_call():
    for of_call, own in [(LONG_AGO, LATER), (LATER, LONG_AGO), (LATER, LATER)]:
        project = make_public_project(call=make_call(published_at=of_call), published_at=own)
        for at, seen in [(LATER - TICK, False), (LATER, True), (LATER + TICK, True)]:
            assert project.is_public(at) is seen
            assert Project.objects.public(at).exists() is seen
        assert project.is_public()
        assert Project.objects.public().annotate(since=public_since()).get().since == LATER
        project.delete()


def test_project_is_unpublished_until_public_again():
    back = {"unpublished_at": LONG_AGO, "unpublished_reason": "An error."}
    project = make_public_project(published_at=LATER, **back)
    gone = make_public_project(**back)
    make_public_project()
    make_public_project(published_at=LATER)
    make_project()

    assert set(Project.objects.unpublished(LATER - TICK)) == {project, gone}
    assert not project.is_public(LATER - TICK)
    assert set(Project.objects.unpublished(LATER)) == {gone}
    assert project.is_public(LATER)


# Status


@pytest.mark.parametrize("status", ProjectStatus)
def test_project_can_follow_all_transitions(status):
    possible = [
        other for other in ProjectStatus if not status_error(status, other, is_published=False)
    ]
    assert set(possible) == {status, *TRANSITIONS[status]}


# Money


def test_different_kinds_of_amount_are_not_added():
    for kind, amounts in [
        (AmountKind.AWARDED, ["60000.50", "0"]),
        (AmountKind.CEILING, ["65000"] * 5),
        (AmountKind.FINAL, ["59999.99"]),
        (AmountKind.RETURNED, ["0.51"]),
    ]:
        for amount in amounts:
            make_project(status="funded", amount_eur=Decimal(amount), amount_kind=kind)
    make_project(status="funded")
    make_project(status="funded")

    assert Project.objects.money() == [
        Money("ceiling", 5, Decimal(325_000), Decimal(65_000), Decimal(65_000)),
        Money("awarded", 2, Decimal("60000.50"), Decimal(0), Decimal("60000.50")),
        Money("final", 1, Decimal("59999.99"), Decimal("59999.99"), Decimal("59999.99")),
        Money("returned", 1, Decimal("0.51"), Decimal("0.51"), Decimal("0.51")),
        Money("not_published", 2, None, None, None),
    ]


@pytest.fixture
def two_awards():
    """Two awarded projects; the first project has three Finnish partners."""
    for amount in [1000, 10]:
        project = make_public_project(
            make_partner(country="FI"), amount_eur=amount, amount_kind="awarded"
        )
    first = Project.objects.get(amount_eur=1000)
    for _another in range(2):
        make_partnership(first, make_partner(country="FI"))
    first.priorities.add(make_priority(), make_priority())
    return first, project


@pytest.mark.parametrize(
    "narrowed",
    [
        lambda projects: projects,
        lambda projects: projects.filter(partnerships__country="FI"),
        lambda projects: projects.filter(partnerships__country="FI").distinct(),
        lambda projects: projects.filter(partnerships__country="FI").order_by("title"),
        lambda projects: projects.for_list(),
        lambda projects: projects.for_page(),
        lambda projects: projects.public().found_by("organisation"),
        lambda projects: projects.order_by("partnerships__country", "priorities"),
        lambda projects: projects.order_by("pk")[:2],
    ],
)
def test_amount_counts_once_after_joins(two_awards, narrowed):
    expected = [Money("awarded", 2, Decimal(1010), Decimal(10), Decimal(1000))]
    assert narrowed(Project.objects.all()).money() == expected


# Words


@pytest.fixture
def cape():
    project = make_public_project(
        make_partner("Ministry of the Interior"), title="Łódź at Sea", acronym="CAPE"
    )
    stellit = make_partner("Stellit", country="RU")
    make_partner_name(stellit, "NGO Stellit, charity fund")
    make_partnership(project, stellit, name_as_published="Regional Public Organization “S”")
    make_partnership(project, country="EE")
    make_project(title="Nothing else")
    return project


@pytest.mark.parametrize(
    "text",
    ["lodz", "ŁÓDŹ sea", "cape", "stellit", "charity", "regional public", "interior cape charity"],
)
def test_project_is_found_by_its_words_and_names_of_partners(cape, text):
    assert list(Project.objects.found_by(text)) == [cape]


# Partners, and what the headline says of them


def test_lead_partner_comes_first():
    project = make_project()
    for country, fields in [
        ("SE", {"position": 2}),
        ("FI", {"position": 3}),
        ("SE", {"position": 4}),
        ("NO", {"position": 9, "role": "lead"}),
        ("LV", {"position": 1}),
    ]:
        make_partnership(project, make_partner(country=country), **fields)

    for row in [project, Project.objects.for_list().get(), Project.objects.for_page().get()]:
        assert row.lead().country.code == "NO"
        assert [country.code for country in row.countries()] == ["NO", "LV", "SE", "FI"]


def announced(listed, named):
    project = make_project()
    for country in listed:
        make_partnership(project, make_partner(country=country))
    project.announced_countries.set([make_country(country) for country in named])
    return project


@pytest.mark.parametrize(
    ("listed", "named", "only_announced", "only_listed"),
    [
        (["LV", "NO", "FI", "DE", "DK"], ["LV", "EE", "FI", "DK"], ["EE"], ["NO", "DE"]),
        (["LV"], ["LV", "EE"], ["EE"], []),
        (["LV", "SE"], ["LV"], [], ["SE"]),
        ([], ["LV"], ["LV"], []),
        (["LV", "FI", "FI"], ["FI", "LV"], [], []),  # two partners of one country
        (["LV", "FI"], [], [], []),  # nothing was announced
    ],
)
def test_different_countries_in_headline_and_list_are_a_disagreement(
    listed, named, only_announced, only_listed
):
    found = announced(listed, named).disagreement()
    codes = [[country.code for country in part] for part in found or [[], []]]
    assert codes == [only_announced, only_listed]
    assert bool(found) is bool(only_announced or only_listed)


def test_number_of_queries_does_not_grow_with_projects(django_assert_num_queries):
    assert connection.features.supports_json_field  # Django asks SQLite once per process
    make_decision(make_call())
    for _more in range(3):
        project = make_public_project()
        make_decision(project.call)
        for _another in range(3):
            make_partnership(project, make_partner(country="FI"))
        project.priorities.add(make_priority())
        project.topics.add(make_topic())
        project.announced_countries.add(make_country("EE"))
        project.activity_countries.add(make_country("SE"))
        make_source(project=project)
        with django_assert_num_queries(2):
            for row in Project.objects.public().for_list():
                assert row.call.title + row.lead().partner.name + row.lead().country.name
        with django_assert_num_queries(16):
            page = project_context(Project.objects.public().for_page().get(slug=project.slug))
            assert page["project"].call.public_decision()
            assert page["lead"].partner.country.name
            assert not page["project"].countries()[0].was_member_on(date(2019, 1, 1))
            assert [len(page[name]) for name in ["priorities", "topics", "sources"]] == [1, 1, 1]
            assert [str(row) for row in page["places"]] == ["Sweden"]
            assert str(page["disagreement"].only_announced[0]) == "Estonia"


# Rules of one row


def test_project_ends_on_is_at_least_starts_on():
    day = date(2019, 9, 2)
    project = make_project(starts_on=day)
    name = "project_ends_on_is_at_least_starts_on"
    assert_refused(project, name, ends_on=day - timedelta(days=1))
    assert_allowed(project, ends_on=day)
    assert_allowed(project, ends_on=None)
    assert_allowed(project, starts_on=None, ends_on=day)


def test_project_amount_has_a_kind():
    project = make_project(status="funded")
    for kind in AmountKind:
        if kind == AmountKind.NOT_PUBLISHED:
            assert_allowed(project, amount_eur=None, amount_kind=kind)
            assert_refused(project, "project_amount_has_a_kind", amount_eur=0, amount_kind=kind)
        else:
            assert_allowed(project, amount_eur=1, amount_kind=kind)
            assert_refused(project, "project_amount_has_a_kind", amount_eur=None, amount_kind=kind)


def test_project_time_of_receipt_has_a_day():
    project = make_project()
    assert_refused(project, "project_time_of_receipt_has_a_day", received_time=time(12))
    assert_allowed(project, received_time=time(12), received_on=date(2019, 3, 1))


def test_project_ceiling_is_not_zero():
    project = make_project()
    for amount in [0, Decimal("0.00")]:
        name = "project_ceiling_is_not_zero"
        assert_refused(project, name, amount_eur=amount, amount_kind="ceiling")
    assert_allowed(project, amount_eur=Decimal("0.01"), amount_kind="ceiling")
    assert_allowed(make_project(status="funded"), amount_eur=0, amount_kind="awarded")


def test_project_award_is_of_a_funded_project():
    name = "project_award_is_of_a_funded_project"
    for status in ProjectStatus:
        project = make_project(status=status)
        assert_allowed(project, amount_eur=65_000, amount_kind="ceiling")
        for kind in ["awarded", "final", "returned"]:
            if status in FUNDED_STATUSES:
                assert_allowed(project, amount_kind=kind)
            else:
                assert_refused(project, name, amount_kind=kind)


@pytest.mark.parametrize("status", NOT_FUNDED)
def test_project_public_is_funded(status):
    assert_refused(make_public_project(), "project_public_is_funded", status=status)
    assert_refused(make_project(status=status), "project_public_is_funded", published_at=soon())


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("project_unpublished_has_a_reason", make_public_project),
        ("call_unpublished_has_a_reason", make_call),
        ("decision_unpublished_has_a_reason", lambda: make_decision(make_call())),
    ],
)
def test_unpublished_record_has_a_reason(name, make):
    record = make()
    assert_refused(record, name, unpublished_at=LATER)
    assert_refused(record, name, unpublished_reason="An error.")
    assert_allowed(record, unpublished_at=LATER, unpublished_reason="An error.")
    assert_refused(record, name, unpublished_reason="")


def test_a_project_unpublished_with_results_is_unpublished():
    name = "project_unpublished_with_results_is_unpublished"
    assert_refused(make_public_project(), name, unpublished_with_results=True)
    gone = make_public_project(unpublished_at=LATER, unpublished_reason="An error.")
    assert_allowed(gone, unpublished_with_results=True)


@pytest.mark.parametrize("reference", ["PSF-2019-01", "2019/1.b", "A"])
def test_valid_reference_is_accepted(reference):
    assert make_project(reference=reference).full_clean() is None


@pytest.mark.parametrize("reference", [" PSF", "-1", "PSF 1", "=1+1", "PSF\n", "ÄÖ"])
def test_invalid_reference_is_refused(reference):
    with pytest.raises(ValidationError) as answer:
        assert make_project(reference=reference).full_clean() is None
    assert "reference" in answer.value.message_dict


def test_project_reference_is_its_own_in_any_letters():
    make_project(reference="PSF-2030-01")
    other = make_project()
    assert_refused(other, "project_reference_is_its_own_in_any_letters", reference="psf-2030-01")
    assert_allowed(other, reference="psf-2030-1")


def test_deleting_a_project_deletes_its_own_rows_only():
    project = make_public_project()
    make_source(project=project)
    topic = make_topic()
    project.topics.add(topic)
    partner = project.lead().partner
    with pytest.raises(ProtectedError):
        partner.delete()

    project.delete()

    assert not Partnership.objects.exists()
    assert not Source.objects.exists()
    for row in [partner, topic, project.call]:
        row.refresh_from_db()
