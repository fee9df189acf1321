"""The outbox of a call: content, actions and permissions of its pages."""

from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from projects.decisions.apply import apply_decision
from projects.decisions.draft import DraftLine, save_draft
from projects.letters.compose import (
    correct_letter,
    create_letters,
    letters_of,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import mark_as_sent
from projects.models import Letter
from projects.workflow.status_changes import change_status
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    make_account,
    save,
    signed_in,
)
from tests.support.factories import LONG_AGO, make_letter
from tests.support.hidden_records import number_of_queries
from tests.support.refusals import update

pytestmark = pytest.mark.django_db

ADDRESS = "lead@example.org"
AWARD = "letter_templates-0-body"


def url(page, *args):
    return reverse(f"admin:projects_call_{page}", args=args)


@pytest.fixture
def anna():
    return make_account("Publisher", first_name="Anna", last_name="Nord")


@pytest.fixture
def client(anna):
    return signed_in(anna)


@pytest.fixture
def call(anna):
    """A call with two funded applications whose letters wait."""
    call = factories.make_call(slug="psf-2031", budget_eur=Decimal(100_000))
    factories.make_decision(call, decided_on="2031-06-04", published_at=None)
    projects = [factories.make_project(call, status="eligible") for _ in range(2)]
    for project in projects:
        factories.make_partnership(project, factories.make_partner(), role="lead")
    save_draft(call, [DraftLine(project, "funded", Decimal(1)) for project in projects], anna)
    apply_decision(call, anna)
    add_default_texts(call, anna)
    create_letters(call, anna)
    return call


def first(call):
    return letters_of(call).order_by("pk").first()


def page_of(response):
    return " ".join(response.content.decode().split())


def shown(client, call):
    return page_of(client.get(url("outbox", call.pk)))


def do(client, letter, act, **data):
    address = url("letter", letter.project.call_id, letter.pk)
    return client.post(address, {"act": act, **data}, follow=True)


class TestOutbox:
    def test_default_texts_are_added_and_letters_created(self, client, call):
        Letter.objects.all().delete()
        call.letter_templates.all().delete()
        assert url("outbox", call.pk) in page_of(client.get(url("change", call.pk)))
        page = shown(client, call)
        assert "The call has no texts for its letters yet." in page
        assert "Create letters" not in page
        response = client.post(url("outbox", call.pk), {"_texts": "1"}, follow=True)
        assert "Read them and adapt them." in page_of(response)
        page = shown(client, call)
        assert "Use default texts" not in page
        references = call.projects.order_by("reference").values_list("reference", flat=True)
        assert f"and no letter: {', '.join(references)}." in page
        response = client.post(url("outbox", call.pk), {"_write": "1"}, follow=True)
        page = page_of(response)
        assert "2 letters were created" in page
        assert "No application is waiting for a letter." in page
        assert Letter.objects.waiting().count() == 2

    def test_letters_are_created_again_after_a_change(self, client, call):
        again, words = {"_write": "1"}, "create the changed letters again"
        page = shown(client, call)
        assert words in page
        assert "Create letters" in page
        page = page_of(client.post(url("outbox", call.pk), again, follow=True))
        assert "No letter was created: the waiting letters agree with the records." in page
        call.projects.filter(pk=call.projects.first().pk).update(title="Renamed")
        page = page_of(client.post(url("outbox", call.pk), again, follow=True))
        assert "1 letter was created" in page
        mark_as_sent(list(Letter.objects.waiting()), make_account("Publisher"))
        page = shown(client, call)
        assert words not in page
        assert "Create letters" not in page

    def test_a_project_funded_from_the_reserve_list_waits_for_a_letter(self, client, call, anna):
        project = factories.make_project(call, status="reserve")
        letter = make_letter(project, kind="reserve", sent_at=LONG_AGO, sent_by=anna)
        assert "something else than the records" not in shown(client, call)
        update(project, status="funded")
        page = shown(client, call)
        assert "No application is waiting for a letter." not in page
        assert f'href="{url("letter", call.pk, letter.pk)}">{project.reference}</a>.' in page
        make_letter(project, corrects=letter, correction="Money became free.")
        assert "something else than the records" not in shown(client, call)
        update(project, status="withdrawn")  # no kind of letter says so
        Letter.objects.waiting().cancel("Withdrawn.")
        assert "something else than the records" not in shown(client, call)

    def test_missing_texts_are_named(self, client, call):
        call.letter_templates.filter(kind="award").delete()
        Letter.objects.all().delete()
        page = page_of(client.post(url("outbox", call.pk), {"_write": "1"}))
        assert "Error:" in page
        assert "The call has no text for letters of this kind: award." in page
        assert "no text yet for: award" in page

    def test_editor_changes_a_text_on_the_form_of_the_call(self, call):
        editor = client_of("Editor")
        address = url("change", call.pk)
        assert save(editor, address, **{AWARD: "Dear {lead_partner}"}).status_code == 302
        assert call.letter_templates.get(kind="award").body == "Dear {lead_partner}"
        page = page_of(save(editor, address, **{AWARD: "Dear {leader}"}))
        assert "A letter of this kind has no {leader}" in page

    def test_a_text_copied_from_another_call_is_pointed_out(self, client, call):
        factories.make_call(title="PSF 2030")
        call.title = "PSF 2030 Youth"
        call.save()
        texts = call.letter_templates
        texts.filter(kind="award").update(body="PSF 2030 Youth funds {project}.")
        assert "names another call" not in page_of(client.get(url("outbox", call.pk)))
        texts.filter(kind="award").update(body="PSF 2030 funds {project}.")
        sentence = "The text of the letter “award” names another call, “PSF 2030”."
        assert sentence in page_of(client.get(url("outbox", call.pk)))

    def test_outbox_needs_as_many_queries_for_one_letter_as_for_two(self, client, call):
        costs = []
        for _ in range(2):
            make_letter(factories.make_project(call), sent_at=factories.LONG_AGO)
            costs.append(number_of_queries(client, url("outbox", call.pk)))
        assert costs[0] == costs[1]


