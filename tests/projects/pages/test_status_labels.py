from datetime import date, timedelta

import pytest
from django.utils import timezone

from projects.models import Project
from projects.pages.project_detail import status_label
from tests.support.factories import make_amendment, make_public_project
from tests.support.hidden_records import page_of, words


@pytest.mark.parametrize(
    ("status", "ends_on", "precision", "label"),
    [
        ("funded", date(2021, 8, 31), "day", "Planned to end on 31 August 2021"),
        ("funded", date(2020, 11, 30), "month", "Planned to end in November 2020"),
        ("funded", None, "day", "Funded (end not known)"),
        ("running", date(2021, 8, 31), "day", "Planned to end on 31 August 2021"),
        ("running", None, "day", "Running (end not known)"),
        ("completed", date(2021, 8, 31), "day", "Completed"),
    ],
)
def test_project_has_ended_after_its_announced_period(status, ends_on, precision, label):
    project = Project(status=status, ends_on=ends_on, ends_precision=precision)
    assert status_label(project, is_extended=False) == label


def test_funded_project_has_not_ended_on_its_last_day():
    today = timezone.localdate()
    project = Project(status="funded", ends_on=today)
    assert status_label(project, is_extended=False) == "Funded"
    project.ends_on -= timedelta(days=1)
    assert status_label(project, is_extended=False) != "Funded"


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["funded", "running"])
def test_page_list_filter_and_comparison_agree_on_an_ended_project(client, status):
    project = make_public_project(ends_on=date(2021, 8, 31), status=status)
    ended = "Planned to end on 31 August 2021"
    assert ended in page_of(client, project)
    for address in ["/projects.csv?full=1", f"/compare/?project={project.slug}"]:
        assert ended in b"".join(client.get(address)).decode(), address
    label = f"{status.capitalize()} (the announced period may have ended)"
    assert label in words(client.get("/projects/"))


@pytest.mark.django_db
def test_end_of_an_extended_project_was_not_announced(client):
    project = make_public_project(ends_on=date(2021, 12, 31))
    make_amendment(
        project,
        kind="prolonged",
        ends_before=date(2021, 8, 31),
        ends_before_precision="day",
        ends_after=project.ends_on,
    )
    ended = "Extended to 31 December 2021"
    assert "end as announced: 31 August 2021" in page_of(client, project)
    assert_everywhere(client, project, ended)


def assert_everywhere(client, project, ended):
    addresses = [f"/compare/?project={project.slug}", "/projects.csv?full=1"]
    for address in [project.get_absolute_url(), *addresses]:
        page = b"".join(client.get(address)).decode()
        assert ended in page and "Planned to end" not in page, address


@pytest.mark.django_db
def test_end_between_two_prolongations_was_not_announced(client):
    project = make_public_project(ends_on=date(2022, 3, 31))
    first, last = date(2021, 12, 31), project.ends_on
    make_amendment(project, kind="prolonged", ends_after=first)  # the announced end was unknown
    assert_everywhere(client, project, "Extended to 31 March 2022")
    make_amendment(project, kind="prolonged", ends_before=first, ends_after=last)
    assert_everywhere(client, project, "Extended to 31 March 2022")
    record = client.get(f"{project.get_absolute_url()[:-1]}.json").json()
    names = ["announced_end_on", "announced_end_precision", "announced_end"]
    assert [record[name] for name in names] == [None] * 3
    assert record["is_prolonged"] is True
