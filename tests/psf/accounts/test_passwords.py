import pytest
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    validate_password,
)
from django.core.exceptions import ValidationError

from psf.accounts import passwords as accounts
from psf.accounts.models import (
    OneTimePassword,
)

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

    def test_a_common_password_is_refused(self):
        with pytest.raises(ValidationError) as refused:
            validate_password("QWERTYuiop123")
        assert [each.code for each in refused.value.error_list] == ["password_too_common"]

    def test_its_end_is_told_where_passwords_are_chosen(self, client, anna):
        sign_in(client, password=accounts.give_one_time_password(anna))
        assert (
            "the one-time password that you were given"
            in client.get("/admin/password_change/").text
        )

    def test_it_is_named_after_its_account(self, anna):
        accounts.give_one_time_password(anna)
        assert str(anna.one_time_password) == "anna"