class TestLetter:
    def test_page_shows_the_whole_letter(self, client, call):
        letter = first(call)
        page = page_of(client.get(url("letter", call.pk, letter.pk)))
        assert f"<h2>{letter.subject}</h2>" in page
        assert "Anna Nord" in page
        assert "I have sent it by hand" not in page  # without a mail server there is no choice

    def test_letter_is_sent_by_hand_without_a_mail_server(self, client, call):
        assert "marked as sent by hand" in page_of(do(client, first(call), "send"))
        assert first(call).sent_at
        page = shown(client, call)
        assert ", by hand" in page
        page = page_of(client.get(url("letter", call.pk, first(call).pk)))
        assert "by hand, Anna Nord" in page

    def test_letter_is_sent_by_mail_or_by_hand_with_a_mail_server(self, client, call, settings):
        settings.EMAIL_HOST = "mail.example.org"
        letter = first(call)
        assert "Enter the address of the recipient." in page_of(
            do(client, letter, "send", way="mail")
        )
        response = do(client, letter, "send", way="mail", address="nobody")
        assert "Enter a valid e-mail address." in page_of(response)
        assert f"sent to {ADDRESS}" in page_of(
            do(client, letter, "send", way="mail", address=ADDRESS)
        )
        assert len(mail.outbox) == 1
        other = Letter.objects.waiting().get()
        assert "sent by hand" in page_of(do(client, other, "send", way="hand"))
        assert ADDRESS in shown(client, call)

    def test_letter_is_cancelled_with_a_reason(self, client, call):
        letter = first(call)
        assert "This field is required." in page_of(do(client, letter, "cancel", why=""))
        assert "was cancelled" in page_of(do(client, letter, "cancel", why="We telephone."))
        assert "We telephone." in shown(client, call)
        page = page_of(client.get(url("letter", call.pk, letter.pk)))
        assert "We telephone." in page
        assert 'name="act"' not in page

    def test_replacement_letter_is_created_for_a_sent_one(self, client, call, anna):
        letter = first(call)
        do(client, letter, "send")
        Letter.objects.filter(pk=letter.pk).update(kind="reserve")
        assert "the application is funded now" in shown(client, call)
        assert "replacement letter was created" in page_of(
            do(client, letter, "correct", reason="It moved up.")
        )
        assert "replaces an earlier letter" in shown(client, call)
        new = Letter.objects.get(corrects=letter)
        page = page_of(client.get(url("letter", call.pk, new.pk)))
        assert f"{url('letter', call.pk, letter.pk)}" in page
        mark_as_sent([new], anna)
        assert 'name="act"' not in page_of(client.get(url("letter", call.pk, letter.pk)))

    def test_all_sent_letters_of_a_kind_are_replaced_together(self, client, call, anna):
        confirm(client, url("mark_as_sent", call.pk))
        call.letter_templates.filter(kind="award").update(body="{project}: the right text.")
        page = {"act": "correct", "reason": "The text was wrong.", "is_for_all": "on"}
        one, other = letters_of(call).order_by("pk")
        correct_letter(other, anna, "Sent alone.")
        letters_of(call).waiting().get().delete()
        response = client.post(url("letter", call.pk, one.pk), page, follow=True)
        assert "Replacement letters that wait now: 2." in page_of(response)
        assert {letter.corrects for letter in letters_of(call).waiting()} == {one, other}
        response = client.post(url("letter", call.pk, one.pk), page)
        assert "A replacement for each of these letters waits already." in page_of(response)

    def test_a_withdrawn_application_does_not_block_the_replacement_of_the_others(
        self, client, call, anna
    ):
        confirm(client, url("mark_as_sent", call.pk))
        one, withdrawn = letters_of(call).order_by("pk")
        change_status([withdrawn.project], "withdrawn", anna, "They told us.")
        page = {"act": "correct", "reason": "The text was wrong.", "is_for_all": "on"}
        response = client.post(url("letter", call.pk, withdrawn.pk), page)
        assert "is withdrawn, and no kind of letter says so" in page_of(response)
        response = client.post(url("letter", call.pk, one.pk), page, follow=True)
        assert "Replacement letters that wait now: 1." in page_of(response)

    def test_refused_action_shows_its_reason(self, client, call):
        call.letter_templates.filter(kind="award").update(subject="New")
        page = page_of(do(client, first(call), "send"))
        assert "changed after this letter was created" in page
        assert "Error:" in page
        assert page_of(do(client, first(call), "dance")).count('name="act"') == 2

    @pytest.mark.parametrize("act", ["send", "cancel"])
    def test_an_action_on_a_cancelled_letter_is_refused_in_a_sentence(self, client, call, act):
        letter = first(call)
        do(client, letter, "cancel", why="Wrong text.")
        page = page_of(do(client, letter, act, why="Typed later."))
        assert "Nothing was done: this letter has changed." in page
        assert first(call).cancelled_why == "Wrong text."

    def test_letter_of_another_call_is_not_found(self, client, call):
        other = make_letter()
        for number in [other.pk, 2**63, 10**30]:
            assert client.get(url("letter", call.pk, number)).status_code == 404
        assert client.get(url("letter", 10**30, other.pk)).status_code == 404


class TestAllAtOnce:
    def test_all_waiting_letters_are_marked_as_sent(self, client, call):
        project = Letter.objects.first().project
        assert project.reference in page_of(client.get(url("mark_as_sent", call.pk)))
        response = confirm(client, url("mark_as_sent", call.pk), follow=True)
        assert "marked as sent by hand" in page_of(response)
        assert Letter.objects.sent().count() == 2
        page = page_of(client.get(url("mark_as_sent", call.pk)))
        assert "No letter is waiting." in page

    def test_all_letters_come_as_one_pdf(self, client, call):
        response = client.get(url("letters_pdf", call.pk, "waiting"))
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="psf-2031-waiting.pdf"'
        )
        assert "no-store" in response.headers["Cache-Control"]
        assert response.content.startswith(b"%PDF-")
        for which in ["sent", "all"]:
            assert client.get(url("letters_pdf", call.pk, which)).status_code == 404
        one = client.get(url("letter_pdf", call.pk, first(call).pk))
        assert one.content.startswith(b"%PDF-")
        assert f"{first(call).project.reference}.pdf" in one.headers["Content-Disposition"]
