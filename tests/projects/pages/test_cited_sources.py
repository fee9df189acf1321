import pytest

from projects.pages.project_detail import by_source
from tests.support.factories import make_project, make_source


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
