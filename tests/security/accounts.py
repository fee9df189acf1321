"""An account for each column of the tables, and a signed-in client for each account."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.test import Client

from tests.support.accounts import make_account

# The columns of the table of the staff's addresses, by their short names.
COLUMNS = {
    "anon": "nobody in particular",
    "off": "an account that was disabled after it had signed in",
    "none": "staff without a role",
    "view": "Viewer",
    "edit": "Editor",
    "publ": "Publisher",
    "admi": "Administrator",
    "supe": "superuser",
    "asse": "an assessor who has submitted",
    "seco": "another of the same application, who has not",
    "conf": "one who declared a conflict of interest in it",
    "outs": "an assessor of nothing",
}
ROLES = {"none": "", "view": "Viewer", "edit": "Editor", "publ": "Publisher"}
ROLES |= {"off": "Publisher", "admi": "Administrator", "supe": "superuser"}
ROLES |= dict.fromkeys(["asse", "seco", "conf", "outs"], "Assessor")


def make_accounts() -> dict[str, Any]:
    return {column: make_account(role, username=column) for column, role in ROLES.items()}


class Remembering(ModelBackend):
    """Loads an account and its permissions once, for the thousands of requests of one test."""

    known: dict[int, User | None] = {}

    def get_user(self, user_id: int) -> User | None:
        if user_id not in self.known:
            self.known[user_id] = super().get_user(user_id)
        return self.known[user_id]


SETTINGS = {
    "AUTHENTICATION_BACKENDS": ["tests.security.accounts.Remembering"],
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
}


def sign_in(accounts: dict[str, Any]) -> dict[str, Client]:
    """A browser for each column; the disabled account was signed in before."""
    Remembering.known = {}
    clients = {column: Client(raise_request_exception=False) for column in COLUMNS}
    for column, account in accounts.items():
        clients[column].force_login(account)
    User.objects.filter(pk=accounts["off"].pk).update(is_active=False)
    return clients
