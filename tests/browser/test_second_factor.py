"""Passkeys and codes of an app in a real browser, and the loss of a key."""

import re
import time

from django.core import mail
from playwright.sync_api import expect

from psf.accounts.passwords import link_mail
from tests.browser.test_accessibility import broken_rules, window
from tests.browser.visits import PASSWORD, open_menu, sign_in, sign_in_as
from tests.psf.accounts.test_passwords import wait_for_mail
from tests.psf.accounts.test_second_factor import code_of
from tests.support.accounts import make_account

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def make_anna():
    account = make_account("Publisher", username="anna")
    account.set_password(PASSWORD)
    account.save()


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def confirm_identity(page):
    page.locator("#id_password").fill(PASSWORD)
    press(page, "Confirm")


def test_passkey_is_added_used_and_lost(staff, settings):
    settings.REQUIRE_MFA = True
    make_anna()
    session = staff.context.new_cdp_session(staff)
    session.send("WebAuthn.enable")
    key = session.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]

    sign_in(staff, "anna", PASSWORD)
    expect(staff.get_by_text("before you work")).to_be_visible()
    staff.goto("/admin/account/second-factor/webauthn/add/")
    confirm_identity(staff)
    staff.get_by_label("Passwordless").check()
    press(staff, "Add")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Recovery codes")
    codes = re.findall(r"\b\d{8}\b", staff.content())
    assert len(codes) == 10

    open_menu(staff)
    press(staff, "Sign out")
    staff.goto("/admin/login/")
    press(staff, "Sign in with a passkey")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Today")

    open_menu(staff)
    press(staff, "Sign out")
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    sign_in(staff, "anna", PASSWORD)
    staff.locator("#id_code").fill(codes[0])
    press(staff, "Sign in")
    expect(staff.get_by_role("heading", level=1)).to_contain_text("Today")


def test_app_is_added_and_used_on_accessible_pages(browser, site):
    with window(browser, site, 360, "dark") as page:
        account = sign_in_as(page, "Publisher")
        open_menu(page)
        page.get_by_role("link", name="Sign-in and security").click()
        broken = broken_rules(page)
        page.get_by_role("link", name="Activate").click()
        confirm_identity(page)
        broken += broken_rules(page)
        secret = page.locator("#authenticator_secret").input_value()
        page.locator("#id_code").fill(code_of(secret, time.time()))
        press(page, "Activate")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Recovery codes")

        open_menu(page)
        press(page, "Sign out")
        sign_in(page, account.username, PASSWORD)
        page.locator("#id_code").fill(code_of(secret, time.time() + 30))
        press(page, "Sign in")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
        page.goto("/admin/sessions/")
        broken += broken_rules(page)
    assert broken == []


def choose_password(page, password):
    """Follow the link of the newest mail."""
    page.goto(re.search(r"http://127.0.0.1:8000(\S+)", mail.outbox[-1].body)[1])
    page.locator("#id_new_password1").fill(password)
    page.locator("#id_new_password2").fill(password)
    press(page, "Change my password")


def add_app(page):
    """Add an app, and return its secret and a recovery code."""
    page.goto("/admin/account/second-factor/totp/activate/")
    confirm_identity(page)
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("#id_code").fill(code_of(secret, time.time()))
    press(page, "Activate")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Recovery codes")
    return re.search(r"\b\d{8}\b", page.content())[0]


def test_invited_person_forgets_the_password_and_loses_the_telephone(browser, site, settings):
    settings.EMAIL_HOST, settings.REQUIRE_MFA = "mail.example.org", True
    account = make_account("Publisher", username="edda", email="edda@example.org")
    broken = []
    link_mail(account, "invitation").send()
    with window(browser, site, 360, "dark") as page:
        choose_password(page, PASSWORD)
        broken += broken_rules(page)
        sign_in(page, "edda", PASSWORD)
        code = add_app(page)
        broken += broken_rules(page)
        open_menu(page)
        press(page, "Sign out")

        page.goto("/admin/login/")
        page.get_by_role("link", name="Forgotten your password?").click()
        broken += broken_rules(page)
        page.get_by_label("E-mail address").fill("edda@example.org")
        press(page, "Send the link")
        broken += broken_rules(page)
        assert len(wait_for_mail()) == 2
        choose_password(page, "a second sentence of many words")
        sign_in(page, "edda", "a second sentence of many words")
        broken += broken_rules(page)
        page.locator("#id_code").fill(code)
        press(page, "Sign in")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Today")
    assert broken == []


def test_sign_in_page_says_why_the_browser_gives_no_passkey(staff):
    refuse = (
        "() => { navigator.credentials.get = async () => { throw new DOMException('', '%s') } }"
    )
    staff.goto("/admin/login/")
    for script, sentence in [
        (refuse % "NotAllowedError", "The browser gave no key"),
        (refuse % "AbortError", "The key could not be used"),
        ("() => { delete window.PublicKeyCredential }", "This browser cannot use passkeys"),
    ]:
        expect(staff.get_by_text(sentence)).to_be_hidden()
        staff.evaluate(script)
        staff.get_by_role("button", name="Sign in with a passkey").click()
        expect(staff.get_by_role("alert").get_by_text(sentence)).to_be_visible()
        assert staff.locator("[data-key-error]:visible").count() == 1
