"""A complete call in a browser: entered, assessed, decided, published, and managed to its end."""

import sys
from datetime import timedelta
from unittest import mock

from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Assessment, Letter, Project
from psf.history.models import ChangeSet, Channel
from tests.browser import whole_call
from tests.browser.staff_window import Desk, make_signing_in, small
from tests.browser.test_accessibility import broken_rules, window
from tests.browser.whole_call import SECRET
from tests.projects.imports.support import as_csv

TITLE = "PSF 2025"
MOST_PAGES, MOST_CLICKS = 84, 250  # of the work of staff in a year


def enter_the_call(desk):
    page = desk.page
    desk.visit("/admin/projects/call/add/")
    for folded in ["Reasons", "Decision", "Internal"]:
        page.locator("summary", has_text=folded).click()
    for part in ["criterion", "criterion", "reason for “not eligible”", "decision"]:
        page.get_by_role("button", name=f"Add another {part}", exact=True).click()
    desk.fill(title=TITLE, summary="For a coast that is watched.", internal_note=SECRET)
    desk.fill(opens_at_0="15/02/2025", opens_at_1="00:00")
    desk.fill(closes_at_0="31/03/2025", closes_at_1="23:59")
    desk.fill(ceiling_eur="65000", budget_eur="300000", min_member_states="3")
    page.get_by_label("two people decide").check()
    desk.fill(criteria__0__name=f"{SECRET} need", criteria__0__weight="3")
    desk.fill(criteria__1__name=f"{SECRET} plan", criteria__1__description=SECRET)
    desk.fill(criteria__0__maximum="10", criteria__1__maximum="10")
    desk.fill(
        ineligibility_reasons__0__text=f"{SECRET}: too few member states.",
        ineligibility_reasons__0__advice=SECRET,
    )
    desk.fill(decision__0__body="Committee of Senior Officials")
    desk.fill(decision__0__decided_on="2025-06-04")
    desk.press("Save and continue editing")
    desk.reads("was added successfully")
    desk.look("PSF 2025", "call-form")
    desk.open("call", whole_call.the_call(), "Publish…")
    desk.press("Publish")
    desk.reads("Published: the call’s page.")


def take_the_applications_in(desk, call):
    desk.open("call", call, "Import projects…")
    content = as_csv(whole_call.file_of_applications()).encode()
    file = {"name": "psf-2025.csv", "mimeType": "text/csv", "buffer": content}
    desk.page.locator("#id_file").set_input_files(file)
    desk.press("Preview the import")
    desk.look("Preview of the import of “psf-2025.csv”", "import-preview")
    desk.press("Save the import")
    desk.reads("“psf-2025.csv” was imported.")
    whole_call.plant_secrets()


def check_the_applications(desk, call):
    """One misses a rule and is not eligible; the others are, all at once."""
    page = desk.page
    last = Project.objects.get(reference=f"PSF-2025-{whole_call.NOT_ELIGIBLE}")
    desk.open("project", last)
    expect(page.get_by_text("Not counted: BY")).to_be_visible()
    desk.follow("Change status…")
    desk.follow("Not eligible")
    page.get_by_label("too few member states").check()
    desk.look("Change status of PSF-2025-12")
    desk.press("Change status")
    desk.reads("1 application is now: not eligible.")

    desk.open("call", call)
    desk.look("PSF 2025", "cockpit-check")
    desk.follow("Make 42 eligible…")
    desk.look("Change status of selected projects", "make-eligible")
    desk.press("Change status")
    desk.reads("42 applications are now: eligible.")


def assign(desk, call):
    desk.open("call", call, "Assessment")
    desk.look("Assessment of")
    desk.press("Preview the assignments")
    desk.look("Assessment of", "assignment-preview")
    desk.press("Save 84 assignments")
    desk.reads("84 assignments were made.")


def assess_the_first(desk, account, words):
    """Declare, give points, submit; what the other assessor gave is not there until then."""
    page = desk.page
    assert page.context.request.get(of_the_other(account)).status == 404
    desk.visit("/admin/")
    page.get_by_role("link", name="Assessments").first.click()
    desk.look("Assessments")
    page.get_by_role("link", name="PSF-2025-01").click()
    desk.look("PSF-2025-01")
    page.get_by_label("I have no conflict of interest").check()
    desk.press("Declare")
    for criterion in ["need", "plan"]:
        page.get_by_label(f"{SECRET} {criterion}: points").fill("10")
    page.get_by_label("Overall comment").fill(words)
    address = page.url
    desk.look("PSF-2025-01", "assess")
    desk.press("Submit and open the next")
    expect(page.get_by_role("link", name="Recommendation")).to_be_visible()
    desk.look("PSF-2025-01")
    assert page.context.request.get(of_the_other(account)).status == 404
    page.get_by_label("fund", exact=True).check()
    desk.press("Submit and open the next")
    desk.look("PSF-2025-02")
    page.goto(address)
    expect(page.get_by_text("100.0 per cent of the maximum").first).to_be_visible()
    desk.look("PSF-2025-01")


