from datetime import timedelta
from threading import BoundedSemaphore, Thread

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.test import Client
from django.utils import timezone

from psf.accounts import sign_in_limits as limits
from psf.accounts.models import FailedSignIn, StaffSession
from tests.support.accounts import OWN_PASSWORD, make_account, sign_in

pytestmark = pytest.mark.django_db


def soon():
    return timezone.now() + timedelta(minutes=5)


class TestFailureLimit:
    @pytest.mark.parametrize("username", ["anna", "nobody"])
    def test_eleventh_attempt_is_refused_for_known_and_unknown_names(self, client, anna, username):
        responses = [sign_in(client, username) for _ in range(11)]

        assert [response.status_code for response in responses] == [200] * 10 + [429]
        assert "Too many attempts to sign in. Wait 15 minutes" in responses[-1].text
        assert responses[-1].headers["Retry-After"] == "900"

    def test_correct_password_is_refused_after_ten_failures(self, client, anna):
        for _ in range(10):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 429

    @pytest.mark.parametrize("username", ["anna", "nobody", "left", "invited", "outsider"])
    def test_every_name_costs_one_hash_and_gets_one_sentence(
        self, client, anna, username, monkeypatch
    ):
        make_account("Viewer", username="left", password=OWN_PASSWORD, is_active=False)
        make_account("Viewer", username="invited")
        make_account(username="outsider", password=OWN_PASSWORD, is_staff=False)
        hashed = []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher,
            "encode",
            lambda hasher, *words: hashed.append(words) or encode(hasher, *words),
        )
        response = sign_in(client, username)
        assert "Name or password is wrong" in response.content.decode()
        assert len(hashed) == 1

    def test_other_addresses_and_accounts_are_not_affected(self, client, anna):
        for _ in range(11):
            sign_in(client)

        assert sign_in(client, "berit").status_code == 200
        assert sign_in(Client(), password=OWN_PASSWORD, address="192.0.2.2").status_code == 302

    def test_old_failures_are_deleted(self, client, anna):
        for _ in range(10):
            sign_in(client)
        earlier = timezone.now() - limits.LOCK_OUT
        FailedSignIn.objects.update(failed_at=earlier + timedelta(seconds=30))
        assert sign_in(client).status_code == 429

        FailedSignIn.objects.update(failed_at=earlier)
        assert sign_in(client).status_code == 200
        assert FailedSignIn.objects.count() == 3

    def test_refused_attempts_do_not_extend_the_wait(self, client, anna):
        for _ in range(15):
            sign_in(client)
        assert FailedSignIn.objects.count() == 30

    @pytest.mark.parametrize("changed", ["username", "address"])
    def test_failures_of_an_address_and_of_a_name_are_limited(
        self, client, anna, changed, monkeypatch
    ):
        monkeypatch.setattr(limits, "MAX_FAILURES", [2, 4, 4])
        values = [f"192.0.2.{number}" for number in range(5)]
        statuses = [sign_in(client, **{changed: value}).status_code for value in values]
        assert statuses == [200] * 4 + [429]

    def test_ipv6_addresses_of_one_network_count_together(self, client, anna):
        for number in range(10):
            sign_in(client, address=f"2001:db8::{number:x}")
        assert sign_in(client, address="2001:db8::ffff").status_code == 429
        assert sign_in(client, address="2001:db8:0:1::1").status_code == 200

    def test_one_password_is_checked_at_a_time(self, client, anna, monkeypatch):
        monkeypatch.setattr(limits, "WAIT_SECONDS", 0.01)
        with limits.attempt("berit", "192.0.2.9"):
            response = sign_in(client, password=OWN_PASSWORD)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "5")
        assert "Try again in a few seconds" in response.text
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302

    def test_few_attempts_wait_for_the_one_before(self, client, anna, monkeypatch):
        with limits.attempt("berit", "192.0.2.9"):
            monkeypatch.setattr(limits, "_waiting", BoundedSemaphore(1))
            limits._waiting.acquire()
            assert sign_in(client, password=OWN_PASSWORD).status_code == 429
            limits._waiting.release()
            waiting = Thread(target=lambda: results.append(limits._begin_hashing()))
            results = []
            waiting.start()
        waiting.join()
        assert results == [True]
        limits._hashing.release()

    def test_success_deletes_the_failures(self, client, anna):
        for _ in range(9):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302
        # The failures of the address and of the name go on counting.
        assert FailedSignIn.objects.count() == 18

    def test_empty_field_is_no_attempt(self, client):
        for username, password in [("anna", ""), ("", "secret"), ("anna\x00", "secret")]:
            assert sign_in(client, username, password).status_code == 200
        assert not FailedSignIn.objects.exists()

    def test_name_and_address_are_not_stored(self, client):
        sign_in(client, "my own password", address="192.0.2.77")
        failure = FailedSignIn.objects.first()

        assert "password" not in failure.fingerprint
        assert "192" not in str(failure)


