"""What staff do with letters: begin with our texts, write, read and send them."""

from decimal import Decimal

from playwright.sync_api import expect

from projects import deciding
from projects.deciding import Line
from projects.models import Letter
from tests import factories
from tests.browser.test_accessibility import SIDEWAYS, broken_rules, window
from tests.browser.visits import sign_in_as
from tests.staff import make_account


def test_letters_are_written_and_sent_by_a_person(browser, site):
    call = factories.make_call(title="PSF 2039")
    factories.make_decision(call, decided_on="2039-06-04", published_at=None)
    projects = [factories.make_project(call, status="eligible") for _ in range(2)]
    for project in projects:
        factories.make_partnership(project, factories.make_partner(), role="lead")
    by = make_account("Publisher")
    deciding.prepare(call, [Line(project, "funded", Decimal(1)) for project in projects], by)
    deciding.apply(call, by)

    broken = []
    with window(browser, site, width=360, scheme="dark") as page:
        sign_in_as(page, "Publisher")
        page.goto(f"/admin/projects/call/{call.pk}/change/")
        page.get_by_role("link", name="Letters…").click()
        broken += broken_rules(page)
        page.get_by_role("button", name="Begin with our texts").click()
        page.get_by_role("button", name="Write the letters").click()
        expect(page.get_by_text("2 letters were written")).to_be_visible()
        broken += broken_rules(page)
        assert page.evaluate(SIDEWAYS) <= 0

        page.get_by_role("link", name=f"{projects[0].reference}: award").click()
        expect(page.get_by_text("4 June 2039 to fund your project")).to_be_visible()
        broken += broken_rules(page)
        assert page.evaluate(SIDEWAYS) <= 0
        page.get_by_role("button", name="Do not send it").click()
        expect(page.get_by_text("This field is required.")).to_be_visible()
        broken += broken_rules(page)
        page.get_by_role("button", name="It is sent").click()
        expect(page.get_by_text("The letter is marked as sent by hand.")).to_be_visible()

        page.get_by_role("link", name="All are sent by hand…").click()
        broken += broken_rules(page)
        page.get_by_role("button", name="They are sent").click()
        expect(page.get_by_text("No letter waits.")).to_be_visible()
        broken += broken_rules(page)
    assert broken == []
    assert Letter.objects.sent().count() == 2
