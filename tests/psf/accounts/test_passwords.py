from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    validate_password,
)
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from psf.accounts import passwords as accounts
from psf.models import FailedSignIn, OneTimePassword

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


class TestOneTimePassword:
    def test_it_opens_nothing_but_the_choice_of_another(self, client, anna):
        password = accounts.give_one_time_password(anna)
        assert sign_in(client, password=password).status_code == 302

        for address in ["/admin/", "/admin/auth/user/", "/admin/password_change/done/"]:
            response = client.get(address)
            assert (response.status_code, response.url) == (302, "/admin/password_change/")
        assert client.get("/admin/password_change/").status_code == 200

    def test_choosing_another_opens_the_rest(self, client, anna):
        password = accounts.give_one_time_password(anna)
        sign_in(client, password=password)
        response = client.post(
            "/admin/password_change/",
            {
                "old_password": password,
                "new_password1": OWN_PASSWORD,
                "new_password2": OWN_PASSWORD,
            },
        )

        assert response.url == "/admin/password_change/done/"
        assert not accounts.has_one_time_password(anna)
        assert client.get("/admin/").status_code == 200

    def test_it_cannot_be_chosen_again(self, client, anna):
        password = accounts.give_one_time_password(anna)
        sign_in(client, password=password)
        response = client.post(
            "/admin/password_change/",
            {"old_password": password, "new_password1": password, "new_password2": password},
        )

        assert "The one-time password cannot be kept" in response.text
        assert accounts.has_one_time_password(anna)

    def test_signing_out_stays_open(self, client, anna):
        sign_in(client, password=accounts.give_one_time_password(anna))
        assert client.post("/admin/logout/").status_code == 200

    def test_it_takes_the_place_of_the_one_before(self, anna):
        first = accounts.give_one_time_password(anna)
        second = accounts.give_one_time_password(anna)

        assert first != second
        assert anna.check_password(second)
        assert OneTimePassword.objects.count() == 1

    def test_who_chose_a_password_is_left_alone(self, client, anna):
        sign_in(client, password=OWN_PASSWORD)
        assert client.get("/admin/").status_code == 200

    def test_a_password_is_checked_without_an_account_too(self):
        validate_password(OWN_PASSWORD)
        validate_password(OWN_PASSWORD, User(username="anna"))
        accounts.OneTimePasswordValidator().password_changed(OWN_PASSWORD)

    @pytest.mark.parametrize(
        "weak", ["short", "123456789012345", "qwertyuiop123", "anna-andersson"]
    )
    def test_a_weak_password_is_refused(self, weak):
        with pytest.raises(ValidationError):
            validate_password(weak, User(username="anna-andersson"))

    def test_a_common_password_is_refused_by_a_list_that_is_not_kept(self):
        with pytest.raises(ValidationError) as refused:
            validate_password("QWERTYuiop123")
        assert [each.code for each in refused.value.error_list] == ["password_too_common"]
        for validator in get_default_password_validators():
            assert "passwords" not in vars(validator)
            assert validator.get_help_text()

    def test_its_end_is_told_where_passwords_are_chosen(self, client, anna):
        sign_in(client, password=accounts.give_one_time_password(anna))
        assert (
            "the one-time password that you were given"
            in client.get("/admin/password_change/").text
        )

    def test_it_is_named_after_its_account(self, anna):
        accounts.give_one_time_password(anna)
        assert str(anna.one_time_password) == "anna"


