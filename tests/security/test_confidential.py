"""No page and no answer shows a row to an account that may not see the row.

Who checks the rules reads `confidential.txt`. A model without a row there fails here. Every text
field of every confidential row holds a word of its own. The pages of every account are searched for
the words that the account must not see.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Model
from django.test import Client, TestCase, override_settings
from django.urls import reverse

from partners.models import Partner
from projects.models import Assessment, Evidence, Score
from psf.history import recording, visibility
from psf.history.models import Change, ChangeSet, Channel
from psf.history.tracking import is_tracked, model_of
from tests.security.accounts import SETTINGS, sign_in
from tests.security.address_tables import FOLDER, Row
from tests.security.blank_templates import blank_templates
from tests.security.canaries import (
    BEGINNING,
    SET_REASON,
    Canary,
    part_phrase_of,
    plant,
    text_fields,
    words_in,
)
from tests.security.records import IN_FORM, make_world
from tests.security.test_answers import LADDER, READERS, STAFF
from tests.support.accounts import make_account
from tests.support.factories import make_letter, make_project

SEARCHED = ["view", "edit", "asse", "seco", "conf", "outs"]
WITH_HISTORY = ["view", "edit"]


def table() -> dict[str, dict[str, str]]:
    """The cells of confidential.txt by model and account."""
    text = (FOLDER / "confidential.txt").read_text()
    heads, *lines = filter(None, [line.partition("#")[0].split() for line in text.splitlines()])
    return {kind: dict(zip(heads[1:], cells, strict=True)) for kind, *cells in lines}


TABLE = table()


def own_models() -> list[type[Model]]:
    """The models of the field, and the files of imports."""
    models = [
        model
        for model in apps.get_models()
        if model._meta.app_label in ["partners", "projects"] and model._meta.managed
    ]
    return [
        *(model for model in models if not model._meta.proxy),
        *map(apps.get_model, ["psf.import", "psf.auditevent"]),
    ]


def confidential_models() -> list[type[Model]]:
    """The models that not every role of the ladder sees."""
    return [
        model
        for model in own_models()
        if {TABLE[model._meta.label_lower][who] for who in LADDER[1:]} != {"yes"}
    ]


def own_rows(world: Any, who: str) -> set[tuple[str, Any]]:
    """The rows of a model with "own" in the table that the account may read.

    Assessors read their own, and each other's on an application with all assessments submitted.
    """
    assessments = Assessment.objects.filter(assessor=world.accounts[who])
    if who in ["asse", "seco"]:
        assessments |= Assessment.objects.filter(pk__in=[world.mine_in.pk, world.second_in.pk])
    rows = {("projects.assessment", row.pk) for row in assessments}
    rows |= {("projects.score", row.pk) for row in Score.objects.filter(assessment__in=assessments)}
    # Saved imports are listed for all who may import into the call.
    uploads = [world.brought, world.forms, world.imported] if who == "edit" else []
    return rows | {("psf.import", row.pk) for row in uploads}


def opens(row: Row, who: str) -> bool:
    return row.codes.get(who, row.codes["asse"]) == "200"


def is_asked(row: Row, who: str) -> bool:
    """Whether the page is searched as this account.

    Rights are not a matter of the database. So on the second database editors are asked only where
    viewers, from whom more words are hidden, open nothing.
    """
    return connection.vendor == "sqlite" or who != "edit" or not opens(row, "view")


def searches() -> Iterator[str]:
    """The addresses of all lists with a search, and of all fields that complete what is typed."""
    for model, model_admin in admin.site._registry.items():
        options = model._meta
        if model_admin.search_fields:
            yield reverse(f"admin:{options.app_label}_{options.model_name}_changelist") + "?q="
        for owner in [model_admin, *model_admin.inlines]:
            owner_options = getattr(owner, "model", model)._meta
            query = f"app_label={owner_options.app_label}&model_name={owner_options.model_name}"
            for field in owner.autocomplete_fields:
                yield reverse("admin:autocomplete") + f"?{query}&field_name={field}&term="


def has_history(model: type[Model]) -> bool:
    """Whether the record pages of the model have a history."""
    page = admin.site.get_model_admin(model) if admin.site.is_registered(model) else None
    return getattr(page, "has_history", False)


def test_every_model_is_in_the_table():
    assert {model._meta.label_lower for model in own_models()} == set(TABLE)


@pytest.mark.usefixtures("quiet")
@override_settings(**SETTINGS)
@pytest.mark.sweep
class ConfidentialTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world()
        deleted = make_project(cls.world.call, slug="deleted")
        make_letter(deleted, kind="rejection")
        cls.words = plant(confidential_models()) | cls.names()
        deleted.delete()

    @classmethod
    def names(cls) -> dict[bytes, Canary]:
        """The contact person in a stored form, and the names of assessors.

        An assessor is as confidential as the assessment.
        """
        names = {IN_FORM: Canary("projects.contact", cls.world.form_file.pk, "file")}
        assessments = [cls.world.mine_in, cls.world.second_in, cls.world.closed]
        for number, assessment in enumerate(assessments, start=99991):
            word, assessor = f"QX{number}QX", User.objects.get(pk=assessment.assessor_id)
            assessor.last_name = word
            assessor.save()
            with recording.change_set(assessor, channel=Channel.ASSESSMENT):
                Assessment.objects.filter(pk=assessment.pk).update(comment="Changed.")
            names[word.encode()] = Canary("projects.assessment", assessment.pk, "assessor")
        return names

    def setUp(self) -> None:
        self.wrong: list[str] = []
        self.clients = sign_in(self.world.accounts)

    def hidden(self, who: str) -> dict[bytes, Canary]:
        """The words that the account must not see."""
        own = own_rows(self.world, who)
        return {
            word: canary
            for word, canary in self.words.items()
            if TABLE[canary.kind][who] == "-"
            or (TABLE[canary.kind][who] == "own" and (canary.kind, canary.key) not in own)
        }

    # The table

    def test_every_confidential_model_has_a_row_with_a_word(self) -> None:
        planted = {canary.kind for canary in self.words.values() if canary.field != SET_REASON}
        for model in confidential_models():
            assert model._base_manager.exists(), model
            if model is not Evidence:  # a trigger refuses to write a word into it
                assert model._meta.label_lower in planted or not text_fields(model), model

    def test_the_history_follows_the_table(self) -> None:
        for kind, cells in TABLE.items():
            for who in LADDER[1:] if is_tracked(model_of(kind)) else []:
                may_see = visibility.may_see(self.world.accounts[who], model_of(kind))
                assert may_see == (cells[who] == "yes"), (kind, who)

    # Pages

    def test_no_page_shows_confidential_values(self) -> None:
        for who in SEARCHED:
            hidden = self.hidden(who)
            addresses = [
                row.address(self.world)
                for row in STAFF
                if row.method == "GET" and opens(row, who) and is_asked(row, who)
            ]
            for address in addresses:
                self.check_words(who, address, hidden)
        assert not self.wrong, "\n".join(self.wrong)

    def test_contact_persons_need_their_own_permission(self) -> None:
        """On the pages that viewers, who have no such permission, do not open."""
        account = make_account("", username="without-contacts")
        role = Permission.objects.filter(group__name="Administrator")
        account.user_permissions.set(role.exclude(codename__endswith="_contact"))
        self.clients["other"] = client = Client(raise_request_exception=False)
        client.force_login(account)
        kinds = ["projects.contact", "projects.formmail"]
        hidden = {word: canary for word, canary in self.words.items() if canary.kind in kinds}
        for row in STAFF:
            if row.method == "GET" and opens(row, "admi") and not opens(row, "view"):
                self.check_words("other", row.address(self.world), hidden)
        assert not self.wrong, "\n".join(self.wrong)

    def test_no_history_shows_confidential_values(self) -> None:
        for who in WITH_HISTORY if connection.vendor == "sqlite" else WITH_HISTORY[:1]:
            hidden = self.hidden(who)
            models = [model_of(kind) for kind in {canary.kind for canary in hidden.values()}]
            phrases = [part_phrase_of(model) for model in models]
            for address in self.pages_of_history(models):
                content = self.check_words(who, address, hidden)
                self.wrong += [f"{phrase} at {address}" for phrase in phrases if phrase in content]
        assert not self.wrong, "\n".join(self.wrong)

    def pages_of_history(self, models: list[type[Model]]) -> Iterator[str]:
        """Every page of the history that could show rows of these models."""
        kinds = [model._meta.label_lower for model in models]
        changes = Change.objects.filter(kind__in=kinds)
        for number in range(1, ChangeSet.objects.count() // 50 + 2):
            yield reverse("admin:history_changeset_changelist") + f"?p={number}"
        for key in changes.order_by().values_list("change_set", flat=True).distinct():
            yield reverse("admin:history_changeset_change", args=[key])
        records = changes.order_by().values_list("record_kind", "record_key").distinct()
        for kind, key in records:
            if has_history(model_of(kind)):
                page = f"admin:{kind.replace('.', '_')}_"
                sets = changes.filter(record_kind=kind, record_key=key)
                yield reverse(f"{page}history", args=[key])
                for number in sets.order_by().values_list("change_set", flat=True).distinct():
                    yield reverse(f"{page}state", args=[key, number])
        for kind in {kind for kind, _key in records if has_history(model_of(kind))}:
            yield reverse(f"admin:{kind.replace('.', '_')}_deleted")

    def check_words(self, who: str, address: str, hidden: dict[bytes, Canary]) -> bytes:
        """Note hidden words of the page. Returns the page."""
        response = self.clients[who].get(address)
        words = words_in(response) & hidden.keys()
        self.wrong += [f"{hidden[word]} at {address} as {who}" for word in words]
        return b"" if response.streaming else response.content

    def test_publishers_see_the_letters_in_the_history(self) -> None:
        address = reverse("admin:projects_project_history", args=[self.world.rejected.pk])
        words = words_in(self.clients["publ"].get(address))
        assert "projects.letter" in {self.words[word].kind for word in words}

    def test_no_public_page_shows_a_confidential_row(self) -> None:
        for row in READERS:
            if row.codes["code"] == "200":
                assert not words_in(self.clients["anon"].get(row.address(self.world))), row

    # Searches

    def test_no_search_finds_confidential_values(self) -> None:
        with blank_templates():
            for who in SEARCHED:
                by_field = {
                    (canary.kind, canary.field): word for word, canary in self.hidden(who).items()
                }
                for address in searches():
                    if self.finds(who, address + BEGINNING):
                        self.wrong += [
                            f"{canary} by {address} as {who}"
                            for canary, word in by_field.items()
                            if self.finds(who, address + word.decode())
                        ]
        assert not self.wrong, "\n".join(self.wrong)

    def finds(self, who: str, address: str) -> bool:
        """Whether the search answers with rows. The beginning of all words finds each word."""
        response = self.clients[who].get(address)
        if response.status_code != 200:
            return False
        if "/autocomplete/" in address:
            return bool(response.json()["results"])
        rows = response.context_data["cl"]
        return bool(rows.search_fields) and rows.result_count > 0

    def test_publishers_find_records_by_their_beginning(self) -> None:
        Partner.objects.filter(pk=self.world.partner.pk).update(name=f"{BEGINNING}000QX")
        address = reverse("admin:partners_partner_changelist") + "?q="
        assert self.finds("publ", address + BEGINNING)
