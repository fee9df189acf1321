from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from psf.accounts import one_time_passwords
from psf.accounts.models import CalendarAddress, OneTimePassword
from tests.support.accounts import OWN_PASSWORD, sign_in

pytestmark = pytest.mark.django_db


class TestOneTimePassword:
    def test_one_time_password_opens_only_the_password_form(self, client, anna):
        password = one_time_passwords.give_one_time_password(anna)
        assert sign_in(client, password=password).status_code == 302

        for address in ["/admin/", "/admin/auth/user/", "/admin/password_change/done/"]:
            response = client.get(address)
            assert (response.status_code, response.url) == (302, "/admin/password_change/")
        assert client.get("/admin/password_change/").status_code == 200

    def test_new_password_opens_the_staff_pages(self, client, anna):
        password = one_time_passwords.give_one_time_password(anna)
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
        assert not one_time_passwords.has_one_time_password(anna)
        assert client.get("/admin/").status_code == 200

    def test_one_time_password_is_valid_for_seven_days(self, client, anna):
        password = one_time_passwords.give_one_time_password(anna)
        rows = OneTimePassword.objects.filter(user=anna)
        rows.update(created_at=timezone.now() - timedelta(days=7))
        assert "has expired" in sign_in(client, password=password).text
        assert "has expired" not in sign_in(client, password="wrong").text
        rows.update(created_at=timezone.now() - timedelta(days=6))
        assert sign_in(client, password=password).status_code == 302
        rows.update(created_at=timezone.now() - timedelta(days=7))
        password = one_time_passwords.give_one_time_password(anna)
        assert sign_in(client, password=password).status_code == 302

    def test_a_new_password_ends_the_private_calendar_address(self, anna):
        CalendarAddress.objects.create(user=anna, fingerprint="x", made_at=timezone.now())
        anna.set_password("another long password")
        anna.save()
        assert not CalendarAddress.objects.exists()

    def test_one_time_password_must_be_changed(self, client, anna):
        password = one_time_passwords.give_one_time_password(anna)
        sign_in(client, password=password)
        response = client.post(
            "/admin/password_change/",
            {"old_password": password, "new_password1": password, "new_password2": password},
        )

        assert "You cannot keep the one-time password" in response.text
        assert one_time_passwords.has_one_time_password(anna)

    def test_signing_out_is_possible(self, client, anna):
        sign_in(client, password=one_time_passwords.give_one_time_password(anna))
        assert client.post("/admin/logout/").status_code == 200

    def test_new_one_time_password_replaces_the_earlier_one(self, anna):
        first = one_time_passwords.give_one_time_password(anna)
        second = one_time_passwords.give_one_time_password(anna)

        assert first != second
        assert anna.check_password(second)
        assert OneTimePassword.objects.count() == 1

    def test_own_password_opens_the_staff_pages(self, client, anna):
        sign_in(client, password=OWN_PASSWORD)
        assert client.get("/admin/").status_code == 200

    def test_password_is_validated_without_an_account(self):
        assert validate_password(OWN_PASSWORD) is None
        assert validate_password(OWN_PASSWORD, User(username="anna")) is None
        one_time_passwords.OneTimePasswordValidator().password_changed(OWN_PASSWORD)

    def test_password_form_explains_the_one_time_password(self, client, anna):
        sign_in(client, password=one_time_passwords.give_one_time_password(anna))
        assert "can’t be the one-time password" in client.get("/admin/password_change/").text

    def test_one_time_password_has_the_name_of_the_account(self, anna):
        one_time_passwords.give_one_time_password(anna)
        assert str(anna.one_time_password) == "anna"
