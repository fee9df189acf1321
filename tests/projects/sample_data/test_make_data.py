from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models import Count, Q

from partners.models import Partner, PartnerName
from partners.search import PARTNERS
from projects.models import (
    Call,
    ListedPart,
    Listing,
    Partnership,
    Project,
    ProjectStatus,
    Role,
)
from projects.sample_data import generator as synthetic
from projects.sample_data.generator import make_data
from projects.sample_data.vocabulary import RARE
from projects.search import PROJECTS
from psf.search.maintenance import catch_up
from tests.support.factories import make_project

pytestmark = pytest.mark.django_db


def make(*arguments):
    output = StringIO()
    call_command("make_data", *arguments, stdout=output)
    return output.getvalue()


def everything():
    models = [Call, Project, Partnership, Partner, PartnerName, Project.topics.through]
    kept = {}
    for model in models:
        rows = model.objects.order_by("pk").values()
        kept[model] = [
            [value for name, value in row.items() if not name.endswith(("id", "changed_at"))]
            for row in rows
        ]
    return kept


def test_as_many_are_made_as_are_wanted_and_it_is_said():
    assert make("--projects", "600") == (
        f"Made 600 projects in 8 calls, with {Partnership.objects.count()} partner rows "
        "of 1200 organisations.\n"
    )
    assert Project.objects.count() == 600


def test_projects_are_like_real_ones():
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


def test_words_are_broad_or_rare():
    make_data(400, seed=7)
    public = Project.objects.public()

    assert public.found_by(RARE).count() == 10
    assert public.found_by("the").count() > 300


def test_the_same_numbers_give_the_same_records():
    make_data(30, seed=7)
    first = everything()
    for model in [Project, Call, Partner]:
        model.objects.all().delete()
    make_data(30, seed=7)
    assert everything() == first

    for model in [Project, Call, Partner]:
        model.objects.all().delete()
    make_data(30, seed=8)
    assert everything() != first


def test_what_was_made_before_an_error_is_whole_and_can_be_found(monkeypatch):
    """As when somebody ends a long run: the parts that were saved stay."""
    monkeypatch.setattr(synthetic, "PROJECTS_A_PART", 20)
    monkeypatch.setattr(synthetic, "PROJECTS_A_CHUNK", 10)
    in_the_way = make_project(slug="syn-0000045")
    with pytest.raises(IntegrityError):
        make_data(60, seed=7, add=True)
    in_the_way.delete()
    catch_up()
    assert Project.objects.count() == 40
    assert Listing.objects.count() == Project.objects.public().count() > 30
    assert (
        ListedPart.objects.count()
        == Partnership.objects.filter(project__in=Project.objects.public()).count()
    )
    assert PROJECTS.stale() == PARTNERS.stale() == []


def test_a_run_that_ended_before_its_first_project_is_not_gone_on_with():
    make_data(10, seed=7)
    Project.objects.all().delete()
    with pytest.raises(CommandError, match="An earlier run was cut short"):
        make("--projects", "10")


def test_made_up_projects_are_not_put_among_real_ones_unasked():
    make_project()
    with pytest.raises(CommandError, match=r"Nothing was made\. This database holds projects"):
        make("--projects", "10")
    assert Project.objects.count() == 1

    for total in [11, 21]:
        make("--projects", "10", "--add")
        assert Project.objects.count() == total
