"""The outbox of a call: content, actions and permissions of its pages."""

import re
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from projects.decisions.apply import apply_decision
from projects.decisions.draft import save_draft
from projects.letters.compose import (
    correct_letter,
    create_letters,
    letters_of,
    letters_that_change,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import edit_letter, mark_as_sent
from projects.models import Letter
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    make_account,
    save,
    signed_in,
    versions_in,
)
from tests.support.factories import LONG_AGO, draft_line, make_letter
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
    save_draft(call, [draft_line(project, "funded", Decimal(1)) for project in projects], anna)
    apply_decision(call, anna)
    add_default_texts(call, anna)
    create_letters(call, anna)
    return call


@pytest.fixture
def letters(call):
    return list(letters_of(call).order_by("pk"))


def page_of(response):
    return " ".join(response.content.decode().split())


def shown(client, call, query=""):
    return page_of(client.get(url("outbox", call.pk) + query))


def do(client, page, letter, **data):
    """Fill in the page of an act on a letter."""
    address = url(page, letter.project.call_id, letter.pk)
    return confirm(client, address, data, follow=True)


def listed(client, call, query=""):
    """State and reference of each row of the table, and the tabs with their numbers."""
    context = client.get(url("outbox", call.pk) + query).context
    rows = [(row.state.value, row.letter.project.reference) for row in context["rows"]]
    return rows, {str(link["label"]): link["number"] for link in context["states"]}


class TestOutbox:
    def test_default_texts_are_added_and_letters_created(self, client, call):
        Letter.objects.all().delete()
        call.letter_templates.all().delete()
        assert url("outbox", call.pk) in page_of(client.get(url("change", call.pk)))
        page = shown(client, call)
        assert "The call has no texts for its letters yet." in page
        assert "No letter yet." in page
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
        assert "Create letters" not in page
        response = client.post(url("outbox", call.pk), {"_write": "1"}, follow=True)
        assert "No letter was created: the waiting letters agree with the records." in page_of(
            response
        )

    def test_letters_are_created_again_after_a_change(self, client, call, letters):
        update(letters[1].project, title="Renamed")
        page = shown(client, call)
        assert "The records or the texts of the call have changed" in page
        assert "Create letters" in page
        response = client.post(url("outbox", call.pk), {"_write": "1"}, follow=True)
        assert "1 letter was created" in page_of(response)

    def test_missing_texts_are_named(self, client, call):
        call.letter_templates.filter(kind="award").delete()
        Letter.objects.all().delete()
        page = page_of(client.post(url("outbox", call.pk), {"_write": "1"}))
        assert "Error:" in page
        assert "The call has no text for letters of this kind: award." in page
        assert "No text yet for: award." in page

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


