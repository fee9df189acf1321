"""The limits on attempts to sign in."""

from threading import BoundedSemaphore

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client

from psf.accounts import sign_in as limits
from tests.psf.operations.test_readiness import READ_ONLY
from tests.support.accounts import OWN_PASSWORD, make_account, sign_in

pytestmark = pytest.mark.django_db


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value, expires FROM psf_cache ORDER BY cache_key")
        return cursor.fetchall()


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

    def test_failures_count_for_a_limited_time(self, client, anna):
        for _ in range(10):
            sign_in(client)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE psf_cache SET expires = '2026-01-01 00:00:00'")
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("failures", [0, 1])
    def test_no_password_is_checked_while_attempts_cannot_be_counted(self, client, failures):
        cache.clear()  # a full cache would fail before the count
        for _ in range(failures):
            sign_in(client)
        start, end = READ_ONLY[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(start)
            try:
                with pytest.raises(DatabaseError), limits.attempt("anna", "192.0.2.1"):
                    pytest.fail("a password is checked")
            finally:
                cursor.execute(end)

    def test_refused_attempts_do_not_extend_the_wait(self, client, anna):
        for _ in range(11):
            sign_in(client)
        counts = stored()
        assert sign_in(client).status_code == 429
        assert stored() == counts

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

    def test_few_attempts_are_under_way_at_once(self, client, anna, monkeypatch):
        monkeypatch.setattr(limits, "_attempts", BoundedSemaphore(1))
        with limits.attempt("berit", "192.0.2.9"):
            response = sign_in(client, password=OWN_PASSWORD)
        assert (response.status_code, response.headers["Retry-After"]) == (429, "5")
        assert "Try again in a few seconds" in response.text
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302

    def test_success_forgets_the_failures_of_the_name_from_the_address(
        self, client, anna, monkeypatch
    ):
        for _ in range(9):
            sign_in(client)
        assert sign_in(client, password=OWN_PASSWORD).status_code == 302
        assert sign_in(client).status_code == 200
        # The failures of the address and of the name go on counting; the success is none.
        monkeypatch.setattr(limits, "MAX_FAILURES", [10, 11, 11])
        assert [sign_in(client).status_code for _ in range(2)] == [200, 429]

    def test_empty_field_is_no_attempt(self, client):
        for username, password in [("anna", ""), ("", "secret"), ("anna\x00", "secret")]:
            assert sign_in(client, username, password).status_code == 200
        assert stored() == []

    def test_name_and_address_are_not_stored(self, client):
        sign_in(client, "my own password", address="192.0.2.77")
        assert len(stored()) == 3
        assert "password" not in str(stored()) and "192" not in str(stored())
