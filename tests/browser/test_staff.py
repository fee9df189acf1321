"""Staff sign in, enter a call and a project, publish them, and unpublish them."""

from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from playwright.sync_api import Route, expect

from projects.models import Call, Criterion, Project
from psf.accounts.models import StaffSession
from tests.browser.staff_window import make_signing_in
from tests.browser.visits import PASSWORD, open_menu, sign_in, sign_in_as, status_for_readers, visit
from tests.support.accounts import make_account

CALL, PROJECT = "/calls/psf-2031/", "/projects/psf-2031-01/"


def choose(page, field, text, option):
    """Pick a record as staff do: open the field, type a part of a name, click what is found."""
    page.locator(f"#{field} + .select2-container").click()
    page.locator(".select2-container--open .select2-search__field").fill(text)
    page.get_by_role("option", name=option).first.click()


def change_form_of(reference):
    return f"/admin/projects/project/{Project.objects.get(reference=reference).pk}/change/"


def enter_call(page):
    page.get_by_role("link", name="Add a call").click()
    page.get_by_label("Title", exact=True).fill("PSF 2031")
    page.get_by_label("Summary").fill("For a region that is ready for storms.")
    choose(page, "id_priorities", "secure", "Safe and Secure Region")
    page.get_by_label("Closes: date").fill("31/03/2031")
    page.get_by_label("Closes: time").fill("23:59")
    page.get_by_label("Ceiling of a grant").fill("65000")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def enter_project(page):
    """Enter a funded project with three partners, the lead partner first."""
    page.goto("/admin/projects/project/add/")
    choose(page, "id_call", "2031", "PSF 2031")
    page.get_by_label("Reference", exact=True).fill("PSF-2031-01")
    page.get_by_label("Title", exact=True).fill("Storm Watch")
    page.locator("#id_status").select_option("funded")
    page.get_by_label("Summary").fill("Coast guards warn each other.")
    for number, (text, option, role) in enumerate(
        [
            ("liepaja", "Liepāja Municipal Police", "lead"),
            ("kauno", "Kaunas City Municipality", "partner"),
            ("arktiske", "UiT The Arctic University of Norway", "partner"),
        ]
    ):
        if number > 1:  # the form opens with two rows
            page.get_by_role("button", name="Add another partner").click()
        field = page.locator(f"#id_partnerships-{number}-partner")
        field.fill(text)
        suggestion = page.locator(f"#suggestions option[value^='{option}']")
        expect(suggestion).to_have_count(1)
        field.fill(suggestion.get_attribute("value"))
        expect(page.locator(f"#id_partnerships-{number}-role")).to_have_value(role)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was added successfully")).to_be_visible()


def test_a_call_and_a_project_from_the_first_word_to_the_readers(browser, site, staff):
    sign_in_as(staff, "Publisher")
    enter_call(staff)
    assert status_for_readers(browser, site, CALL) == 404
    staff.get_by_role("link", name="PSF 2031").first.click()
    staff.get_by_role("link", name="Publish…").first.click()
    staff.get_by_role("button", name="Publish").click()
    expect(staff.get_by_text("Published: the call’s page.")).to_be_visible()
    assert status_for_readers(browser, site, CALL) == 200

    enter_project(staff)
    staff.get_by_role("link", name="Preview").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Storm Watch")
    staff.get_by_role("link", name="Edit this record").click()
    assert status_for_readers(browser, site, PROJECT) == 404

    staff.get_by_role("link", name="Publish…").click()
    expect(staff.get_by_role("heading", name="What will become public")).to_be_visible()
    assert status_for_readers(browser, site, PROJECT) == 404
    staff.get_by_role("button", name="Publish the project").click()
    expect(staff.get_by_text("Published: the project.")).to_be_visible()
    with visit(browser, site) as reader:
        reader.goto(CALL)
        reader.get_by_role("link", name="Storm Watch").click()
        partners = reader.get_by_role("table", name="Partners")
        expect(partners.get_by_role("rowheader")).to_contain_text(
            [
                "Liepāja Municipal Police",
                "Kaunas City Municipality",
                "UiT The Arctic University of Norway",
            ]
        )

    staff.get_by_role("link", name="Unpublish…").click()
    staff.get_by_label("Reason for readers").fill("It was entered twice.")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Unpublish the project").click()
    expect(staff.get_by_text("Unpublished:")).to_be_visible()
    assert status_for_readers(browser, site, PROJECT) == 410


