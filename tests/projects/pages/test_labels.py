from datetime import date, timedelta

import pytest
from django.utils import timezone

from projects.models import Project
from projects.pages.labels import by_source, status_label
from tests.support.factories import make_project, make_public_project, make_source
from tests.support.hidden import page_of, words


@pytest.mark.django_db
def test_each_source_is_listed_once_with_all_its_statements():
    project = make_project()
    title = make_source(project=project, about="title", note="It says Cape.")
    period = make_source(project=project, about="period")
    news = make_source(project=project, about="amount", citation="trafficking.lv")
    assert by_source([title, news, period]) == [
        {
            "text": "cbss.org",
            "url": "",
            "says": [
                {"what": "Title", "note": "It says Cape."},
                {"what": "Period", "note": ""},
            ],
        },
        {"text": "trafficking.lv", "url": "", "says": [{"what": "Amount", "note": ""}]},
    ]


@pytest.mark.parametrize(
    ("status", "ends_on", "precision", "label"),
    [
        ("funded", date(2021, 8, 31), "day", "Ended 31 August 2021 (announced period)"),
        ("funded", date(2020, 11, 30), "month", "Ended November 2020 (announced period)"),
        ("funded", None, "day", "Funded"),
        ("running", date(2021, 8, 31), "day", "Running"),
        ("completed", date(2021, 8, 31), "day", "Completed"),
    ],
)
def test_funded_project_has_ended_after_its_announced_period(status, ends_on, precision, label):
    project = Project(status=status, ends_on=ends_on, ends_precision=precision)
    assert status_label(project) == label


def test_funded_project_has_not_ended_on_its_last_day():
    today = timezone.localdate()
    assert status_label(Project(status="funded", ends_on=today)) == "Funded"
    assert status_label(Project(status="funded", ends_on=today - timedelta(days=1))) != "Funded"


@pytest.mark.django_db
def test_page_list_filter_and_comparison_agree_on_an_ended_project(client):
    project = make_public_project(ends_on=date(2021, 8, 31))
    ended = "Ended 31 August 2021 (announced period)"
    assert ended in page_of(client, project)
    for address in ["/projects/", "/projects/?status=funded", f"/compare/?project={project.slug}"]:
        assert ended in words(client.get(address)), address
    assert "Funded (the announced period may have ended)" in words(client.get("/projects/"))
