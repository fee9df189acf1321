"""An assessor's way in a browser, and what a machine can tell of the pages' accessibility."""

import pytest
from playwright.sync_api import expect

from projects.models import Assessment, Call, Project
from tests.browser.test_accessibility import SIDEWAYS, broken_rules, window
from tests.browser.visits import sign_in_as
from tests.factories import make_assessment, make_criterion, make_submitted
from tests.staff import make_account


def in_assessment():
    """An application of the 2019 call with an assessor who has finished, and one to come."""
    call = Call.objects.get()
    make_criterion(call, name="Relevance", description="Does the region need it?", weight=3)
    make_criterion(call, name="Partnership", position=2)
    Project.objects.filter(reference="PSF-2019-03").update(published_at=None, status="eligible")
    project = Project.objects.get(reference="PSF-2019-03")
    make_submitted(project, make_account("Assessor", first_name="Ben"), 1, 0)
    return call, project


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360)])
def test_an_assessor_declares_scores_and_submits(browser, site, scheme, width):
    call, project = in_assessment()
    broken = []

    def look(page, heading="PSF-2019-03"):
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        page.wait_for_load_state()
        broken.extend(broken_rules(page))
        assert page.evaluate(SIDEWAYS) <= 0, page.url

    with window(browser, site, width, scheme) as page:
        account = sign_in_as(page, "Assessor")
        make_assessment(project, account)
        page.goto("/admin/")
        page.get_by_role("link", name="Assessments").first.click()
        look(page, "Assessments")
        page.get_by_role("link", name="PSF-2019-03").click()
        look(page)
        page.get_by_label("I have no conflict of interest").check()
        page.get_by_role("button", name="Declare").click()
        look(page)
        page.get_by_label("Relevance: points").fill("5")
        page.get_by_label("Partnership: points").fill("4")
        page.get_by_label("Overall comment").fill("Sound.")
        page.get_by_role("button", name="Save and submit").click()
        expect(page.get_by_text("Choose a recommendation.")).to_be_visible()
        look(page)
        page.get_by_label("Recommendation").select_option("fund")
        page.get_by_role("button", name="Save and submit").click()
        expect(page.get_by_text("95.0 per cent of the maximum")).to_be_visible()
        look(page)
        for sheet in ["sheet/", "sheet/empty/"]:
            own = Assessment.objects.get(assessor=account)
            page.goto(f"/admin/projects/assessment/{own.pk}/{sheet}")
            look(page)
    with window(browser, site, width, scheme) as page:
        sign_in_as(page, "Publisher")
        for address in [
            f"/admin/projects/call/{call.pk}/assessment/",
            f"/admin/projects/call/{call.pk}/ranking/",
            f"/admin/projects/project/{project.pk}/consensus/",
            f"/admin/projects/assessment/{own.pk}/change/",
            f"/admin/projects/assessment/{own.pk}/reopen/",
        ]:
            assert page.goto(address).status == 200, address
            look(page, "")
    assert broken == []
