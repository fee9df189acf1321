"""Visits to the site in a browser, with checks of every page."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.support.accounts import make_account

PASSWORD = "nine grey seals on a skerry"

# What has the focus: its name, its place in the page, and whether a reader sees it.
FOCUS = """() => {
  const field = document.activeElement;
  const box = field.getBoundingClientRect(), style = getComputedStyle(field);
  const inWindow = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const covered = top && !top.closest("svg") && !field.contains(top) && !top.contains(field);
  const label = field.labels && field.labels[0] ? field.labels[0].innerText : field.innerText;
  return {
    name: (field.getAttribute("aria-label") || label || "").trim(),
    place: [...document.querySelectorAll("*")].indexOf(field),
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen: inWindow && !covered,
  };
}"""


@contextmanager
def visit(browser, site, **options):
    """A page in a window of its own, which asks no other host and meets no error."""
    # Nothing glides, so that what has the focus is where it will stay.
    options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options
    troubles = []
    with browser.new_context(base_url=site, **options) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.extend(_complaints(message)))
        page.on("request", lambda request: troubles.extend(_elsewhere(request.url, site)))
        yield page
    assert troubles == [], troubles


def _complaints(message):
    return [message.text] if message.type in ["error", "warning"] else []


def _elsewhere(url, site):
    address = urlsplit(url)
    return [] if address.scheme == "data" or address.netloc == urlsplit(site).netloc else [url]


def tab_to(page, name, most=80):
    """Press Tab until that link, field or button has the focus, and see every stop on the way."""
    page.wait_for_load_state()  # a page has its heading before it has its styles
    place = page.evaluate(FOCUS)["place"]
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["outlined"], focus
        assert focus["seen"], focus
        assert focus["place"] > place, f"the focus jumps back to {focus}"
        if focus["name"] == name:
            return
        place = focus["place"]
    pytest.fail(f"no “{name}” within {most} steps")


def sign_in(page, username, password):
    page.goto("/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def open_menu(page):
    """The menu of the account, in the header."""
    page.locator("#user-tools summary").click()


def sign_in_as(page, role):
    account = make_account(role)
    account.set_password(PASSWORD)
    account.save()
    sign_in(page, account.username, PASSWORD)
    return account


def status_for_readers(browser, site, address):
    """The status for a new reader."""
    with browser.new_context(base_url=site) as context:
        return context.new_page().goto(address).status