class TestTable:
    def test_letters_are_listed_by_state_and_kind(self, client, call, anna, letters):
        waiting, failed = letters
        update(failed, failure="The mail server refused the address.")
        reserve = factories.make_project(call, status="reserve")
        sent = make_letter(reserve, kind="reserve", sent_at=LONG_AGO, sent_by=anna)
        wrong = make_letter(factories.make_project(call), sent_at=LONG_AGO)
        cancelled = {"cancelled_at": LONG_AGO, "cancelled_why": "We telephone."}
        stopped = make_letter(reserve, kind="reserve", **cancelled)
        pairs = [("outdated", wrong), ("failed", failed), ("waiting", waiting), ("sent", sent)]
        pairs.append(("cancelled", stopped))
        rows = [(state, letter.project.reference) for state, letter in pairs]
        numbers = {"Out of date": 1, "Failed": 1, "Waiting": 1, "Sent": 1, "Cancelled": 1}
        numbers = {"All": 5} | {label.lower(): number for label, number in numbers.items()}
        assert listed(client, call) == (rows, numbers)
        for row in rows:
            assert listed(client, call, f"?state={row[0]}") == ([row], numbers)
        assert listed(client, call, "?kind=reserve&state=odd")[0] == rows[3:]
        assert listed(client, call, "?kind=reserve&state=failed")[0] == []
        assert "No letter is in this state." in shown(client, call, "?kind=reserve&state=failed")
        page = shown(client, call)
        for note in ["The mail server refused the address.", "We telephone.", "application is"]:
            assert note in page

    def test_the_list_is_a_file_too(self, client, call, letters):
        update(letters[0], failure="=Refused.")
        factories.make_contact(letters[0].project, email=ADDRESS)
        address = url("letters_table", call.pk, "csv")
        assert f"{address}?state=failed" in shown(client, call, "?state=failed")
        text = b"".join(client.get(f"{address}?state=failed")).decode()
        heads, row = text.splitlines()
        assert heads.count(",") == row.count(",") == 5
        for value in [ADDRESS, "award", "failed", "'=Refused.", letters[0].project.reference]:
            assert f'"{value}"' in row
        assert client.get(url("letters_table", call.pk, "json")).status_code == 404
        assert client.post(address).status_code == 405

    def test_one_letter_is_opened_beside_the_table(self, client, call, letters):
        one, other = letters
        page = shown(client, call, f"?state=waiting&letter={other.pk}")
        assert "arrow keys lead from row to row" in page
        assert f"<h3>{other.subject}</h3>" in page
        assert f'href="?state=waiting&amp;letter={one.pk}#letter">↑ Previous' in page
        assert "↓ Next" not in page
        assert "Anna Nord" in page
        assert url("edit_letter", call.pk, other.pk) in page
        assert f"{url('send_letters', call.pk)}?letter={other.pk}" in page
        for missing in ["", "?letter=0", f"?letter={10**30}"]:
            assert f"<h3>{one.subject}</h3>" in shown(client, call, missing)

    def test_recipients_are_the_contact_persons_or_the_address_of_the_letter(
        self, client, call, letters, settings
    ):
        settings.EMAIL_HOST = "mail.example.org"
        factories.make_contact(letters[0].project, email=ADDRESS)
        page = shown(client, call)
        assert f"<strong>{ADDRESS}</strong>" in page
        assert "contact person on record" in page
        assert "no address" in page
        assert page.count('checked><span class="visually-hidden">') == 1
        assert "1 letter is ready to be sent." in page
        settings.EMAIL_HOST = ""
        assert "2 letters are ready to be sent." in shown(client, call)

    def test_a_letter_is_edited(self, client, call, letters):
        letter = letters[0]
        sent = {"subject": "Congratulations", "text": letter.text, "address": ADDRESS}
        page = page_of(do(client, "edit_letter", letter, **sent))
        for words in ["The letter was saved.", "Edited since.", "for this letter only"]:
            assert words in page
        letter.refresh_from_db()
        assert (letter.subject, letter.address) == ("Congratulations", ADDRESS)
        response = client.post(url("edit_letter", call.pk, letter.pk), {"version": "old"} | sent)
        assert "Nothing was saved: the records have changed." in page_of(response)

    def test_a_letter_is_cancelled_with_a_reason(self, client, call, letters):
        page = page_of(do(client, "cancel_letter", letters[0], why=""))
        assert "This field is required." in page
        page = page_of(do(client, "cancel_letter", letters[0], why="We telephone."))
        assert "The letter was cancelled." in page
        assert "Cancelled: We telephone." in page
        page = page_of(client.get(url("edit_letter", call.pk, letters[0].pk)))
        assert "This letter is no longer waiting." in page
        assert "Save the letter" not in page

    def test_letter_of_another_call_is_not_found(self, client, call):
        other = make_letter()
        for number in [other.pk, 2**63, 10**30]:
            assert client.get(url("edit_letter", call.pk, number)).status_code == 404
        assert client.get(url("edit_letter", 10**30, other.pk)).status_code == 404