def look_at_the_assessment(desk, call, project):
    """The other pages of the assessment, in a small window."""
    own = project.assessments.first()
    for address in [
        f"call/{call.pk}/assessment",
        f"call/{call.pk}/ranking",
        f"project/{project.pk}/consensus",
        *(f"assessment/{own.pk}/{page}" for page in ["change", "sheet", "reopen"]),
    ]:
        assert desk.page.goto(f"/admin/projects/{address}/").status == 200, address
        desk.look()


def of_the_other(account):
    other = Assessment.objects.filter(project__reference="PSF-2025-01").exclude(assessor=account)
    return f"/admin/projects/assessment/{other.get().pk}/change/"


def prepare_the_decision(desk, call):
    """From the ranked list with its line to a draft that comes to the budget."""
    page = desk.page
    desk.open("call", call, "Ranked list")
    desk.look("Ranked list", "ranked-list")
    table = page.get_by_role("table", name="Applications, the best first")
    expect(table.get_by_role("rowheader").nth(4)).to_contain_text("PSF-2025-05")
    expect(table.get_by_role("row").nth(6)).to_have_class("psf-budget-line")
    desk.open("call", call, "Decision…")
    funded, reserve = len(whole_call.FUNDED), len(whole_call.RESERVE)
    desk.fill(fund=str(funded), reserve=str(reserve), reason_for_all=f"{SECRET} reason")
    for award in page.get_by_label("Award in EUR").all()[:funded]:
        award.fill("54000")
    desk.press("Save the draft")
    desk.reads("The draft was saved.")
    expect(page.locator("#budget")).to_contain_text("270\u00a0000")
    expect(page.get_by_text("A second person must apply it").first).to_be_visible()
    expect(page.get_by_role("link", name="Apply the decision…")).to_have_count(0)
    desk.look("Decision on", "decision")


def apply_the_decision(desk, call):
    desk.open("call", call, "Decision…")
    desk.follow("Apply the decision…")
    desk.look("Apply the decision", "apply-decision")
    desk.press("Apply the decision")
    desk.reads("42 applications are decided.")


def publish_the_results(desk, call, moment):
    desk.open("call", call, "Publish…")
    desk.fill(at_0=f"{moment:%d/%m/%Y}", at_1=f"{moment:%H:%M}")
    desk.look("Publish", "publish")
    desk.press("Publish")
    desk.reads("the results, with 5 projects.")


