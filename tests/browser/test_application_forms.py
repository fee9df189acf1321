"""The secretariat reads in all application forms of a call, and types nothing."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Call, FormMail, Project
from tests.browser.staff_window import Desk, make_signing_in
from tests.browser.test_accessibility import window
from tests.projects.application_forms.support import file_of, filled, make_open_call
from tests.support import factories

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
APPLICATIONS, FAULTY, MOST_CLICKS = 43, 11, 25


def files_of(call):
    """As many forms as once arrived, some with a fault."""
    for number in range(APPLICATIONS):
        cells = filled(call, f"Storm Watch {number}")
        cells["Partners", "partner_name", 1] = f"Harbour of Riga {number}"
        if number < FAULTY:
            cells["Contact", "declared", 1] = None
        yield {"name": f"{number}.xlsx", "mimeType": XLSX, "buffer": file_of(call, cells)}


def read_in(desk, call, files):
    """Choosing the files, all at once, is a click too."""
    desk.open("call", call, "Add applications…")
    desk.links += 1
    desk.page.locator("#id_workbooks").set_input_files(files)
    desk.press("Read the files")
    desk.look("Preview of the import of “43 application forms”")
    expect(desk.page.get_by_text(f"Cannot be saved: {FAULTY}")).to_be_visible()
    desk.page.get_by_label("Not the same: add a new organisation").first.check()
    desk.press("Save the applications")
    desk.reads("The mails wait below until you send them.")
    desk.look("Mails about the application forms")
    desk.press("I have sent them by hand")
    desk.reads(f"{APPLICATIONS} mails were sent.")


def test_43_applications_are_read_in_with_few_clicks_and_nothing_typed(
    browser, transactional_db, live_server
):
    call = make_open_call()
    Call.objects.filter(pk=call.pk).update(opens_at=timezone.now() - timedelta(days=30))
    factories.make_partner("Sadama", "EE")
    editor = make_signing_in("Editor", "eva")
    broken = []
    with window(browser, live_server.url) as page:
        desk = Desk(page, editor.username, broken)
        desk.do(read_in, call, [*files_of(call)])
    assert broken == []
    assert desk.effort["read_in"][1] <= MOST_CLICKS
    assert Project.objects.filter(call=call).count() == APPLICATIONS - FAULTY
    assert FormMail.objects.filter(sent_at__isnull=False).count() == APPLICATIONS