class TestReplacing:
    def test_a_project_funded_from_the_reserve_list_waits_for_a_letter(self, client, call, anna):
        project = factories.make_project(call, status="reserve")
        letter = make_letter(project, kind="reserve", sent_at=LONG_AGO, sent_by=anna)
        assert "is funded now" not in shown(client, call)
        update(project, status="funded")
        page = shown(client, call)
        assert "Out of date: the application is funded now" in page
        assert url("replace_letter", call.pk, letter.pk) in page
        update(project, status="withdrawn")  # no kind of letter says so
        assert url("replace_letter", call.pk, letter.pk) not in shown(client, call)

    def test_replacement_letter_is_created_for_a_sent_one(self, client, call, anna, letters):
        letter = letters[0]
        page = page_of(client.get(url("replace_letter", call.pk, letter.pk)))
        assert "This letter was not sent." in page
        mark_as_sent([letter], anna)
        page = page_of(do(client, "replace_letter", letter, reason="It moved up."))
        assert "replacement letter was created" in page
        new = Letter.objects.get(corrects=letter)
        assert f'Replaces: <a href="?letter={letter.pk}">' in page  # the new letter is open
        page = shown(client, call, f"?letter={letter.pk}")
        assert f'Replaced by a letter that waits: <a href="?letter={new.pk}">' in page
        assert url("replace_letter", call.pk, letter.pk) not in page
        assert "To: <strong>" in page
        assert ", by hand</span>" in page
        assert "no address" not in page.partition("</table>")[2]
        mark_as_sent([new], anna)
        page = shown(client, call, f"?letter={letter.pk}")
        assert f'Replaced by a letter that was sent: <a href="?letter={new.pk}">' in page

    def test_all_sent_letters_of_a_kind_are_replaced_together(self, client, call, anna, letters):
        one, other = letters
        mark_as_sent(letters, anna)
        call.letter_templates.filter(kind="award").update(body="{project}: the right text.")
        correct_letter(other, anna, "Sent alone.")
        letters_of(call).waiting().get().delete()
        reason = {"reason": "The text was wrong.", "is_for_all": "on"}
        address = url("replace_letter", call.pk, one.pk)
        assert "Letters that would change now: 1." in page_of(client.get(address))
        page = page_of(do(client, "replace_letter", one, **reason))
        assert "Replacement letters that wait now: 2." in page
        assert {letter.corrects for letter in letters_of(call).waiting()} == {one, other}
        page = page_of(do(client, "replace_letter", one, **reason))
        assert "Another letter replaces this letter already" in page
        assert "This letter was not sent." not in page

    def test_letters_that_would_stay_the_same_are_not_replaced_with_the_others(
        self, client, call, anna, letters
    ):
        one, other = letters
        edit_letter(other, anna, "Edited", "By hand.", "")
        mark_as_sent(letters, anna)
        page = page_of(client.get(url("replace_letter", call.pk, one.pk)))
        assert "Letters that would change now: 0." in page
        assert re.search('name="is_for_all"[^>]* disabled', page)
        reason = {"reason": "The text was wrong.", "is_for_all": "on"}
        do(client, "replace_letter", one, **reason)
        assert letters_of(call).waiting().get().corrects == one

    @pytest.mark.parametrize("status", ["withdrawn", "rejected"])
    def test_an_application_with_another_outcome_is_not_replaced_with_the_others(
        self, client, call, anna, letters, status
    ):
        one, changed = letters
        mark_as_sent(letters, anna)
        call.letter_templates.filter(kind="award").update(body="{project}: the right text.")
        update(changed.project, status=status, amount_eur=None, amount_kind="not_published")
        assert letters_that_change(one) == []
        if status == "withdrawn":
            page = page_of(do(client, "replace_letter", changed, reason="They told us."))
            assert "is withdrawn, and no kind of letter says so" in page