class TestBrakeOnGuessing:
    @pytest.mark.parametrize("username", ["anna", "nobody"])
    def test_the_eleventh_attempt_waits_whether_or_not_the_name_exists(
        self, client, anna, username
    ):
        answers = [sign_in(client, username) for _ in range(11)]

        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
        assert "Too many wrong passwords" in answers[-1].text
        assert answers[-1].headers["Retry-After"] == "900"

    def test_the_right_password_waits_too(self, client, anna):
        for _ in range(10):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 429

    def test_no_one_is_shut_out_from_another_address_or_account(self, client, anna):
        for _ in range(11):
            sign_in(client)

        assert sign_in(client, "berit").status_code == 200
        assert sign_in(Client(), password=OWN_PASSWORD, address="192.0.2.2").status_code == 302

    def test_after_a_while_attempts_count_no_more_and_are_forgotten(self, client, anna):
        for _ in range(10):
            sign_in(client)
        earlier = timezone.now() - accounts.FAILURES_COUNT_FOR
        FailedSignIn.objects.update(failed_at=earlier + timedelta(seconds=30))
        assert sign_in(client).status_code == 429

        FailedSignIn.objects.update(failed_at=earlier)
        assert sign_in(client).status_code == 200
        assert FailedSignIn.objects.count() == 1

    def test_refused_attempts_do_not_prolong_the_wait(self, client, anna):
        for _ in range(15):
            sign_in(client)
        assert FailedSignIn.objects.count() == 10

    def test_a_success_clears_the_count(self, client, anna):
        for _ in range(9):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302
        assert not FailedSignIn.objects.exists()

    def test_an_empty_field_is_no_attempt(self, client):
        for username, password in [("anna", ""), ("", "secret"), ("anna\x00", "secret")]:
            assert sign_in(client, username, password).status_code == 200
        assert not FailedSignIn.objects.exists()

    def test_neither_name_nor_address_is_kept(self, client):
        sign_in(client, "my own password", address="192.0.2.77")
        kept = FailedSignIn.objects.get()

        assert "password" not in kept.fingerprint
        assert "192" not in str(kept)


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

    def test_its_name_is_new_when_somebody_signs_in(self, client, anna):
        """Who planted a name in a browser does not share what is signed in under it."""
        planted = client.session  # makes one
        planted.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
        sign_in(client, password=OWN_PASSWORD)
        assert client.session.session_key != planted.session_key
        assert self.opens(client.session.session_key)
        assert not self.opens(planted.session_key)

    def test_signing_out_ends_it_for_whoever_has_its_name(self, client, session):
        assert self.opens(session)
        client.post("/admin/logout/")
        assert not self.opens(session)

    def test_another_password_ends_the_other_sessions(self, client, session):
        elsewhere = Client()
        sign_in(elsewhere, password=OWN_PASSWORD)
        changed = {"old_password": OWN_PASSWORD}
        changed |= dict.fromkeys(["new_password1", "new_password2"], "another sea at dusk")
        client.post("/admin/password_change/", changed)
        assert client.get("/admin/").status_code == 200
        assert elsewhere.get("/admin/").status_code == 302

    def test_it_ends_after_eight_hours_without_an_act(self, client, session):
        ends = Session.objects.get(pk=session).expire_date
        assert ends <= timezone.now() + timedelta(hours=8)
        client.get("/admin/")
        client.post("/admin/projects/topic/add/", {"name": ""})
        assert Session.objects.get(pk=session).expire_date == ends

    def test_after_twelve_hours_the_password_is_asked_for_again(self, client, session):
        """Each message to its owner writes the session anew: that alone would never end."""
        kept = client.session
        kept[accounts.SIGNED_IN_AT] -= 12 * 60 * 60 - 60
        kept.save()
        assert client.get("/admin/").status_code == 200
        kept[accounts.SIGNED_IN_AT] -= 61
        kept.save()
        response = client.get("/admin/")
        assert (response.status_code, response.url) == (302, "/admin/login/?next=/admin/")
        assert client.get(response.url).status_code == 200
        sign_in(client, password=OWN_PASSWORD)
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize(
        "address", ["//evil.example/", "/\\evil.example", "https://evil.example"]
    )
    def test_signing_in_leads_nowhere_else(self, client, anna, address):
        data = {"username": "anna", "password": OWN_PASSWORD, "next": address}
        response = client.post(f"/admin/login/?next={address}", data)
        assert (response.status_code, response.url) == (302, "/admin/")

    def test_a_long_password_counts_to_its_last_letter(self, client):
        password = "a sentence that nobody else would write, " * 4
        validate_password(password)
        User.objects.create_user("berit", password=password, is_staff=True)
        assert sign_in(client, "berit", password[:-1] + "x").status_code == 200
        assert sign_in(client, "berit", password).status_code == 302
