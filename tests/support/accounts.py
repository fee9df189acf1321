"""Accounts of each role, and forms of the admin filled in as by a browser."""

import re
from itertools import count

from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from psf.accounts.roles import ROLES
from tests.support.forms import read_form

OWN_PASSWORD = "a calm sea at dawn"
_numbers = count(100_001)  # as many digits for all, so that names have an order


def make_account(role="", **fields):
    """A member of staff; "superuser" may do everything, "" has no role."""
    make = User.objects.create_superuser if role == "superuser" else User.objects.create_user
    values = {"username": f"staff-{next(_numbers)}", "is_staff": True}
    account = make(**values | fields)
    if role in ROLES:
        account.groups.add(Group.objects.get(name=role))
    return account


def signed_in(account):
    client = Client()
    client.force_login(account)
    return client


def client_of(role="", **fields):
    return signed_in(make_account(role, **fields))


def sign_in(client, username="anna", password="wrong", address="192.0.2.1"):
    """Fill in the page on which staff sign in."""
    return client.post(
        "/admin/login/?next=/admin/",
        {"username": username, "password": password},
        REMOTE_ADDR=address,
    )


def url_of(record, page="change", *keys):
    """The address of a page of staff about a record."""
    name = f"admin:{record._meta.app_label}_{record._meta.model_name}_{page}"
    return reverse(name, args=[record.pk, *keys])


def filled_in(client, url, **changes):
    """The form at an address as it comes, with some fields changed."""
    return form_data(client.get(url), **changes)


def form_data(response, **changes):
    """The data of the form that was shown again, with some fields changed."""
    return read_form(response.content.decode()) | {"_save": "Save"} | changes


def send(client, url, data):
    """Send a form, and confirm what readers will see change."""
    response = client.post(url, data)
    if response.status_code == 200 and (response.context or {}).get("impact"):
        return client.post(url, form_data(response))
    return response


def save(client, url, **changes):
    """Open a form, change some fields, save it."""
    return send(client, url, filled_in(client, url, **changes))


def confirm(client, url, data=None, **options):
    """Open a page that asks for confirmation, and give it; also the page after an action."""
    versions = versions_in(client.get(url))
    return client.post(url, {"post": "yes", "version": versions} | (data or {}), **options)


def versions_in(response):
    """The versions of the records that a page showed."""
    return re.findall(r'name="version" value="([^"]*)"', response.content.decode())


def errors_of(response):
    """All errors of the form in one text."""
    context = response.context
    found = [*context["adminform"].form.errors.values()]
    for inline in context["inline_admin_formsets"]:
        found += [inline.formset.non_form_errors()]
        found += [error for row in inline.formset.errors for error in row.values()]
    return " ".join(str(message) for errors in found for message in errors)


def new_row(prefix, number, **fields):
    """The fields of an added row; `number` counts from 0, after those that are there."""
    return {
        f"{prefix}-TOTAL_FORMS": str(number + 1),
        **{f"{prefix}-{number}-{name}": str(value) for name, value in fields.items()},
    }


def named(partner):
    """An organisation as staff type it into the row of a partner."""
    return f"{partner} ({partner.country_id})"
