import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from partners.search import PARTNERS
from projects.models import Project
from projects.search import PROJECTS
from psf.search.index import update_indexes
from tests.make_data import generator
from tests.make_data.generator import make_data
from tests.support.factories import make_project
from tests.support.processes import environment_with_copy, run

pytestmark = pytest.mark.django_db
BASE = settings.BASE_DIR


@pytest.mark.unmeasured
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies a file")
def test_the_program_reports_and_refuses(tmp_path):
    env = environment_with_copy(tmp_path)
    command = [sys.executable, "-m", "tests.make_data", "--projects", "3"]
    assert run(command, cwd=BASE, env=env).stdout.startswith("Generated 3 projects in 8 calls")
    second = run(command, cwd=BASE, env=env)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("Nothing was generated. This database already has projects.")


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
