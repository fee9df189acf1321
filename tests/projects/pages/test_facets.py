"""Each count of a facet equals the length of the list behind its link."""

from datetime import UTC, date, datetime
from itertools import cycle

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from partners.models import LeadPartner, Partner
from projects.models import Project
from projects.pages.filters import ProjectFilterSet
from psf.lists.facets import VISIBLE_CHOICES, build_facet
from tests.support.cases import HIDDEN_PROJECTS
from tests.support.factories import (
    make_call,
    make_membership,
    make_partner,
    make_partnership,
    make_priority,
    make_public_project,
    make_topic,
)
from tests.support.hidden_records import hide_canaries

pytestmark = pytest.mark.unmeasured

PROJECTS = reverse("projects:project-list")
PARTNERS = reverse("partners:partner-list")
LEADS = reverse("partners:lead-partner-list")
KINDS = ["ngo", "university", "ministry"]
CODES = ["LV", "FI", "SE"]

ONE_PROJECT = st.fixed_dictionaries(
    {
        "call": st.integers(0, 2),
        "status": st.sampled_from(["funded", "running"]),
        "amount": st.booleans(),
        "hidden": st.booleans(),
        "priorities": st.sets(st.integers(0, 1)),
        "topics": st.sets(st.integers(0, 2)),
        "lead": st.integers(0, 5),
        "partners": st.sets(st.integers(0, 5), max_size=4),
        "unnamed": st.sampled_from(["", *CODES]),
    }
)
QUESTION = st.dictionaries(
    st.sampled_from([*ProjectFilterSet.base_filters]), st.lists(st.integers(0, 3), max_size=2)
)


def length(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.context["paginator"].count


def assert_counts_are_true(client, address, query):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200, query
    context = response.context
    assert context["paginator"].count == len(listed(client, address, query)), query
    for facet in context["facets"]:
        for choice in [*facet.first, *facet.more]:
            if choice.chosen:
                others = [
                    pair for pair in query.split("&") if not pair.startswith(f"{facet.name}=")
                ]
                url = "&".join([*others, f"{facet.name}={choice.value}"])
                assert length(client, f"{address}?{url}") == choice.number, (query, choice)
                assert f"{facet.name}={choice.value}&" not in f"{choice.url}&"
            else:
                assert length(client, address + choice.url) == choice.number > 0, (query, choice)
            if choice.also:
                assert length(client, address + choice.also) >= choice.number
    return context


def listed(client, address, query):
    """Every row of every page."""
    rows, page = [], 1
    while True:
        context = client.get(f"{address}?{query}&page={page}").context
        rows += context["object_list"]
        if not context["page_obj"].has_next():
            assert len({row.pk for row in rows}) == len(rows)
            return rows
        page += 1


def choices_of(context, name):
    facet = next(facet for facet in context["facets"] if facet.name == name)
    return {choice.value: choice.number for choice in [*facet.first, *facet.more]}


def make_world(projects):
    make_membership("LV")
    make_membership("FI", valid_to=date(2019, 6, 1))
    calls = [
        make_call(closes_at=datetime(2018 + number, 3, 1, 12, tzinfo=UTC) if number else None)
        for number in range(3)
    ]
    priorities = [make_priority() for _ in range(2)]
    topics = [make_topic() for _ in range(3)]
    partners = [
        make_partner(country=code, kind=kind)
        for code, kind, _ in zip(cycle(CODES), cycle([*KINDS, "ngo"]), range(6))
    ]
    for one in projects:
        project = make_public_project(
            call=calls[one["call"]],
            lead=partners[one["lead"]],
            status=one["status"],
            amount_eur=1000 if one["amount"] else None,
            amount_kind="ceiling" if one["amount"] else "not_published",
            published_at=None if one["hidden"] else datetime(2020, 1, 1, tzinfo=UTC),
        )
        for number in one["partners"] - {one["lead"]}:
            make_partnership(project, partners[number])
        if one["unnamed"]:
            make_partnership(project, country=one["unnamed"])
        project.priorities.set(priorities[number] for number in one["priorities"])
        project.topics.set(topics[number] for number in one["topics"])


def asked(client, address, question):
    """The address with values from the choices of the list, chosen by number."""
    filters = client.get(address).context["view"].filterset.filters
    pairs = []
    for name, numbers in question.items():
        if name == "q":
            pairs += [("q", ["project", "1", "organisation", "nosuch"][n]) for n in numbers[:1]]
            continue
        choices = filters[name].extra.get("choices", []) if name in filters else []
        values = [value for value, _ in choices if value]
        pairs += [(name, values[number % len(values)]) for number in numbers if values]
    return "&".join(f"{name}={value}" for name, value in pairs)


def undone(check):
    with transaction.atomic():
        check()
        transaction.set_rollback(True)


EXAMPLES = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def values_of(project):
    """The values of each facet of a project, computed from the records."""
    call, parts = project.call, list(project.partnerships.select_related("partner", "country"))
    held = [
        [(row.valid_from, row.valid_to) for row in part.country.memberships.filter(status="member")]
        for part in parts
    ]

    def members(day):
        def holds(first, last):
            return (first is None or first <= day) and (last is None or day <= last)

        return "all" if all(any(holds(*one) for one in each) for each in held) else "others"

    closed = call.closing_day()
    return {
        "call": {call.slug},
        "year": {str(closed.year)} if closed else set(),
        "priority": {each.slug for each in project.priorities.all()},
        "topic": {each.slug for each in project.topics.all()},
        "country": {part.country.slug for part in parts},
        "together": {part.country.slug for part in parts},
        "lead": {part.country.slug for part in parts if part.role == "lead"},
        "kind": {part.partner.kind for part in parts if part.partner},
        "partner": {part.partner.slug for part in parts if part.partner},
        "status": {project.status},
        "amount": {"not_published" if project.amount_eur is None else "published"},
        "members_then": {members(closed)} if closed else set(),
        "members_now": {members(timezone.localdate())},
    }


def wanted(query):
    """The public projects that match all filters, computed in Python."""
    asked_for = QueryDict(query)
    rows = Project.objects.public()
    if text := asked_for.get("q"):
        rows = rows.found_by(text)
    return {
        project.pk
        for project in rows
        if all(
            values_of(project)[name] & {*values}
            for name, values in asked_for.lists()
            if name not in ["q", "sort"]
        )
    }


def values_of_partner(partner):
    """The values of each facet of an organisation, computed from its public projects."""
    parts = partner.partnerships.filter(project__in=Project.objects.public())
    number = len({part.project_id for part in parts})
    return {
        "country": {partner.country.slug},
        "kind": {partner.kind},
        "role": {"lead" if part.role == "lead" else "partner" for part in parts},
        "projects": {"one" if number == 1 else "few" if number < 5 else "many"},
    }


def wanted_partners(query, leading):
    """The organisations that match all filters, in order, computed in Python."""
    asked_for = QueryDict(query)
    rows = (LeadPartner if leading else Partner).objects.public().for_list()
    sort, text = asked_for.get("sort"), asked_for.get("q", "")
    if text:
        rows = rows.found_by(text)
    if sort == "projects":
        rows = rows.order_by("-number_of_projects", "folded", "slug")
    elif sort != "name":
        rows = rows.best_first(text)
    facets = ["country", "kind", "projects", *([] if leading else ["role"])]
    return [
        partner
        for partner in rows
        if all(
            values_of_partner(partner)[name] & {*asked_for.getlist(name)}
            for name in facets
            if name in asked_for
        )
    ]


@pytest.mark.django_db
@EXAMPLES
@given(projects=st.lists(ONE_PROJECT, max_size=6), question=QUESTION)
def test_count_equals_the_length_of_the_linked_list(projects, question):
    client = Client()

    def check():
        make_world(projects)
        query = asked(client, PROJECTS, question)
        assert_counts_are_true(client, PROJECTS, query)
        assert {row.pk for row in listed(client, PROJECTS, query)} == wanted(query)

    undone(check)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [PARTNERS, LEADS])
