from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from psf.accounts.models import FailedSignIn
from psf.accounts.sign_in import FAILURE_LIFETIME, SIGNED_IN_AT_KEY

pytestmark = pytest.mark.django_db
OWN_PASSWORD = "a calm sea at dawn"


@pytest.fixture
def anna():
    return User.objects.create_user("anna", password=OWN_PASSWORD, is_staff=True)


def sign_in(client, username="anna", password="wrong", address="192.0.2.1"):
    return client.post(
        "/admin/login/?next=/admin/",
        {"username": username, "password": password},
        REMOTE_ADDR=address,
    )


class TestFailureLimit:
    @pytest.mark.parametrize("username", ["anna", "nobody"])
    def test_eleventh_attempt_is_refused_for_known_and_unknown_names(self, client, anna, username):
        responses = [sign_in(client, username) for _ in range(11)]

        assert [response.status_code for response in responses] == [200] * 10 + [429]
        assert "Too many wrong passwords" in responses[-1].text
        assert responses[-1].headers["Retry-After"] == "900"

    def test_correct_password_is_refused_after_ten_failures(self, client, anna):
        for _ in range(10):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 429

    def test_other_addresses_and_accounts_are_not_affected(self, client, anna):
        for _ in range(11):
            sign_in(client)

        assert sign_in(client, "berit").status_code == 200
        assert sign_in(Client(), password=OWN_PASSWORD, address="192.0.2.2").status_code == 302

    def test_old_failures_are_deleted(self, client, anna):
        for _ in range(10):
            sign_in(client)
        earlier = timezone.now() - FAILURE_LIFETIME
        FailedSignIn.objects.update(failed_at=earlier + timedelta(seconds=30))
        assert sign_in(client).status_code == 429

        FailedSignIn.objects.update(failed_at=earlier)
        assert sign_in(client).status_code == 200
        assert FailedSignIn.objects.count() == 1

    def test_refused_attempts_do_not_extend_the_wait(self, client, anna):
        for _ in range(15):
            sign_in(client)
        assert FailedSignIn.objects.count() == 10

    def test_success_deletes_the_failures(self, client, anna):
        for _ in range(9):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302
        assert not FailedSignIn.objects.exists()

    def test_empty_field_is_no_attempt(self, client):
        for username, password in [("anna", ""), ("", "secret"), ("anna\x00", "secret")]:
            assert sign_in(client, username, password).status_code == 200
        assert not FailedSignIn.objects.exists()

    def test_name_and_address_are_not_stored(self, client):
        sign_in(client, "my own password", address="192.0.2.77")
        failure = FailedSignIn.objects.get()

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

    def test_session_ends_after_eight_hours_without_a_change(self, client, session):
        expiry = Session.objects.get(pk=session).expire_date
        assert expiry <= timezone.now() + timedelta(hours=8)
        client.get("/admin/")
        client.post("/admin/projects/topic/add/", {"name": ""})
        assert Session.objects.get(pk=session).expire_date == expiry

    def test_session_ends_after_twelve_hours(self, client, session):
        """Messages extend the session, so its age is checked as well."""
        stored = client.session
        stored[SIGNED_IN_AT_KEY] -= 12 * 60 * 60 - 60
        stored.save()
        assert client.get("/admin/").status_code == 200
        stored[SIGNED_IN_AT_KEY] -= 61
        stored.save()
        response = client.get("/admin/")
        assert (response.status_code, response.url) == (302, "/admin/login/?next=/admin/")
        assert client.get(response.url).status_code == 200
        sign_in(client, password=OWN_PASSWORD)
        assert client.get("/admin/").status_code == 200

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
