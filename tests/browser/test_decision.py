"""A decision on 38 applications with the keyboard alone, and the line moved by hand."""

from django.db.models import Count
from playwright.sync_api import expect

from projects.models import Decision, DecisionLine
from tests.browser.staff_window import Desk, make_signing_in
from tests.browser.test_accessibility import SIDEWAYS, window
from tests.browser.visits import FOCUS
from tests.support.accounts import make_account
from tests.support.factories import (
    make_call,
    make_criterion,
    make_partner,
    make_partnership,
    make_project,
    make_submitted,
)

# Keys beside text: letters and figures in a field are text.
COUNT = """
  window.counts = { keys: 0, clicks: 0 };
  addEventListener("keydown", ({ key, target }) => {
    const isText = key.length === 1 && target.matches("input:not([type=number])");
    if (!isText) counts.keys++;
  }, true);
  addEventListener("pointerdown", () => counts.clicks++, true);
"""


def call_with_ranked_applications():
    call = make_call(budget_eur=325_000, ceiling_eur=65_000, assessors_needed=1)
    make_criterion(call, maximum=100)
    assessor, partner = make_account("Assessor"), make_partner()
    for rank in range(1, 39):
        project = make_project(call, status="eligible", requested_eur=65_000 - 10 * rank)
        make_partnership(project, partner, role="lead")
        make_submitted(project, assessor, 100 - 2 * rank)
    return call


def test_a_decision_on_38_applications_needs_few_keys(browser, site):
    call, broken = call_with_ranked_applications(), []
    publisher = make_signing_in("Publisher", "paula")
    with window(browser, site) as page:
        desk, press = Desk(page, publisher.username, broken), page.keyboard.press
        page.goto(f"/admin/projects/call/{call.pk}/decision/")
        page.evaluate(COUNT)
        desk.look("Decision on")
        tab_to(page, page.get_by_label("Body"))
        page.keyboard.type("Committee of Senior Officials")
        tab_to(page, page.get_by_label("Fund the first"))
        status = page.get_by_role("status")
        press("ArrowUp")
        expect(status).to_have_text("6 funded, 64\u00a0790 EUR over the budget")
        expect(page.locator("#countries td")).to_have_text(["38", "6", "389\u00a0790", "6"])
        desk.look()
        press("ArrowDown")
        expect(status).to_have_text("5 funded, 150 EUR free")
        exchange_ranks_8_and_9(page, press)
        expect(page.locator(".psf-decision__needs .psf-tag:visible")).to_have_text(
            ["before rank 8", "after rank 9"]
        )
        tab_to(page, page.get_by_label("Reason for all", exact=True))
        page.keyboard.type("Others were better.")
        counts = page.evaluate("counts")
        page.get_by_label("Reason for all", exact=True).focus()
        with page.expect_navigation():
            press("Enter")
        desk.reads("The draft was saved.")
        desk.look()
        drag_the_line(page, 3)
        expect(page.locator("[data-stale]")).to_have_count(0)
        page.context.set_offline(True)
        page.get_by_label("Fund the first").press("ArrowDown")
        expect(page.locator("[data-stale] .psf-budget")).to_be_visible()
        page.context.set_offline(False)
        check_widths(page, call)
    assert broken == []
    assert counts["keys"] + 1 <= 120, counts
    assert counts["clicks"] == 0
    check_what_was_saved(call)


def exchange_ranks_8_and_9(page, press):
    """Rank 9 takes the place of rank 8 on the reserve list. Each group has one row in Tab order."""
    outcomes = {rank: page.locator(f'tr[data-rank="{rank}"] select') for rank in (8, 9)}
    for _step in range(2):
        press("Tab")  # over the button to the first row of the reserve list
    press("ArrowDown")
    press("ArrowDown")
    press("Tab")
    expect(outcomes[8]).to_be_focused()
    page.keyboard.type("rej")
    press("Tab")
    press("ArrowDown")
    expect(page.locator('tr[data-rank="9"] [name$="-reason"]')).to_be_focused()
    press("Tab")  # no other row of the group is a Tab stop
    assert page.evaluate("!document.activeElement.closest('#decision')")
    press("Shift+Tab")
    press("Shift+Tab")
    expect(outcomes[9]).to_be_focused()
    page.keyboard.type("res")


def tab_to(page, field, most=60):
    """Press Tab until the field has the focus, and see that no bar covers it."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            break
    assert page.evaluate(FOCUS)["seen"]
    expect(field).to_be_focused()


def drag_the_line(page, above):
    """Drop the line below so many applications."""
    number = page.get_by_label("Fund the first")
    line, rows = page.locator("tr", has=number), page.locator('[data-group="funded"] [data-rank]')
    line.scroll_into_view_if_needed()
    start, end = line.bounding_box(), rows.nth(above - 1).bounding_box()
    page.mouse.move(start["x"] + 10, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + 10, end["y"] + end["height"] - 4, steps=4)
    page.mouse.up()
    expect(number).to_have_value(str(above))
    expect(rows).to_have_count(above)
    number.fill("38")
    number.fill(str(above))
    expect(page.locator('[data-group="reserve"] [data-rank]')).to_have_count(3)
    expect(line.locator("td")).to_have_css("touch-action", "none")  # a finger drags it too


def check_widths(page, call):
    """Nothing scrolls sideways on a telephone, nor the cockpit with letters of twice the size."""
    page.reload()
    expect(page.get_by_role("link", name="Apply the decision…")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 900})
    assert page.evaluate(SIDEWAYS) == 0
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"/admin/projects/call/{call.pk}/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(SIDEWAYS) == 0


def check_what_was_saved(call):
    lines = DecisionLine.objects.filter(project__call=call)
    numbers = lines.order_by("outcome").values_list("outcome").annotate(Count("pk"))
    assert list(numbers) == [("funded", 5), ("rejected", 30), ("reserve", 3)]
    assert lines.filter(outcome="rejected", reason="Others were better.").count() == 30
    assert Decision.objects.get(call=call).body == "Committee of Senior Officials"