def send_the_letters(desk, call):
    page = desk.page
    desk.open("call", call, "Letters…")
    desk.look("Letters of")
    desk.press("Use default texts")
    desk.press("Create letters")
    desk.reads("43 letters were created")
    ticks = page.locator("#letters tbody [type=checkbox]")
    ticks.first.focus()
    for key in ["ArrowDown", "Space", "Space"]:
        page.keyboard.press(key)
    expect(ticks.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # one row is in the order of Tab
    assert page.evaluate("!document.activeElement.closest('#letters')")
    desk.look("Letters of")
    page.get_by_role("link", name="PSF-2025-08").click()
    expect(page.get_by_text(f"{SECRET} reason")).to_be_visible()
    desk.look("Letters of", "letters")
    desk.follow("Cancel it…")
    desk.press("Cancel the letter")
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    desk.look()
    desk.follow("Keep the letter")
    desk.follow("Edit…")
    desk.look()
    desk.press("Save the letter")
    desk.press("Send the selected letters…")
    desk.look()
    desk.press("Mark as sent by hand")
    desk.reads("The letters are marked as sent by hand.")
    desk.look("Letters of")


def manage_the_first_award(desk, project):
    """Signed, paid, amended, reported, paid out, closed, completed."""
    page = desk.page
    desk.open("project", project, "Agreement and payments")

    def act(link, button, **fields):
        desk.follow(link)
        desk.fill(**fields)
        desk.press(button)
        expect(page.locator(".messagelist")).to_be_visible()

    signed = {"lead_signed_on": "2025-08-20", "we_signed_on": "2025-08-25"}
    act("Record the agreement…", "Save the agreement", number=f"{SECRET}/1", **signed)
    shares = {"first": "50", "second": "30", "balance": "20"}
    due = {"interim": "2026-03-01", "final": "2026-11-30"}
    act("Create standard instalments…", "Create standard instalments", **shares, **due)
    act(
        "Record payment… 1. on signature",
        "Record payment",
        paid_on="2025-09-01",
        condition_met_on="2025-09-01",
    )
    step(desk, project, "Running")

    desk.open("project", project, "Agreement and payments")
    desk.follow("A partner leaves…")
    page.get_by_label("Partner").select_option(label=f"{whole_call.name_of(1)} in PL")
    desk.fill(day="2025-12-31", agreed_on="2025-12-01", words=SECRET)
    desk.press("Record the amendment")
    end = {"ends_after": "2026-10-31", "agreed_on": "2025-12-01", "words": SECRET}
    act("Prolong…", "Record the amendment", **end)
    for number, report in [
        (2, "interim report due 1 March 2026"),
        (3, "final report due 30 November 2026"),
    ]:
        act(f"Record receipt… {report}", "Record receipt", received_on="2026-03-01")
        act(f"Approve… {report}", "Approve report", approved_on="2026-03-02")
        act(
            f"Record payment… {number}. on the {report.partition(' due')[0]}",
            "Record payment",
            paid_on="2026-03-03",
        )
    desk.look("", "agreement")
    act("Close the account…", "Close the account", final_eur="54000", closed_on="2026-04-01")
    desk.look("", "account-closed")
    step(desk, project, "Completed")


def step(desk, project, name):
    desk.open("project", project, "Change status…")
    desk.follow(name)
    desk.press("Change status")
    desk.reads("1 application is now")


def read_the_results(page):
    page.goto(whole_call.CALL)
    page.get_by_role("link", name=f"{whole_call.name_of(1)} watches the coast").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kittiwake 1")


def test_a_call_from_its_first_word_to_the_last_report(browser, site):
    publisher, second, anna, ben = (
        make_signing_in(role, name)
        for role, name in [
            ("Publisher", "paula"),
            ("Publisher", "quinn"),
            ("Assessor", "anna"),
            ("Assessor", "ben"),
        ]
    )
    began, broken = whole_call.last_change(), []
    moment = (timezone.localtime() + timedelta(days=2)).replace(
        hour=10, minute=0, second=0, microsecond=0
    )
    with window(browser, site) as page:
        desk = Desk(page, publisher.username, broken)
        desk.do(enter_the_call)
        call = whole_call.the_call()
        desk.do(take_the_applications_in, call)
        desk.do(check_the_applications, call)
        desk.do(assign, call)
        # Both see the same pages.
        for account, answer, rules in [(anna, 404, broken), (ben, 200, None)]:
            with small(browser, site) as other:
                assessor = Desk(other, account.username, rules)
                assessor.do(assess_the_first, account, f"{SECRET}: said by {account.username}")
                assert other.goto(of_the_other(account)).status == answer
        whole_call.assess_the_others([anna, ben])
        desk.do(prepare_the_decision, call)
        untold = whole_call.probe()
        first = call.projects.get(reference="PSF-2025-01")
        with window(browser, site) as other:
            colleague = Desk(other, second.username, broken)
            colleague.do(apply_the_decision, call)
            colleague.do(publish_the_results, call, moment)
        with small(browser, site) as other:
            narrow = Desk(other, publisher.username, broken)
            look_at_the_assessment(narrow, call, first)
            narrow.do(send_the_letters, call)
        desk.do(manage_the_first_award, first)

    assert broken == []
    check_the_effort(desk, assessor, colleague, narrow)
    assert Letter.objects.sent().count() == 43
    check_what_readers_see(browser, site, untold, moment)
    check_the_history(began)


def check_the_effort(*desks):
    """The work of the year, from the entry of the call to the last report of one project."""
    effort = [(task, *row) for desk in desks for task, row in desk.effort.items()]
    lines = [f"{task:26} {pages:3} pages {clicks:3} clicks\n" for task, pages, clicks in effort]
    sys.stdout.writelines(lines)
    assert sum(pages for _task, pages, _clicks in effort) <= MOST_PAGES
    assert sum(clicks for _task, _pages, clicks in effort) <= MOST_CLICKS


def check_what_readers_see(browser, site, untold, moment):
    before = whole_call.probe(moment - timedelta(microseconds=1))
    at = whole_call.probe(moment)
    after = whole_call.probe(moment + timedelta(days=400))
    for answers in [untold, before, at, after]:
        assert whole_call.secrets_in(answers) == []
    for answers in [untold, before]:
        assert whole_call.results_in(answers) == []
        assert {answers[address].status_code for address in whole_call.NOT_BEFORE} == {404}
    assert {at[address].status_code for address in whole_call.NOT_BEFORE} == {200}
    assert {at[address].status_code for address in whole_call.PAGES[5:]} == {404}
    for address in ["/", "/projects/", "/projects/?q=kittiwake", *whole_call.NOT_BEFORE]:
        assert address in whole_call.results_in(at), address
    with window(browser, site) as reader:
        with mock.patch("django.utils.timezone.now", return_value=moment - timedelta(seconds=1)):
            assert reader.goto(whole_call.PAGES[0]).status == 404
        with mock.patch("django.utils.timezone.now", return_value=moment):
            read_the_results(reader)
            for sentence in ["until 31 December 2025", "31 October 2026", "completed"]:
                expect(reader.get_by_text(sentence).first).to_be_visible()
            assert broken_rules(reader) == []


def check_the_history(began):
    """Person, moment and channel are known of every change."""
    channels = whole_call.channels_since(began)
    assert channels == {
        *[
            Channel.FORM,
            Channel.PUBLICATION,
            Channel.IMPORT,
            Channel.COMMAND,
            Channel.STATUS,
            Channel.ASSESSMENT,
        ],
        *[Channel.DECISION, Channel.LETTERS, Channel.AWARD],
    }
    ours = ChangeSet.objects.filter(pk__gt=began).exclude(channel=Channel.COMMAND)
    assert not ours.filter(user=None).exists()