class TestSession:
    @pytest.fixture
    def session(self, client, anna):
        """The name of the session after signing in."""
        client.get("/admin/login/")
        sign_in(client, password=OWN_PASSWORD)
        return client.session.session_key

    def opens(self, session):
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = session
        return client.get("/admin/").status_code == 200

    def test_signing_in_starts_a_new_session(self, client, anna):
        """Prevents session fixation."""
        planted = client.session  # creates a session
        planted.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
        sign_in(client, password=OWN_PASSWORD)
        assert client.session.session_key != planted.session_key
        assert self.opens(client.session.session_key)
        assert not self.opens(planted.session_key)

    def test_signing_out_ends_the_session_everywhere(self, client, session):
        assert self.opens(session)
        client.post("/admin/logout/")
        assert not self.opens(session)

    def test_new_password_ends_other_sessions(self, client, session):
        elsewhere = Client()
        sign_in(elsewhere, password=OWN_PASSWORD)
        changed = {"old_password": OWN_PASSWORD}
        changed |= dict.fromkeys(["new_password1", "new_password2"], "another sea at dusk")
        client.post("/admin/password_change/", changed)
        assert client.get("/admin/").status_code == 200
        assert elsewhere.get("/admin/").status_code == 302

    def test_reading_prolongs_the_session_and_writes_rarely(self, client, session):
        rows = StaffSession.objects.filter(pk=session)
        first = rows.get()
        assert first.expire_date <= timezone.now() + timedelta(hours=8)
        client.get("/admin/")
        assert rows.get() == first and rows.get().expire_date == first.expire_date
        rows.update(used_at=first.used_at - timedelta(minutes=11), expire_date=soon())
        client.get("/admin/")
        assert rows.get().expire_date >= first.expire_date
        assert rows.get().used_at >= first.used_at

    def test_session_ends_after_twelve_hours(self, client, session):
        stored = client.session
        started = timezone.now() - timedelta(hours=11, minutes=59)
        stored["started_at"] = started.isoformat()
        stored.save()
        page = client.get("/admin/")
        assert page.status_code == 200
        assert 0 < page.context["session_seconds"] <= 60
        row = StaffSession.objects.get(pk=session)
        assert row.expire_date == started + timedelta(hours=12)
        StaffSession.objects.update(used_at=started)
        client.get("/admin/")
        row.refresh_from_db()
        assert row.expire_date == started + timedelta(hours=12)
        assert row.used_at > started
        StaffSession.objects.update(expire_date=timezone.now())
        response = client.get("/admin/")
        assert (response.status_code, response.url) == (302, "/admin/login/?next=/admin/")

    def test_signing_out_clears_the_browser(self, client, session):
        response = client.post("/admin/logout/")
        assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'

    @pytest.mark.parametrize(
        "address", ["//evil.example/", "/\\evil.example", "https://evil.example"]
    )
    def test_signing_in_never_redirects_to_another_site(self, client, anna, address):
        data = {"username": "anna", "password": OWN_PASSWORD, "next": address}
        response = client.post(f"/admin/login/?next={address}", data)
        assert (response.status_code, response.url) == (302, "/admin/")

    def test_last_letter_of_a_long_password_counts(self, client):
        password = "a sentence that nobody else would write, " * 4
        validate_password(password)
        User.objects.create_user("berit", password=password, is_staff=True)
        assert sign_in(client, "berit", password[:-1] + "x").status_code == 200
        assert sign_in(client, "berit", password).status_code == 302
