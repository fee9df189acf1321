import pytest

from projects.models import Project
from projects.pages.project_detail import by_source, missing_facts
from tests.support.factories import (
    make_partnership,
    make_project,
    make_public_project,
    make_source,
)


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
            "says": [{"what": "Title", "note": "It says Cape."}, {"what": "Period", "note": ""}],
        },
        {"text": "trafficking.lv", "url": "", "says": [{"what": "Amount", "note": ""}]},
    ]


@pytest.mark.django_db
def test_all_unknown_facts_of_a_project_are_named():
    project = make_public_project()
    project.partnerships.update(partner=None)
    make_partnership(project, country="EE", position=2)
    assert missing_facts(Project.objects.for_page().get(), []) == [
        "the name of the lead partner",
        "the name of one partner",
        "when it ran",
        "the sum awarded",
        "the total budget",
        "its priority",
    ]
