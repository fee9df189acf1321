"""A member of staff at work."""

from pathlib import Path

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


# The handbook carries a copy of the pictures.
PICTURES = Path(__file__).parents[2] / "var/pictures"
# Clicks of the pointer. A key that presses a button is a click without detail.
COUNT_CLICKS = """addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) sessionStorage.clicks = clicks() + 1;
}, true);
const clicks = () => Number(sessionStorage.clicks || 0);"""


class Desk:
    """The window of a member of staff. With a list for broken rules each new page is checked.

    `effort` holds pages and clicks by task.
    """

    def __init__(self, page, username, broken=None):
        self.page, self.broken = page, broken
        self.effort, self.pages, self.links = {}, 0, 0
        sign_in(page, username, PASSWORD)
        page.wait_for_load_state()
        page.add_init_script(COUNT_CLICKS)
        page.on("domcontentloaded", lambda _page: setattr(self, "pages", self.pages + 1))

    def do(self, task, *arguments):
        """Do a task, and note its pages and clicks. A page opened by its address is one click."""
        before = self.pages, self._clicks()
        task(self, *arguments)
        self.effort[task.__name__] = self.pages - before[0], self._clicks() - before[1]

    def _clicks(self):
        return self.links + self.page.evaluate("Number(sessionStorage.clicks || 0)")

    def look(self, heading="", picture=""):
        """Check the page. With a name, draw it for the handbook: see docs/handbook/pictures."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        if self.broken is not None:
            self.broken.extend(broken_rules(self.page))
        assert self.page.evaluate(SIDEWAYS) <= 0, self.page.url
        if picture:
            self._draw(PICTURES / f"{picture}.png")

    def _draw(self, path):
        """Draw the page as it is in a large window, in light colours."""
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": 1280, "height": 860})
        self.page.emulate_media(color_scheme="light")
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=path, animations="disabled")
        self.page.emulate_media(color_scheme="null")
        self.page.set_viewport_size(size)

    def open(self, kind, record, tool=""):
        """Open the first page of a record, or follow its link if a page of the record has it."""
        address, link = f"/admin/projects/{kind}/{record.pk}/", self._link(tool)
        if address not in self.page.url or not tool or link.count() == 0:
            self.visit(f"{address}{'' if kind == 'call' else 'change/'}")
        if tool:
            link.click()

    def visit(self, address):
        self.links += 1
        self.page.goto(address)

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"#id_{name.replace('__', '-')}").fill(value)

    def press(self, name):
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name):
        self._link(name).click()

    def _link(self, name):
        return self.page.get_by_role("link", name=name, exact=True).first

    def reads(self, sentence):
        expect(self.page.locator(".messagelist")).to_contain_text(sentence)
