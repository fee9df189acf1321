"""Staff read the history, restore a state and a deleted record, and undo a change set."""

from playwright.sync_api import expect

from projects.models import Project
from tests.browser.test_accessibility import assert_accessible, window
from tests.browser.visits import sign_in_as


def draft():
    """A project of the 2019 call that is not public, so that it can be deleted."""
    project = Project.objects.get(reference="PSF-2019-03")
    Project.objects.filter(pk=project.pk).update(published_at=None)
    return project


def test_a_state_comes_back_and_a_deleted_record_too(browser, site):
    with window(browser, site) as staff:
        sign_in_as(staff, "Publisher")
        restore_state_and_record(staff, draft())


def restore_state_and_record(staff, project):
    """Undo a wrong title and a deletion: all on accessible pages."""
    form = f"/admin/projects/project/{project.pk}/change/"
    staff.goto(form)
    staff.get_by_label("Title", exact=True).fill("A wrong title")
    staff.get_by_label("Reason (optional, kept in the history)").fill("A slip.")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Save and continue editing").click()
    staff.locator(".object-tools").get_by_role("link", name="History").click()
    expect(
        staff.get_by_text(f"Title changed from “{project.title}” to “A wrong title”.")
    ).to_be_visible()
    expect(staff.get_by_text("“A slip.”")).to_be_visible()
    assert_accessible(staff)

    staff.get_by_role("link", name="See or restore this state").nth(2).click()
    assert_accessible(staff)
    staff.get_by_role("button", name="Restore this state").click()
    expect(staff.get_by_text("The earlier state was restored.")).to_be_visible()
    expect(staff.get_by_label("Title", exact=True)).to_have_value(project.title)

    staff.goto(form.replace("change", "delete"))
    staff.get_by_role("button", name="Yes, delete").click()
    staff.get_by_role("link", name="Deleted records").click()
    assert_accessible(staff)
    staff.get_by_role("link", name=project.title).first.click()
    with staff.expect_navigation():
        staff.get_by_role("button", name="Undo these changes").click()
    expect(staff.get_by_text("The changes were undone.")).to_be_visible()
    assert Project.objects.get(pk=project.pk).partnerships.count() > 1


def test_a_set_is_undone_as_one(browser, site):
    with window(browser, site) as staff:
        sign_in_as(staff, "Publisher")
        undo_deletion(staff, draft())


def undo_deletion(staff, project):
    """Delete the project and undo the deletion: all on accessible pages."""
    staff.goto(f"/admin/projects/project/{project.pk}/delete/")
    with staff.expect_navigation():
        staff.get_by_role("button", name="Yes, delete").click()
    staff.goto("/admin/")
    staff.get_by_role("link", name="Recent changes").first.click()
    assert_accessible(staff)
    staff.locator("#result_list tbody th a").first.click()
    assert_accessible(staff)
    staff.get_by_role("button", name="Undo these changes").click()
    expect(staff.get_by_text("The changes were undone.")).to_be_visible()
    assert Project.objects.get(pk=project.pk).title == project.title
