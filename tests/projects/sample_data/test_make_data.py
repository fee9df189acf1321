from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models import Count, Q

from partners.models import Partner, PartnerName
from partners.search import PARTNERS
from projects.models import Call, Partnership, Project, ProjectStatus, Role
from projects.sample_data import generator as generator
from projects.sample_data.generator import make_data
from projects.sample_data.vocabulary import RARE
from projects.search import PROJECTS
from psf.search.maintenance import update_indexes
from tests.support.factories import make_project

pytestmark = pytest.mark.django_db


def make(*arguments):
    output = StringIO()
    call_command("make_data", *arguments, stdout=output)
    return output.getvalue()


def all_rows():
    models = [Call, Project, Partnership, Partner, PartnerName, Project.topics.through]
    rows_by_model = {}
    for model in models:
        rows = model.objects.order_by("pk").values()
        rows_by_model[model] = [
            [value for name, value in row.items() if not name.endswith(("id", "changed_at"))]
            for row in rows
        ]
    return rows_by_model


@pytest.mark.unmeasured
def test_command_generates_and_reports_the_requested_number():
    assert make("--projects", "600") == (
        f"Generated 600 projects in 8 calls, with {Partnership.objects.count()} partner rows "
        "of 1200 organisations.\n"
    )
    assert Project.objects.count() == 600


@pytest.mark.unmeasured
def test_generated_projects_are_realistic_and_valid():
    make_data(400, seed=7)
    public = Project.objects.public()

    assert 350 < public.count() < 400
    drafts = Project.objects.filter(published_at__isnull=True)
    assert set(drafts.values_list("status", flat=True)) == {ProjectStatus.SUBMITTED}
    counted = Project.objects.annotate(
        parts=Count("partnerships"),
        leads=Count("partnerships", filter=Q(partnerships__role=Role.LEAD)),
    )
    assert set(counted.values_list("leads", flat=True)) == {1}
    assert set(counted.values_list("parts", flat=True)) == {3, 4, 5, 6, 7}
    assert 4.5 < Partnership.objects.count() / 400 < 5.5
    statuses = set(public.values_list("status", flat=True))
    assert statuses == {"completed", "running", "terminated"}
    for model in [Call, Project, Partner]:
        for row in model.objects.all()[:20]:
            row.full_clean()


@pytest.mark.unmeasured
def test_vocabulary_has_frequent_and_rare_words():
    make_data(400, seed=7)
    public = Project.objects.public()

    assert public.found_by(RARE).count() == 10
    assert public.found_by("the").count() > 300


@pytest.mark.unmeasured
def test_same_seed_gives_same_records():
    make_data(30, seed=7)
    first = all_rows()
    for model in [Project, Call, Partner]:
        model.objects.all().delete()
    make_data(30, seed=7)
    assert all_rows() == first

    for model in [Project, Call, Partner]:
        model.objects.all().delete()
    make_data(30, seed=8)
    assert all_rows() != first


def test_committed_projects_stay_searchable_after_an_error(monkeypatch):
    """An interrupted run keeps the transactions that were committed."""
    monkeypatch.setattr(generator, "PART_SIZE", 20)
    monkeypatch.setattr(generator, "CHUNK_SIZE", 10)
    conflicting = make_project(slug="syn-0000045")
    with pytest.raises(IntegrityError):
        make_data(60, seed=7, add=True)
    conflicting.delete()
    update_indexes()
    assert Project.objects.count() == 40
    assert Project.objects.public().count() > 30
    assert PROJECTS.stale_records() == PARTNERS.stale_records() == []


def test_interrupted_run_without_projects_is_refused():
    make_data(10, seed=7)
    Project.objects.all().delete()
    with pytest.raises(CommandError, match="An earlier run was interrupted"):
        make("--projects", "10")


def test_synthetic_projects_need_a_flag_beside_real_projects():
    make_project()
    with pytest.raises(CommandError, match="This database already has projects"):
        make("--projects", "10")
    assert Project.objects.count() == 1

    for total in [11, 21]:
        make("--projects", "10", "--add")
        assert Project.objects.count() == total