@EXAMPLES
@given(
    projects=st.lists(ONE_PROJECT, max_size=6),
    question=st.dictionaries(
        st.sampled_from(["q", "country", "kind", "role", "projects", "sort"]),
        st.lists(st.integers(0, 3), max_size=2),
    ),
)
def test_count_of_organisations_equals_the_length_of_the_linked_list(address, projects, question):
    client = Client()

    def check():
        make_world(projects)
        query = asked(client, address, question)
        assert_counts_are_true(client, address, query)
        assert listed(client, address, query) == wanted_partners(query, address == LEADS)

    undone(check)


@pytest.mark.django_db
def test_invalid_value_shows_the_counts_of_the_unfiltered_list(client):
    make_public_project(lead=make_partner(country="FI"))
    response = client.get(f"{PROJECTS}?country=fi&lead=xx")
    assert response.status_code == 400
    assert choices_of(response.context, "country") == {"fi": 1}
    urls = [choice.url for facet in response.context["facets"] for choice in facet.first]
    assert "?country=fi" in urls
    assert not [url for url in urls if "xx" in url]


@pytest.mark.django_db
def test_hidden_records_are_not_counted(client):
    hide_canaries()
    project = make_public_project(lead=make_partner(country="FI"))
    context = client.get(PROJECTS).context
    counts = [
        number for facet in context["facets"] for number in choices_of(context, facet.name).values()
    ]
    assert set(counts) == {1}
    assert choices_of(context, "country") == {"fi": 1}
    for make in HIDDEN_PROJECTS:
        make_partnership(make(), project.lead().partner)
    assert choices_of(client.get(PARTNERS).context, "country") == {"fi": 1}
    assert choices_of(client.get(PARTNERS).context, "projects") == {"one": 1}


def test_long_facet_shows_most_frequent_choices_first():
    choices = [(f"{number}", f"Choice {number:02}") for number in range(12)]
    counts = {f"{number}": number for number in range(12)}
    facet = build_facet("x", "X", choices, counts, ["0"], "{}: {}".format)
    assert [choice.value for choice in facet.first] == ["0", "11", "10", "9", "8", "7", "6", "5"]
    assert len(facet.first) == VISIBLE_CHOICES
    assert [choice.value for choice in facet.more] == ["4", "3", "2", "1"]
    assert facet.first[0].url == "x: []"
    assert facet.first[1].url == "x: ['11']"
    assert facet.first[1].also == "x: ['0', '11']"
    in_order = build_facet("x", "X", choices, counts, [], "{}: {}".format, fixed_order=True)
    assert [choice.value for choice in in_order.first] == [f"{number}" for number in range(1, 9)]


@pytest.mark.django_db
def test_without_members_every_project_includes_non_members(client):
    make_public_project()
    assert_counts_are_true(client, PROJECTS, "members_now=others&q=project")
    assert choices_of(client.get(PROJECTS).context, "members_then") == {"others": 1}
