"""Every address and action for every role, by the tables beside this file.

Who checks the rules reads `readers.txt`, `staff.txt` and `assessments.txt`. An address that no
table names fails here, so that nobody has to remember them.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import TestCase, override_settings
from django.urls import URLResolver, get_resolver, resolve, reverse

from projects.post_award.admin.pages import PROJECT_ACTIONS, ROW_ACTIONS
from psf.search.index import update_indexes
from tests.security.accounts import SETTINGS, sign_in
from tests.security.address_tables import Row, rows_of
from tests.security.blank_templates import blank_templates
from tests.security.records import make_world
from tests.security.sent_data import data_of, prepared
from tests.support.hidden_records import assert_same_as_missing

READERS, STAFF = list(rows_of("readers")), [*rows_of("staff"), *rows_of("assessments")]
REFUSED = "-"
LADDER = ["none", "view", "edit", "publ", "admi", "supe"]
SIGN_IN = reverse("admin:login")


def answer(response: Any) -> str:
    """The code as the tables have it."""
    if response.streaming:
        response.getvalue()
    if response.status_code == 302 and response.url.startswith(SIGN_IN):
        return REFUSED
    return str(response.status_code)


def is_as_expected(who: str, expected: str, found: str) -> bool:
    if expected != REFUSED:
        return found == expected
    return found == (REFUSED if who in ["anon", "off"] else "403")


def everything() -> dict[str, list[Any]]:
    """All rows of the database except sessions."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.label not in ["sessions.Session", "psf.StaffSession", "psf.AuditEvent"]
    }


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for entry in patterns:
        route = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        else:
            yield route


def cells(method: str) -> Iterator[tuple[Row, str, str]]:
    """Row, column and answer.

    Each role includes the role before, as `test_roles.py` proves. So a role between two roles with
    the same answer is not asked. SQLite is asked for every refusal.
    """
    for row in STAFF:
        if row.method == method:
            for who, expected in row.codes.items():
                is_refusal = expected == REFUSED and connection.vendor == "sqlite"
                if is_refusal or not _is_between(row, who):
                    yield row, who, expected


def _is_between(row: Row, who: str) -> bool:
    if who not in LADDER[1:-1]:
        return False
    place = LADDER.index(who)
    return len({row.codes[column] for column in LADDER[place - 1 : place + 2]}) == 1


@pytest.mark.usefixtures("quiet")
@override_settings(**SETTINGS)
class AccessTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()
        update_indexes()  # otherwise the first form of staff does it

    def setUp(self) -> None:
        self.wrong: list[str] = []
        self.clients = sign_in(self.world.accounts)

    def ask(self, row: Row, who: str, missing: bool = False, **data: Any) -> str:
        client = self.clients[who]
        kept = client.cookies.copy()
        send = client.get if row.method == "GET" else client.post
        found = answer(send(row.address(self.world, missing), **data))
        client.cookies = kept
        return found

    def check(self, row: Row, who: str, expected: str, found: str) -> None:
        if not is_as_expected(who, expected, found):
            self.wrong.append(f"{row.method} {row.what} as {who}: {found}, not {expected}")

    # The tables

    def test_every_address_is_in_a_table(self) -> None:
        named = {self.route(row) for row in [*READERS, *STAFF]}
        assert set(routes(get_resolver().url_patterns)) - named == set()

    def route(self, row: Row) -> str:
        address = row.address(self.world).partition("?")[0]
        return resolve(address).route

    def test_every_action_after_an_award_is_in_a_table(self) -> None:
        named = {row.record.split(",")[1] for row in STAFF if "_post_award_" in row.page}
        assert {f"={act}" for act in [*PROJECT_ACTIONS, *ROW_ACTIONS]} - named == set()

    # Readers

    @pytest.mark.sweep
    def test_every_account_gets_the_same_public_answers(self) -> None:
        others = ["off", "none", "edit", "asse"] if connection.vendor == "sqlite" else []
        with blank_templates():
            for row in READERS:
                for who in ["anon", "supe", *others]:
                    self.check(row, who, row.codes["code"], self.ask(row, who))
        assert not self.wrong, "\n".join(self.wrong)

    def test_a_hidden_record_answers_like_a_missing_record(self) -> None:
        hidden = [row for row in READERS if row.codes["code"] == "404"]
        for who in ["anon", "edit", "supe"]:
            missing = ["/nosuch/", *(f"/projects/nosuch.{end}" for end in ["json", "csv", "atom"])]
            missing += ["/calls/nosuch.ics", "/data/versions/psf-1999-12-31.zip"]
            nobody = {PurePath(page).suffix: page for page in missing}
            for row in hidden:
                address = row.address(self.world)
                suffix = PurePath(address.partition("?")[0]).suffix
                assert_same_as_missing(self.clients[who], address, nobody.get(suffix, "/nosuch/"))

    def test_readers_only_read(self) -> None:
        for row in READERS:
            if row.codes["code"] == "200":
                self.check(row, "", "405", self.ask(row._replace(method="POST"), "supe"))
        assert not self.wrong, "\n".join(self.wrong)

    # Staff

    @pytest.mark.sweep
    def test_staff_open_their_pages_and_no_others_and_reading_changes_nothing(self) -> None:
        before = everything()
        with blank_templates():
            for row, who, expected in cells("GET"):
                self.check(row, who, expected, self.ask(row, who))
        assert not self.wrong, "\n".join(self.wrong)
        assert everything() == before

    def test_a_missing_record_answers_like_a_forbidden_record(self) -> None:
        pages = {row.address(self.world, missing=True): row for row in STAFF if row.method == "GET"}
        with blank_templates():
            for address, row in pages.items():
                if address == row.address(self.world) or row.codes["supe"] == "302":
                    continue
                self.check(row, "none", row.codes["none"], self.ask(row, "none", missing=True))
                if row.codes["supe"] != REFUSED:
                    found = self.ask(row, "supe", missing=True)
                    assert found in ["404", "302"], row  # forms say it on the first page
        assert not self.wrong, "\n".join(self.wrong)

    @pytest.mark.sweep
    def test_staff_carry_out_their_actions_and_no_others(self) -> None:
        shown = prepared(STAFF, self.world, self.clients["supe"])
        before = everything()
        with blank_templates():
            for row, who, expected in cells("POST"):
                with transaction.atomic():
                    data = data_of(row, self.world, shown)
                    self.check(row, who, expected, self.ask(row, who, data=data))
                    if expected != REFUSED:
                        transaction.set_rollback(True)
        assert not self.wrong, "\n".join(self.wrong)
        assert everything() == before  # but for the acts, each of which was rolled back

    def test_a_page_without_a_named_action_does_nothing(self) -> None:
        acting = {self.route(row) for row in STAFF if row.method == "POST"}
        pages = {self.route(row): row for row in STAFF if row.method == "GET"}
        before = everything()
        for route in pages.keys() - acting:
            self.ask(pages[route]._replace(method="POST"), "supe")
        assert everything() == before