@pytest.mark.parametrize("width", [768, 1280])
def test_a_list_shows_all_its_columns_or_those_that_were_chosen(browser, site, width):
    with visit(browser, site, viewport={"width": width, "height": 900}) as page:
        sign_in_as(page, "Publisher")
        page.goto("/admin/projects/project/")
        table = page.get_by_role("table")
        expect(table.get_by_role("rowheader")).to_have_count(5)
        assert page.locator(".results").evaluate("list => list.scrollWidth - list.clientWidth") <= 0
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("checkbox", name="Status").uncheck()
        page.reload()
        expect(table.get_by_role("columnheader", name="Status")).to_be_hidden()
        expect(table.get_by_role("rowheader")).to_have_count(5)


def test_columns_are_hidden_in_a_browser_that_remembers_nothing(browser, site):
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.add_init_script(
            "Object.defineProperty(window, 'localStorage', { get() { throw 0; } })"
        )
        sign_in_as(page, "Viewer")
        page.goto("/admin/projects/project/")
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("checkbox", name="Status").uncheck()
        expect(page.get_by_role("columnheader", name="Status")).to_be_hidden()


def test_two_lead_partners_are_refused_in_words(staff):
    sign_in_as(staff, "Publisher")
    for rows in [[0, 1], [1, 2]]:
        staff.goto(change_form_of("PSF-2019-03"))
        choose_lead_partners(staff, rows)
        expect(staff.get_by_text("Choose one lead partner only.", exact=True)).to_be_visible()
        expect(staff.get_by_label("Acronym")).to_have_value("TYPED")


def choose_lead_partners(staff, rows):
    for number in range(3):
        role = "lead" if number in rows else "partner"
        staff.locator(f"#id_partnerships-{number}-role").select_option(role)
    staff.get_by_label("Acronym").fill("TYPED")
    staff.get_by_role("button", name="Save", exact=True).click()


def test_a_question_comes_before_the_end_of_a_session(staff):
    sign_in_as(staff, "Publisher")
    sentences = []

    def accept(dialog):
        sentences.append(dialog.message)
        dialog.accept()

    staff.on("dialog", accept)
    staff.clock.install()
    staff.goto("/admin/")
    staff.clock.fast_forward("07:49:00")
    assert sentences == []
    with staff.expect_request("/admin/jsi18n/") as request:
        staff.clock.fast_forward("00:01:00")
    assert request.value.response().ok
    assert request.value.method == "HEAD"
    assert ["Stay signed in?" in sentence for sentence in sentences] == [True]
    with staff.expect_event("dialog", lambda dialog: "Save what you typed." in dialog.message):
        staff.clock.fast_forward("04:00:00")
    assert len(sentences) == 2

    staff.goto("/admin/")
    StaffSession.objects.all().delete()
    with staff.expect_event("dialog", lambda dialog: "You have been signed out" in dialog.message):
        staff.clock.fast_forward("07:50:00")


def test_a_form_of_yesterday_keeps_its_text(staff):
    """A computer that slept shows no question before the end of the session."""
    sign_in_as(staff, "Publisher")
    sentences = []
    staff.on("dialog", lambda dialog: (sentences.append(dialog.message), dialog.accept()))
    staff.clock.install()
    staff.goto("/admin/projects/call/add/")
    staff.get_by_label("Title", exact=True).fill("PSF 2031")
    staff.clock.set_system_time(timezone.now() + timedelta(hours=9))
    staff.get_by_role("button", name="Save and continue editing").click()
    expect(staff.get_by_text("was added successfully")).to_be_visible()

    staff.get_by_label("Summary").fill("TYPED")
    staff.clock.set_system_time(timezone.now() + timedelta(hours=18))
    StaffSession.objects.all().delete()
    with staff.expect_event("dialog"):
        staff.get_by_role("button", name="Save and continue editing").click()
    expect(staff.get_by_label("Summary")).to_have_value("TYPED")
    assert [sentence[:24] for sentence in sentences] == ["You have been signed out"]


def test_a_form_keeps_its_text_if_the_account_was_deactivated(staff):
    account = sign_in_as(staff, "Publisher")
    staff.on("dialog", lambda dialog: dialog.accept())
    staff.goto("/admin/projects/call/add/")
    staff.get_by_label("Title", exact=True).fill("PSF 2031")
    account.is_active = False
    account.save()
    with staff.expect_event("dialog", lambda dialog: "You have been signed out" in dialog.message):
        staff.get_by_role("button", name="Save and continue editing").click()
    expect(staff.get_by_label("Title", exact=True)).to_have_value("PSF 2031")


def type_a_call(page):
    page.goto("/admin/projects/call/add/")
    page.get_by_label("Title", exact=True).fill("PSF 2031")
    page.get_by_text("Add another criterion").click()
    page.locator("#id_criteria-0-name").fill("Relevance")


