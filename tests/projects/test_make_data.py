from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Q

from partners.models import Partner, PartnerName
from projects.models import Call, Partnership, Project, ProjectStatus, Role
from projects.synthetic import RARE, make_data
from tests.factories import make_project

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


def test_made_up_projects_are_not_put_among_real_ones_unasked():
    make_project()
    with pytest.raises(CommandError, match=r"Nothing was made\. This database holds projects"):
        make("--projects", "10")
    assert Project.objects.count() == 1

    for total in [11, 21]:
        make("--projects", "10", "--add")
        assert Project.objects.count() == total
