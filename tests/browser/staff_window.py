"""A member of staff at work."""

from playwright.sync_api import expect

from tests.browser.test_accessibility import SIDEWAYS, broken_rules, window
from tests.browser.visits import PASSWORD, sign_in
from tests.support.accounts import make_account


def make_signing_in(role, username):
    account = make_account(role, username=username)
    account.set_password(PASSWORD)
    account.save()
    return account


def small(browser, site):
    return window(browser, site, 360, "dark")


class Desk:
    """The window of a member of staff. With a list for broken rules each new page is checked."""

    def __init__(self, page, username, broken=None):
        self.page, self.broken = page, broken
        sign_in(page, username, PASSWORD)

    def look(self, heading=""):
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        if self.broken is not None:
            self.broken.extend(broken_rules(self.page))
        assert self.page.evaluate(SIDEWAYS) <= 0, self.page.url

    def open(self, kind, record, tool=""):
        page = "" if kind == "call" else "change/"
        self.page.goto(f"/admin/projects/{kind}/{record.pk}/{page}")
        if tool:
            self.follow(tool)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"#id_{name.replace('__', '-')}").fill(value)

    def press(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def reads(self, sentence):
        expect(self.page.locator(".messagelist")).to_contain_text(sentence)