@contextmanager
def signed_in_again(staff, username):
    """Another window of the same browser, in which the session has ended and begun again."""
    other = staff.context.new_page()
    other.goto("/admin/")
    open_menu(other)
    other.get_by_role("button", name="Sign out").click()
    sign_in(other, username, PASSWORD)
    yield
    other.close()


def test_a_form_is_saved_after_its_account_signed_in_again(staff):
    account = sign_in_as(staff, "Publisher")
    type_a_call(staff)
    with signed_in_again(staff, account.username):
        staff.get_by_role("button", name="Save", exact=True).click()
        expect(staff.get_by_text("was added successfully")).to_be_visible()
    assert Criterion.objects.get().name == "Relevance"


def test_a_form_keeps_its_text_if_another_account_signed_in(staff):
    sign_in_as(staff, "Publisher")
    make_signing_in("Editor", "edith")
    type_a_call(staff)
    with (
        signed_in_again(staff, "edith"),
        staff.expect_event("dialog", lambda dialog: "You have been signed out" in dialog.message),
    ):
        staff.on("dialog", lambda dialog: dialog.accept())
        staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.locator("#id_criteria-0-name")).to_have_value("Relevance")


@pytest.mark.parametrize("failure", ["no answer", "error"])
def test_a_form_keeps_its_text_if_the_site_does_not_answer(browser, site, failure):
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        sign_in_as(page, "Publisher")
        type_a_call(page)
        page.on("dialog", lambda dialog: dialog.accept())
        answers = {"no answer": Route.abort, "error": partial(Route.fulfill, status=503)}
        page.route("**/jsi18n/", lambda route: answers[failure](route))
        with page.expect_event("dialog", lambda dialog: "does not answer" in dialog.message):
            page.get_by_role("button", name="Save", exact=True).click()
        page.unroute_all()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was added successfully")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_labels_of_required_fields_are_bold(staff, scheme):
    staff.emulate_media(color_scheme=scheme)
    sign_in_as(staff, "Publisher")
    staff.goto(f"/admin/projects/project/{Project.objects.first().pk}/following/document/")
    expect(staff.get_by_text("Fields with bold labels are required.")).to_be_visible()
    field = staff.get_by_label("Title", exact=True)
    assert field.get_attribute("required") is not None
    assert field.evaluate("field => getComputedStyle(field.labels[0]).fontWeight") == "700"
    other = staff.get_by_label("Licence", exact=True)
    assert other.evaluate("field => getComputedStyle(field.labels[0]).fontWeight") == "400"


def test_the_slash_leads_to_the_search_unless_it_is_switched_off(staff):
    sign_in_as(staff, "Viewer")
    field = staff.get_by_role("searchbox", name="Search all records")
    expect(staff.locator(".psf-search kbd")).to_be_visible()
    staff.keyboard.press("/")
    expect(field).to_be_focused()
    staff.keyboard.type("safe/")
    staff.keyboard.press("Enter")
    expect(staff.get_by_role("heading", name="Search", exact=True)).to_be_visible()
    expect(field).to_have_value("safe/")
    open_menu(staff)
    staff.get_by_label("The key / opens the search").uncheck()
    staff.reload()
    expect(staff.locator("#search-key")).not_to_be_checked()
    staff.keyboard.press("/")
    expect(field).not_to_be_focused()


def test_the_box_of_an_assessor_does_not_touch_the_name(staff):
    make_account("Assessor", username="anna")
    sign_in_as(staff, "Administrator")
    call = Call.objects.get(slug="psf-2019")
    staff.goto(f"/admin/projects/call/{call.pk}/assessment/")
    label = staff.locator("label.option", has_text="anna")
    ends = (
        "box => [box.getBoundingClientRect().right, box.nextSibling.getBoundingClientRect().left]"
    )
    right, left = label.locator("input").evaluate(ends)
    assert left - right >= 4


@pytest.mark.parametrize("width", [320, 1440])
def test_a_long_word_or_address_does_not_widen_a_form(staff, width):
    long = {"title": "Donaudampfschiff" * 12, "website": f"https://example.org/{'a' * 170}"}
    Project.objects.filter(reference="PSF-2019-03").update(**long)
    sign_in_as(staff, "Editor")
    staff.set_viewport_size({"width": width, "height": 900})
    staff.goto(change_form_of("PSF-2019-03"))
    assert staff.evaluate("document.documentElement.scrollWidth") <= width


def test_sources_of_memberships_keep_their_width_in_a_small_window(staff):
    sign_in_as(staff, "Viewer")
    staff.set_viewport_size({"width": 360, "height": 900})
    staff.goto("/admin/partners/membership/")
    heights = "rows => rows.map(row => row.offsetHeight)"
    rows = staff.locator("#result_list tbody tr")
    expect(rows).not_to_have_count(0)
    assert max(rows.evaluate_all(heights)) < 150
