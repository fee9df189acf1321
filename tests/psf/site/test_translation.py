"""The translation of texts of Django and django-allauth into the words of this project."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support.accounts import client_of

FOLDER = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES"
# Babel reads plural forms as tuples or as lists.
BRACKETS = str.maketrans("[]", "()")


def messages(read, name):
    with (FOLDER / name).open("rb") as file:
        pairs = [(message.id, message.string) for message in read(file) if message.id]
        return sorted(str(texts).translate(BRACKETS) for texts in pairs)


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_compiled_words_are_those_of_the_text_file(domain):
    assert messages(read_mo, f"{domain}.mo") == messages(read_po, f"{domain}.po")


@pytest.mark.django_db
def test_pages_of_accounts_say_account_and_role():
    client = client_of("Administrator")
    account = User.objects.create(username="anna")
    page = client.get(reverse("admin:auth_user_change", args=[account.pk])).content.decode()
    assert "E-mail address" in page
    for word in ["Email address", "this user", "their groups", "Unselect"]:
        assert word not in page, word


@pytest.mark.django_db
def test_the_clock_of_a_time_field_has_24_hours():
    offered = client_of("Editor").get("/admin/jsi18n/").content.decode()
    for text in ["Midnight", "6 a.m.", "Noon", "6 p.m."]:
        assert re.search(rf'"{text}": "\d\d:00"', offered), text


@pytest.mark.django_db
def test_pages_of_sign_in_say_sign_in():
    client = client_of("Viewer", password="a calm sea at dawn")
    pages = [
        Client().get("/admin/login/"),
        Client().get("/admin/account/password/"),
        Client().get("/admin/account/password/sent/"),
        Client().get("/admin/account/password/set/"),
        client.get("/admin/"),
        client.get("/admin/account/second-factor/"),
        client.get("/admin/account/confirm/"),
        client.post("/admin/logout/"),
    ]
    for page in pages:
        text = page.content.decode().lower()
        assert page.status_code == 200
        for word in [
            "log in",
            "log out",
            "logged out",
            "login credentials",
            "two-factor",
            "email address",
        ]:
            assert word not in text, (page.request["PATH_INFO"], word)