class TestSending:
    def test_all_waiting_letters_are_marked_as_sent_without_a_mail_server(self, client, call):
        address = url("send_letters", call.pk)
        page = page_of(client.get(address))
        assert Letter.objects.first().project.reference in page
        assert "send them now by e-mail" not in page
        page = page_of(confirm(client, address, follow=True))
        assert "marked as sent by hand" in page
        assert ", by hand, Anna Nord." in page
        assert Letter.objects.sent().filter(sent_by_mail=False).count() == 2
        assert "No letter can be sent." in page_of(client.get(address))
        assert "No letter can be sent." in page_of(client.post(address))

    def test_chosen_letters_are_sent_by_mail_or_by_hand(self, client, call, letters, settings):
        settings.EMAIL_HOST = "mail.example.org"
        one, other = letters
        factories.make_contact(one.project, email=ADDRESS)
        address = f"{url('send_letters', call.pk)}?letter={one.pk}&letter=x"
        page = page_of(client.get(address))
        assert "This letter goes out now." in page
        assert ADDRESS in page
        assert other.project.reference not in page
        page = page_of(confirm(client, address, {"way": "mail"}, follow=True))
        assert "1 letter was sent." in page
        assert ", by e-mail, Anna Nord." in shown(client, call, "?state=sent")
        assert [message.to for message in mail.outbox] == [[ADDRESS]]
        address = url("send_letters", call.pk)
        page = page_of(confirm(client, address, {"way": "mail"}))
        assert f"{other.project.reference}: no e-mail address is recorded." in page
        page = page_of(confirm(client, address, {"way": "hand"}, follow=True))
        assert "sent by hand" in page

    def test_any_number_of_letters_can_be_ticked(self, client, call, letters):
        address, ticked = url("send_letters", call.pk), [letters[0].pk, *range(10**6, 10**6 + 500)]
        page = client.post(address, {"letter": ticked})
        assert page.context["form"]["letter"].value() == [letters[0].pk]
        sent = {"version": page.context["form"].version, "letter": letters[0].pk}
        client.post(address, sent)
        assert list(Letter.objects.sent()) == [letters[0]]
        assert client.post(address, {"letter": 0}).context["rows"] == []
        answer = client.post(url("letters_pdf", call.pk), {"letter": ticked})
        assert letters[0].project.reference in answer.headers["Content-Disposition"]

    def test_an_outdated_letter_is_left_out(self, client, call, letters):
        update(letters[0].project, title="Renamed")
        page = page_of(client.get(url("send_letters", call.pk)))
        assert letters[0].project.reference not in page
        assert letters[1].project.reference in page

    def test_a_list_with_another_recipient_or_text_is_refused(
        self, client, call, letters, settings
    ):
        settings.EMAIL_HOST = "mail.example.org"
        factories.make_contact(letters[0].project, email=ADDRESS)
        address = url("send_letters", call.pk)
        for change in [
            lambda: letters[0].project.contacts.update(email="other@example.org"),
            lambda: letters_of(call).update(text="Half of a", composed="text"),
        ]:
            versions = versions_in(client.get(address))
            change()
            page = page_of(client.post(address, {"version": versions, "way": "mail"}))
            assert "Nothing was saved: the records have changed." in page
        assert mail.outbox == []
        nothing = f"{address}?letter=0"
        sent = {"version": versions_in(client.get(nothing)), "way": "mail"}
        for response in [client.get(nothing), client.post(nothing, sent)]:
            assert "No letter can be sent." in page_of(response)

    def test_chosen_letters_come_as_one_pdf(self, client, call, letters):
        address = url("letters_pdf", call.pk)
        for query, name in [
            ("", "psf-2031"),
            (f"?letter={letters[0].pk}", letters[0].project.reference),
        ]:
            response = client.get(address + query)
            assert response.headers["Content-Type"] == "application/pdf"
            assert response.headers["Content-Disposition"] == (f'attachment; filename="{name}.pdf"')
            assert "no-store" in response.headers["Cache-Control"]
            assert response.content.startswith(b"%PDF-")
        assert client.get(f"{address}?letter=0").status_code == 404
