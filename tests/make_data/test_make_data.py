import os
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Count, Q

from partners.models import Partner, PartnerName
from partners.search import PARTNERS
from projects.models import Call, Partnership, Project, ProjectStatus, Role
from projects.search import PROJECTS
from psf.search.index import update_indexes
from tests.make_data import generator
from tests.make_data.generator import make_data
from tests.make_data.vocabulary import RARE
from tests.support.factories import make_project
from tests.support.processes import run

pytestmark = pytest.mark.django_db
BASE = settings.BASE_DIR


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
def test_the_requested_number_is_generated_and_reported():
    assert str(make_data(600, seed=7)) == (
        f"Generated 600 projects in 8 calls, with {Partnership.objects.count()} partner rows "
        "of 1200 organisations."
    )
    assert Project.objects.count() == 600


@pytest.mark.unmeasured
def test_the_program_reports_and_refuses(tmp_path):
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3"}
    env["DJANGO_SETTINGS_MODULE"] = "psf.settings"
    run([sys.executable, "manage.py", "migrate", "-v0"], cwd=BASE, env=env, check=True)
    command = [sys.executable, "-m", "tests.make_data", "--projects", "3"]
    assert run(command, cwd=BASE, env=env).stdout.startswith("Generated 3 projects in 8 calls")
    second = run(command, cwd=BASE, env=env)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("Nothing was generated. This database already has projects.")


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
    with pytest.raises(ValidationError, match="An earlier run was interrupted"):
        make_data(10, seed=7)


def test_synthetic_projects_need_a_flag_beside_real_projects():
    make_project()
    with pytest.raises(ValidationError, match="This database already has projects"):
        make_data(10, seed=7)
    assert Project.objects.count() == 1

    for total in [11, 21]:
        make_data(10, seed=7, add=True)
        assert Project.objects.count() == total
