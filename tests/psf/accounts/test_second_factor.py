"""Second factors, by the addresses that a browser asks for."""

import json
import re
import secrets
import time
from base64 import b32decode
from hashlib import sha1, sha256
from hmac import HMAC
from threading import BoundedSemaphore

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.utils.http import int_to_base36
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from psf.accounts import second_factor, sign_in as limits
from psf.accounts.models import StaffSession
from psf.accounts.second_factor import renew_encryption
from psf.accounts.sign_in import StaffAdapter
from psf.audit.models import AuditEvent
from tests.support.accounts import client_of, confirm, make_account, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "a calm sea at dawn"
PAGES = "/admin/account/second-factor/"
ORIGIN = "http://testserver"
RELYING_PARTY = sha256(b"testserver").digest()
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


class Passkey:
    """A passkey made of software: what a browser sends with it."""

    def __init__(self, account):
        self.id, self.account = secrets.token_bytes(16), account
        self.private = ec.generate_private_key(ec.SECP256R1())

    def data(self, name):
        """What the site stores about the key."""
        public = ES256.from_cryptography_key(self.private.public_key())
        known = AttestedCredentialData.create(bytes(16), self.id, public)
        flags = PRESENT_AND_VERIFIED | AuthenticatorData.FLAG.AT
        data = AuthenticatorData.create(RELYING_PARTY, flags, 0, known)
        client = CollectedClientData.create("webauthn.create", b"challenge", ORIGIN)
        attestation = AttestationObject.create("none", data, {})
        response = {"clientDataJSON": client, "attestationObject": attestation}
        return {"name": name, "credential": self._credential(response)}

    def answer(self, options):
        """The answer to the challenge in the options of the site."""
        challenge = options["publicKey"]["challenge"]
        client = CollectedClientData.create("webauthn.get", challenge, ORIGIN)
        data = AuthenticatorData.create(RELYING_PARTY, PRESENT_AND_VERIFIED, 0)
        signature = self.private.sign(data + client.hash, ec.ECDSA(SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        handle = int_to_base36(self.account.pk).encode()
        return self._credential(response | {"userHandle": handle})

    def _credential(self, response):
        key = websafe_encode(self.id)
        encoded = {name: websafe_encode(value) for name, value in response.items()}
        return {"id": key, "rawId": key, "type": "public-key", "response": encoded}


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def anna():
    return make_account("Viewer", username="anna", password=PASSWORD)


def code_of(secret, moment):
    """The code that an app shows at the moment (RFC 6238)."""
    digest = HMAC(b32decode(secret), int(moment // 30).to_bytes(8, "big"), sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def sign_in(client, password=PASSWORD):
    return client.post("/admin/login/", {"username": "anna", "password": password})


def confirm_identity(client):
    return client.post("/admin/account/confirm/", {"password": PASSWORD}, follow=True)


def enrol(client):
    """Add an app, and return its secret and the page with the recovery codes."""
    confirm_identity(client)
    page = client.get(f"{PAGES}totp/activate/")
    secret = page.context["form"].secret
    code = code_of(secret, time.time())
    return secret, client.post(f"{PAGES}totp/activate/", {"code": code}, follow=True)


@pytest.fixture
def enrolled(client, anna):
    sign_in(client)
    secret, page = enrol(client)
    codes = re.findall(r"\b\d{8}\b", page.content.decode())
    client.post("/admin/logout/")
    return secret, codes


def test_the_page_of_the_recovery_codes_leads_on(client, anna):
    sign_in(client)
    _secret, page = enrol(client)
    assert f'<a href="{PAGES}">Back to sign-in and security</a>' in page.text
    assert '<a href="/admin/">Go to Today</a>' in page.text
    assert "Back to sign-in and security" not in client.get(PAGES).text


def test_password_alone_does_not_open_an_account_with_a_second_factor(client, enrolled):
    secret, codes = enrolled
    assert len(codes) >= 10
    response = sign_in(client)
    assert response.url == f"{PAGES}authenticate/"
    assert client.get("/admin/").status_code == 302
    page = client.get(response.url)
    assert "no-store" in page.headers["Cache-Control"]
    assert client.post(response.url, {"code": "000000"}).status_code == 200
    later = code_of(secret, time.time() + 30)
    assert client.post(response.url, {"code": later}).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_changes_of_factors_are_recorded(client, anna, django_capture_on_commit_callbacks):
    sign_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        enrol(client)
        client.post(f"{PAGES}totp/deactivate/")
    notes = [event.note for event in AuditEvent.objects.filter(kind="account")]
    assert {"second factor added: totp", "second factor removed: totp"} <= {*notes}


def test_code_of_an_app_opens_the_account_once(client, enrolled):
    secret, _codes = enrolled
    later = code_of(secret, time.time() + 30)
    for expected in [302, 200]:
        other = Client()
        address = sign_in(other).url
        assert other.post(address, {"code": later}).status_code == expected


def test_recovery_code_opens_the_account_once(client, enrolled):
    _secret, codes = enrolled
    for expected in [302, 200]:
        other = Client()
        address = sign_in(other).url
        assert other.post(address, {"code": codes[0]}).status_code == expected


def test_factors_change_only_after_confirming_the_identity(client, anna):
    sign_in(client)
    response = client.get(f"{PAGES}totp/activate/")
    assert response.url.startswith("/admin/account/confirm/")
    page = client.post("/admin/account/confirm/", {"password": "wrong"})
    assert page.status_code == 200
    for _ in range(10):
        page = client.post("/admin/account/confirm/", {"password": "wrong"})
    assert page.status_code == 429
    assert "Wait a minute" in page.content.decode()
    assert client.get(f"{PAGES}totp/activate/").status_code == 302


def test_confirming_counts_as_an_attempt_to_sign_in(client, anna, monkeypatch):
    monkeypatch.setattr(limits, "_attempts", BoundedSemaphore(1))
    sign_in(client)
    with limits.attempt("berit", "192.0.2.9"):
        page = client.post("/admin/account/confirm/", {"password": PASSWORD})
    assert "Too many wrong attempts" in page.content.decode()
    assert confirm_identity(client).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_required_second_factor_comes_before_the_staff_pages(client, anna, settings):
    settings.REQUIRE_MFA = True
    sign_in(client)
    response = client.get("/admin/projects/call/")
    assert (response.status_code, response.url) == (302, PAGES)
    assert "before you work" in client.get(PAGES).content.decode()
    enrol(client)
    assert client.get("/admin/projects/call/").status_code == 200
    page = client.get(PAGES).content.decode()
    assert "before you work" not in page
    client.post(f"{PAGES}totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert client.get("/admin/").url == PAGES
    assert client.get("/").status_code == 200


def is_signed_in(client):
    return client.get("/admin/projects/call/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_other_sessions_end_when_a_factor_is_added_or_removed(client, anna, settings):
    settings.REQUIRE_MFA = True
    stranger, telephone = Client(), Client()
    for browser in [stranger, client]:
        sign_in(browser)
    secret, _page = enrol(client)
    assert is_signed_in(client)
    assert stranger.get("/admin/projects/call/").url.startswith("/admin/login/")
    later = code_of(secret, time.time() + 30)
    telephone.post(sign_in(telephone).url, {"code": later})
    assert is_signed_in(telephone)
    key = Passkey(anna).data("Blue key")
    factor = Authenticator.objects.create(user=anna, type="webauthn", data=key)
    client.post(f"{PAGES}webauthn/keys/{factor.pk}/remove/")
    assert StaffSession.objects.get(user=anna).pk == client.session.session_key
    assert is_signed_in(client)
    client.post(f"{PAGES}totp/deactivate/")
    assert not is_signed_in(client)


@pytest.mark.parametrize("page", ["projects/call/", "password_change/", "account/confirm/"])
def test_session_of_the_password_alone_ends_where_a_factor_exists(enrolled, anna, settings, page):
    """As of a sign-in that meets the moment in which the factor is added."""
    settings.REQUIRE_MFA = True
    stranger = signed_in(anna)
    answer = stranger.post(f"/admin/{page}", {"password": PASSWORD})
    assert answer.url == f"/admin/login/?next=/admin/{page}"
    assert not StaffSession.objects.filter(user=anna).exists()


def change_password(account):
    account.set_password("another sea at dusk")
    account.save()


def deactivate(account):
    account.is_active = False
    account.save()


def delete(account):
    account.delete()


@pytest.mark.parametrize("change", [change_password, deactivate, delete])
def test_sign_in_that_waits_ends_with_a_change_of_its_account(client, anna, enrolled, change):
    _secret, codes = enrolled
    waiting = sign_in(client).url
    change(anna)
    for code in codes[:2]:
        assert client.post(waiting, {"code": code}).status_code == 302
        assert SESSION_KEY not in client.session


def test_nobody_makes_an_account(client):
    assert not StaffAdapter().is_open_for_signup(None)
    for address in ["signup/", "email/", "password/change/"]:
        assert client.get(f"/admin/account/{address}").status_code in [302, 404]
    assert client.get(PAGES).url.startswith("/admin/login/")
    assert client.get("/admin/account/login/").url == "/admin/"


def test_pages_obey_the_content_policy(client, anna):
    sign_in(client)
    confirm_identity(client)
    for page in ["", "totp/activate/", "webauthn/", "webauthn/add/"]:
        text = client.get(f"{PAGES}{page}").content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), page
        scripts = re.findall(r"<script(?![^>]*(?:src=|application/json))[^>]*>", text)
        assert not scripts, page
        assert text.count("<h1") == 1, page


def test_administrator_removes_lost_factors(enrolled, anna):
    client = client_of("Administrator", username="ada")
    session = signed_in(anna)
    page = client.get(f"/admin/auth/user/{anna.pk}/change/").content.decode()
    assert "Remove the second factors…" in page
    address = f"/admin/auth/user/{anna.pk}/remove-factors/"
    confirm(client, address)
    assert not Authenticator.objects.exists()
    assert session.get("/admin/").status_code == 302
    assert sign_in(Client()).url == "/admin/"
    event = AuditEvent.objects.filter(kind="account").first()
    assert (event.who, event.note) == ("ada", f"1 second factors of account {anna.pk} removed")


def test_command_removes_lost_factors(enrolled, anna, capsys):
    call_command("remove_second_factors", "anna")
    assert capsys.readouterr().out.startswith("Removed 1 second factors of “anna”.")
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="There is no account “nobody”"):
        call_command("remove_second_factors", "nobody")


def test_account_sees_and_ends_its_other_sessions(client, anna):
    sign_in(client)
    elsewhere, other = Client(), signed_in(make_account("Viewer"))
    sign_in(elsewhere)
    page = client.get("/admin/sessions/").content.decode()
    assert (page.count('<th scope="row">'), page.count("in this browser")) == (2, 1)
    assert client.session.session_key not in page
    page = client.post("/admin/sessions/", follow=True).content.decode()
    assert "All other sessions have ended." in page
    assert "End all other sessions" not in page
    assert elsewhere.get("/admin/").status_code == 302
    assert other.get("/admin/").status_code == 200


def test_administrator_ends_all_sessions_of_an_account(anna):
    browsers = [signed_in(anna), signed_in(anna)]
    client = client_of("Administrator", username="ada")
    assert "End sessions…" in client.get(f"/admin/auth/user/{anna.pk}/change/").content.decode()
    confirm(client, f"/admin/auth/user/{anna.pk}/end-sessions/")
    assert {browser.get("/admin/").status_code for browser in browsers} == {302}
    assert client.get("/admin/").status_code == 200
    event = AuditEvent.objects.filter(kind="account").first()
    assert (event.who, event.note) == ("ada", f"2 sessions of account {anna.pk} ended")


def test_secrets_are_stored_encrypted(enrolled):
    secret, codes = enrolled
    stored = str([*Authenticator.objects.values_list("data", flat=True)])
    assert stored.count("fernet:") == 2
    assert secret not in stored and codes[0] not in stored


@pytest.mark.parametrize(("fallbacks", "expected"), [(True, 302), (False, 200)])
def test_secrets_follow_a_new_secret_key(enrolled, settings, fallbacks, expected):
    secret, _codes = enrolled
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if fallbacks else []
    settings.SECRET_KEY = "another key of the site, which has at least fifty characters"
    client = Client()
    address = sign_in(client).url
    later = code_of(secret, time.time() + 30)
    assert client.post(address, {"code": later}).status_code == expected


def test_prepare_encrypts_secrets_with_the_present_key(enrolled, settings):
    secret, _codes = enrolled
    settings.SECRET_KEY, earlier = (
        "a new key, of fifty characters or more " * 2,
        settings.SECRET_KEY,
    )
    assert renew_encryption() == 0  # no key fits
    settings.SECRET_KEY_FALLBACKS = [earlier]
    assert renew_encryption() == 2
    settings.SECRET_KEY_FALLBACKS = []
    assert renew_encryption() == 0
    client = Client()
    address = sign_in(client).url
    assert client.post(address, {"code": code_of(secret, time.time() + 30)}).url == "/admin/"


def failures():
    rows = AuditEvent.objects.filter(kind__in=["failed", "refused"]).order_by("pk")
    return [(row.kind, row.who, row.note) for row in rows]


def test_wrong_codes_and_keys_are_recorded(client, enrolled):
    address = sign_in(client).url
    client.post(address, {"code": "000000"})
    client.post(address, {"credential": '{"id": "x"}'})
    assert failures() == [
        ("failed", "anna", "code of the second factor"),
        ("failed", "", "passkey or security key"),
    ]


HANDLE = {"response": {"userHandle": 1}}
MALFORMED = ['{"id": "x"}', '["x"]', '{"response": []}', "7", json.dumps(HANDLE), '"\\ud800"']
MALFORMED += ["9" * 5000, "[" * 50_000]


@pytest.mark.unmeasured
@pytest.mark.parametrize("credential", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_credentials_are_refused(client, enrolled, credential):
    stage = sign_in(client).url
    data = {"credential": credential}
    assert client.post(stage, data).status_code == 200
    assert Client().post(f"{PAGES}webauthn/login/", data).status_code in [200, 302]
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("cookie", [None, "a" * 32, "made:up"])
def test_strangers_make_no_session_rows(enrolled, cookie):
    """Also with a made-up cookie, a wrong passkey, and messages about it."""
    stranger = Client(headers={"X-Requested-With": "XMLHttpRequest"})
    if cookie:
        stranger.cookies[settings.SESSION_COOKIE_NAME] = cookie
    challenge = stranger.get(f"{PAGES}webauthn/login/").json()
    assert challenge["request_options"]["publicKey"]["challenge"]
    stranger.post(f"{PAGES}webauthn/login/", {"credential": "{}"}, follow=True)
    sign_in(stranger)
    assert not StaffSession.objects.exists()


def test_answer_of_a_passkey_opens_the_account_once(anna):
    key = Passkey(anna)
    Authenticator.objects.create(user=anna, type="webauthn", data=key.data("Blue key"))
    browser = Client(headers={"X-Requested-With": "XMLHttpRequest"})
    options = browser.get(f"{PAGES}webauthn/login/").json()["request_options"]
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    for is_first in [True, False]:
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        answer = {"credential": json.dumps(key.answer(options))}
        browser.post(f"{PAGES}webauthn/login/", answer)
        assert (SESSION_KEY in browser.session) is is_first


def test_sign_in_must_end_within_fifteen_minutes(client, enrolled, monkeypatch):
    _secret, codes = enrolled
    waiting = sign_in(client).url
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 901)
    assert client.post(waiting, {"code": codes[0]}).url == "/admin/account/login/"


def test_malformed_new_key_is_refused(client, anna):
    sign_in(client)
    confirm_identity(client)
    client.get(f"{PAGES}webauthn/add/")
    for credential in MALFORMED:
        page = client.post(f"{PAGES}webauthn/add/", {"name": "a", "credential": credential})
        assert page.status_code == 200
    assert not Authenticator.objects.exists()


def test_lost_database_is_no_wrong_key(monkeypatch):
    def fail(form):
        raise OperationalError

    with pytest.raises(OperationalError):
        second_factor._refuse_malformed(fail)(None)


def test_attempts_beyond_the_limit_are_recorded_once(client, enrolled):
    address = sign_in(client).url
    for _number in range(8):
        page = client.post(address, {"code": "000000"})
    assert "Too many" in page.content.decode()
    notes = [note for _kind, _who, note in failures()]
    assert notes == [*["code of the second factor"] * 5, "too many attempts to sign in"]


def test_refused_passwords_are_recorded_with_the_account(client, anna, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FAILURES", [1, 50, 100])
    for _number in range(3):
        sign_in(client, "wrong")
    assert failures() == [
        ("failed", "anna", ""),
        ("refused", "anna", "too many attempts to sign in"),
    ]
