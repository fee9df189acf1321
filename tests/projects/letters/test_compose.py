"""Letters to applicants agree with the records, and only people send them."""

from decimal import Decimal
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends import locmem
from django.urls import reverse

from projects.decisions.apply import apply_decision, reverse_decision
from projects.decisions.draft import save_draft
from projects.letters.compose import (
    as_pdf,
    correct_letter,
    create_letters,
    outdated_letters,
    projects_without_letter,
)
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import cancel_letter, edit_letter, mark_as_sent, send_by_mail
from projects.models import (
    Decision,
    DecisionLine,
    IneligibilityReason,
    Letter,
    LetterKind,
    LetterTemplate,
    Project,
)
from projects.models.choices import LETTERS
from projects.models.letters import PLACEHOLDERS
from projects.workflow.status_changes import change_status
from psf.caching.data_version import VersionReader
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.restore import undo_blockers
from tests.support import factories
from tests.support.accounts import confirm, make_account, signed_in
from tests.support.factories import LONG_AGO, draft_line, make_letter, make_letter_template
from tests.support.refusals import assert_refused, refused, update

pytestmark = pytest.mark.django_db

ADDRESS = "lead@example.org"


@pytest.fixture
def anna():
    return make_account("Publisher")


@pytest.fixture
def call(anna):
    """A call with the default texts, and with the body and day of its decision."""
    call = factories.make_call(title="PSF 2031", budget_eur=Decimal(100_000))
    add_default_texts(call, anna)
    factories.make_decision(call, body="Committee", decided_on="2031-06-04", published_at=None)
    return call


def application(call, status="eligible", **fields):
    project = factories.make_project(call, status=status, **fields)
    factories.make_partnership(project, factories.make_partner(f"Lead of {project}"), role="lead")
    return project


def decide(call, by, *lines):
    save_draft(call, lines, by)
    apply_decision(call, by)


def refused_for(call, by, *ineligibility_reasons):
    """An application that is not eligible, with the reasons."""
    project = application(call, "submitted")
    change_status([project], "not_eligible", by, ineligibility_reasons=ineligibility_reasons)
    return project


def take(project, to, by, reason="Why."):
    change_status([Project.objects.get(pk=project.pk)], to, by, reason)


def waiting_letter(project):
    """The waiting letter of a project."""
    return Letter.objects.waiting().get(project=project)


def words(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def refusal(act, *args):
    with pytest.raises(ValidationError) as raised:
        act(*args)
    return " ".join(raised.value.messages)


@pytest.fixture
def funded(anna, call):
    """A funded application with a waiting letter."""
    project = application(call, title="Safe House")
    decide(call, anna, draft_line(project, "funded", Decimal(65_000)))
    create_letters(call, anna)
    return project


class TestTexts:
    def test_default_texts_use_only_placeholders_of_their_kind(self, call):
        assert {text.kind for text in call.letter_templates.all()} == set(LetterKind.values)
        for text in call.letter_templates.all():
            text.full_clean()
            assert str(text) == text.get_kind_display()

    def test_default_texts_replace_no_text_of_the_call(self, anna):
        own = make_letter_template(body="Our own words.")
        add_default_texts(own.call, anna)
        own.refresh_from_db()
        assert own.body == "Our own words."
        assert LetterTemplate.objects.filter(call=own.call).count() == len(LetterKind)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{titel}", "has no {titel}, only {project}"),
            ("{project.call}", "has no {project.call}"),
            ("{}", "has no {}"),
            ("{place}", "has no {place}"),
            ("{ project }", "has no { project }"),
            ("{project", "A brace is not closed"),
            ("{{project}}", "A brace is not closed"),
        ],
    )
    def test_unknown_placeholders_are_refused_with_a_sentence(self, text, message):
        template = make_letter_template(body=text)
        with pytest.raises(ValidationError) as raised:
            template.full_clean()
        assert message in " ".join(raised.value.message_dict["body"])

    def test_every_outcome_has_placeholders(self):
        assert PLACEHOLDERS.keys() == set(LetterKind.values) == set(LETTERS.values())


class TestConstraints:
    def test_a_call_has_one_text_for_a_kind(self):
        call = make_letter_template().call
        with refused("lettertemplate_is_one_for_a_kind"):
            make_letter_template(call)

    def test_an_applicant_has_one_first_letter(self):
        project = make_letter(sent_at=LONG_AGO).project
        with refused("letter_first_is_one_for_a_project"):
            make_letter(project, kind="rejection")
        make_letter(project, cancelled_at=LONG_AGO, cancelled_why="An error.")

    def test_one_letter_waits_at_a_time(self):
        waiting = make_letter()
        with refused("letter_waits_alone"):
            make_letter(waiting.project, corrects=waiting, correction="An error.")

    def test_a_letter_is_replaced_once_and_with_a_reason(self):
        first = make_letter(sent_at=LONG_AGO)
        values = {"corrects": first, "correction": "An error.", "sent_at": LONG_AGO}
        second = make_letter(first.project, **values)
        with refused("letter_is_corrected_once"):
            make_letter(first.project, **values)
        with refused("letter_correction_says_why"):
            update(second, correction="")

    def test_only_a_sent_letter_says_how_and_it_is_not_cancelled(self):
        waiting, sent = make_letter(), make_letter(sent_at=LONG_AGO, sent_by_mail=False)
        cancelled = {"cancelled_at": LONG_AGO, "cancelled_why": "Why."}
        assert_refused(sent, "letter_sent_is_not_cancelled", **cancelled)
        name = "letter_address_is_where_it_was_sent"
        assert_refused(sent, name, address=ADDRESS)
        assert_refused(make_letter(**cancelled), name, address=ADDRESS)
        update(waiting, address=ADDRESS)  # where it is to be sent
        update(waiting, address="")
        for by_mail in [True, False]:
            assert_refused(waiting, "letter_sent_by_mail_is_sent", sent_by_mail=by_mail)


class TestCreating:
    def test_each_letter_tells_the_recorded_outcome(self, anna, call):
        one, two, three = (application(call) for _ in range(3))
        ineligibility_reason = IneligibilityReason.objects.create(
            call=call, text="Too few states.", advice="Find a third."
        )
        late = IneligibilityReason.objects.create(call=call, text="Too late.")
        four = refused_for(call, anna, ineligibility_reason, late)
        decide(
            call,
            anna,
            draft_line(one, "funded", Decimal(65_000)),
            draft_line(two, "reserve", reserve_place=2),
            draft_line(three, "rejected", reason="Too vague."),
        )
        assert len(create_letters(call, anna)) == 4
        award = waiting_letter(one)
        assert award.subject == "PSF 2031: your project is funded"
        assert f"To Lead of {one}\n\nYour project “{one}” ({one.reference}) is" in award.text
        assert "funded under PSF 2031 with 65 000 EUR." in words(award.text)
        assert "at place 2." in waiting_letter(two).text
        assert "for this reason:\n\nToo vague.\n\n" in waiting_letter(three).text
        out = waiting_letter(four)
        assert out.kind == "not_eligible"
        assert "assess it:\n\nToo few states.\nToo late.\n\nFind a third.\n\nIf you" in out.text
        assert award.made_by == anna
        change_set = ChangeSet.objects.latest("pk")
        assert (change_set.channel, change_set.reason) == (Channel.LETTERS, "Letters of PSF 2031")

    @pytest.mark.parametrize("body", ["The Committee", "Committee of Senior Officials", "Baltfood"])
    def test_default_texts_are_right_for_each_name_of_a_body(self, anna, call, body):
        Decision.objects.update(body=body)
        projects = [application(call) for _ in range(3)]
        award, place, rejection = projects
        decide(
            call,
            anna,
            draft_line(award, "funded", Decimal(65_000)),
            draft_line(place, "reserve", reserve_place=2),
            draft_line(rejection, "rejected", reason="Too vague."),
        )
        create_letters(call, anna)
        for project in projects:
            text = waiting_letter(project).text
            assert text.count(body) == 1
            assert f"\n\nDecided by: {body}, on 4 June 2031.\n\n" in text

    def test_an_award_with_conditions_says_them(self, anna, call):
        project = application(call)
        conditions = {"condition_signature": "Consent.", "condition_final": "Audit."}
        decide(call, anna, draft_line(project, "funded", Decimal(1), **conditions))
        template = LetterTemplate.objects.get(kind="award")
        text = template.body
        LetterTemplate.objects.filter(pk=template.pk).update(body="Funded.")
        with pytest.raises(ValidationError, match=r"does not contain \{conditions\}"):
            create_letters(call, anna)
        LetterTemplate.objects.filter(pk=template.pk).update(body=text)
        create_letters(call, anna)
        said = "Before the first payment: Consent.\nWith the final report: Audit.\n\nNext"
        assert said in waiting_letter(project).text

    def test_missing_advice_leaves_no_empty_paragraph(self, anna, call):
        reason = IneligibilityReason.objects.create(call=call, text="Too late.")
        project = refused_for(call, anna, reason)
        create_letters(call, anna)
        assert "Too late.\n\nIf you" in waiting_letter(project).text

    def test_all_missing_values_are_named_and_nothing_is_created(self, anna, call):
        one, two, three = (application(call) for _ in range(3))
        decide(
            call,
            anna,
            draft_line(one, "funded", Decimal(1)),
            draft_line(two, "rejected", reason="Vague."),
            draft_line(three, "reserve", reserve_place=1),
        )
        DecisionLine.objects.update(reason="")
        Decision.objects.update(decided_on=None)
        one.partnerships.all().delete()
        call.letter_templates.filter(kind="reserve").delete()
        message = refusal(create_letters, call, anna)
        assert f"{one.reference}: the letter needs {{lead_partner}}" in message
        assert message.count("The day of the decision is missing.") == 1
        assert f"{two.reference}: the letter needs {{reasons}}" in message
        assert "no text for letters of this kind: place on the reserve list" in message
        assert not Letter.objects.exists()

    def test_a_missing_decision_is_named(self, anna, call, funded):
        Letter.objects.all().delete()
        Decision.objects.all().delete()
        message = refusal(create_letters, call, anna)
        assert "The body that decided is missing." in message

    def test_an_award_needs_an_amount_and_a_lead_a_name(self, anna, call, funded):
        update(funded, amount_kind="ceiling")
        funded.partnerships.update(partner=None)
        message = refusal(create_letters, call, anna)
        assert "{award}" in message
        assert "{lead_partner}" in message

    def test_a_text_that_is_too_long_is_refused(self, anna, call, funded):
        update(funded, title="x" * 300)
        call.letter_templates.filter(kind="award").update(subject="{project}" * 3)
        assert f"{funded.reference}: Ensure" in refusal(create_letters, call, anna)

    def test_placeholders_in_a_title_are_only_text(self, anna, call, funded):
        update(funded, title="{award} %(call)s #panic()\nin two lines")
        call.letter_templates.filter(kind="award").update(subject="{project}")
        create_letters(call, anna)
        assert waiting_letter(funded).subject == "{award} %(call)s #panic() in two lines"

    def test_an_unchanged_letter_stays(self, anna, call, funded):
        before = waiting_letter(funded)
        assert create_letters(call, anna) == []
        assert waiting_letter(funded) == before

    def test_a_changed_letter_is_created_again(self, anna, call, funded):
        before = waiting_letter(funded)
        call.letter_templates.filter(kind="award").update(subject="Congratulations")
        assert create_letters(call, anna) == [waiting_letter(funded)]
        before.refresh_from_db()
        assert before.cancelled_at
        assert "A new letter replaces it" in before.cancelled_why
        assert waiting_letter(funded).subject == "Congratulations"

    def test_old_calls_without_a_decision_get_no_letters(self, anna, call):
        application(call, "funded")
        application(call, "submitted")
        assert create_letters(call, anna) == []

    def test_a_letter_without_an_outcome_is_cancelled(self, anna, call):
        """As after an earlier state of the application was restored."""
        letter = make_letter(application(call))
        create_letters(call, anna)
        letter.refresh_from_db()
        assert letter.cancelled_at

    def test_letters_expire_no_public_page(self, anna, call, funded):
        reader = VersionReader()
        cancel_letter(waiting_letter(funded), anna, "Not yet.")
        before = reader.read()
        create_letters(call, anna)
        assert reader.read() == before
        reader.close()


class TestContradictions:
    def test_reversing_the_decision_cancels_waiting_letters(self, anna, call, funded):
        letter = waiting_letter(funded)
        reverse_decision(call, anna, "The minutes say otherwise.")
        letter.refresh_from_db()
        assert letter.cancelled_at
        assert letter.cancelled_why == "The application became: eligible."
        decide(call, anna, draft_line(funded, "rejected", reason="Too vague."))
        create_letters(call, anna)
        assert waiting_letter(funded).kind == "rejection"

    def test_a_transition_with_the_same_outcome_keeps_the_letter(self, anna, call, funded):
        factories.make_agreement(funded)
        take(funded, "running", anna)
        assert waiting_letter(funded).kind == "award"
        funded.agreement.delete()
        take(funded, "withdrawn", anna)
        assert not Letter.objects.waiting().exists()

    def test_a_sent_letter_is_corrected_by_a_letter_that_names_it(self, anna, call, funded):
        first = waiting_letter(funded)
        mark_as_sent([first], anna)
        Letter.objects.update(sent_at=LONG_AGO)
        reverse_decision(call, anna, "The minutes say otherwise.")
        assert outdated_letters(call) == {first: "the application is eligible now"}
        assert "is eligible, and no kind of letter says so" in refusal(
            correct_letter, first, anna, "A mistake."
        )
        decide(call, anna, draft_line(funded, "rejected", reason="Too vague."))
        assert create_letters(call, anna) == []
        assert projects_without_letter(call) == []
        assert "Enter the reason" in refusal(correct_letter, first, anna, " ")
        second = correct_letter(first, anna, "We mixed up two applications.")
        assert second.text.startswith(
            "This letter replaces our letter of 16 August 2019 (“PSF 2031: your project "
            "is funded”). We mixed up two applications.\n\nTo Lead of Safe House"
        )
        assert (second.kind, second.made_by) == ("rejection", anna)
        assert "replaces this letter already" in refusal(correct_letter, first, anna, "Again.")
        assert "never sent" in refusal(correct_letter, second, anna, "Again.")
        assert create_letters(call, anna) == []
        mark_as_sent([second], anna)
        assert outdated_letters(call) == {}
        assert list(Letter.objects.last_sent()) == [second]

    @pytest.mark.parametrize("status", ["running", "completed", "terminated"])
    def test_a_letter_of_award_stays_true_while_the_project_goes_on(
        self, anna, call, funded, status
    ):
        mark_as_sent([waiting_letter(funded)], anna)
        update(funded, status=status)
        assert outdated_letters(call) == {}
        update(funded, status="withdrawn", amount_kind="not_published", amount_eur=None)
        assert len(outdated_letters(call)) == 1

    @pytest.mark.parametrize("award", [5_000, 500, 50_000, Decimal("5000.50")])
    def test_a_letter_with_a_greater_award_of_the_same_end_is_marked(
        self, anna, call, funded, award
    ):
        update(funded, amount_eur=Decimal(award) + 10_000)
        (letter,) = create_letters(call, anna)
        mark_as_sent([letter], anna)
        assert outdated_letters(call) == {}
        update(funded, amount_eur=Decimal(award))
        assert len(outdated_letters(call)) == 1

    def test_a_correction_created_again_still_names_its_letter(self, anna, call, funded):
        first = waiting_letter(funded)
        mark_as_sent([first], anna)
        assert outdated_letters(call) == {}
        correct_letter(first, anna, "The amount was wrong.")
        update(funded, amount_eur=Decimal(60_000))
        assert words(outdated_letters(call)[first]) == "the award is 60 000 EUR now"
        (new,) = create_letters(call, anna)
        assert (new.corrects, new.correction) == (first, "The amount was wrong.")
        assert "60 000 EUR" in words(new.text)

    def test_a_letter_without_the_award_stays_true(self, anna, call, funded):
        call.letter_templates.filter(kind="award").update(body="{project} is funded.")
        (letter,) = create_letters(call, anna)
        mark_as_sent([letter], anna)
        assert outdated_letters(call) == {}

    def test_a_cancelled_correction_does_not_block_another_one(self, anna, funded):
        first = waiting_letter(funded)
        mark_as_sent([first], anna)
        cancel_letter(correct_letter(first, anna, "A mistake."), anna, "The wrong reason.")
        assert correct_letter(first, anna, "Another mistake.").waits()

    def test_history_does_not_unsend_a_letter(self, anna, call, funded):
        mark_as_sent([waiting_letter(funded)], anna)
        (elsewhere,) = undo_blockers(ChangeSet.objects.latest("pk"))
        assert "Use the outbox of the call instead" in elsewhere.sentence
        assert elsewhere.url == reverse("admin:projects_call_outbox", args=[call.pk])
        with recording.change_set(anna, channel=Channel.FORM) as deletion:
            funded.delete()
        assert undo_blockers(deletion) == []


class Server(locmem.EmailBackend):
    """A mail server that refuses some mail. `errors` are by address."""

    errors: dict[str, Exception] = {}

    def open(self):
        if error := self.errors.get("open"):
            raise error

    def send_messages(self, messages):
        for address in messages[0].to:
            if address in self.errors:
                raise self.errors[address]
        return super().send_messages(messages)


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    Server.errors = {}
    return Server.errors


@pytest.fixture
def three(anna, call):
    """Three letters that wait, to a@, b@ and c@."""
    projects = [application(call, reference=f"PSF-{name}") for name in "abc"]
    decide(call, anna, *(draft_line(row, "funded", Decimal(1)) for row in projects))
    for name, project in zip("abc", projects, strict=True):
        factories.make_contact(project, email="")
        factories.make_contact(project, email=f"{name}@example.org", name="Zoe")
    return create_letters(call, anna)


class TestSending:
    def test_by_mail_to_the_contact_person_with_the_pdf(self, anna, three):
        assert send_by_mail(three[:1], anna) == 1
        (message,) = mail.outbox
        letter = Letter.objects.sent().get()
        assert (message.subject, message.body) == (letter.subject, letter.text)
        assert message.to == ["a@example.org"]
        ((name, content, kind),) = message.attachments
        assert (name, kind) == (f"{letter.project.reference}.pdf", "application/pdf")
        assert content.startswith(b"%PDF-")
        assert (letter.address, letter.sent_by) == ("a@example.org", anna)
        assert letter.sent_at

    @pytest.mark.parametrize(
        ("error", "why", "sent"),
        [
            (SMTPRecipientsRefused({"b@example.org": (550, b"no")}), "refused the address", 2),
            (SMTPDataError(554, b"b@example.org"), "refused the letter", 2),
            (SMTPServerDisconnected("b@example.org"), "may have arrived", 1),
            (TimeoutError("b@example.org"), "may have arrived", 1),
        ],
    )
    def test_a_refused_letter_waits_and_says_why(
        self, anna, three, server, caplog, error, why, sent
    ):
        server["b@example.org"] = error
        message = refusal(send_by_mail, three, anna)
        assert f"{sent} letter{'s were' if sent > 1 else ' was'} sent." in message
        failed = three[1]
        failed.refresh_from_db()
        assert failed.waits()
        assert why in failed.failure
        assert f"{failed.project.reference}: {failed.failure}" in message
        assert type(error).__name__ in caplog.text
        assert "@" not in caplog.text + message
        assert [letter.to for letter in mail.outbox] == [["a@example.org"], ["c@example.org"]][
            :sent
        ]
        server.clear()
        send_by_mail([failed], anna)
        failed.refresh_from_db()
        assert (failed.failure, failed.address) == ("", "b@example.org")

    def test_what_was_sent_before_the_program_was_stopped_is_marked(
        self, anna, call, three, server, settings
    ):
        settings.EMAIL_HOST = "mail.example.org"
        server["b@example.org"] = SystemExit()
        page = reverse("admin:projects_call_send_letters", args=[call.pk])
        with pytest.raises(SystemExit):
            confirm(signed_in(anna), page, {"way": "mail"})
        assert [letter.address for letter in Letter.objects.sent()] == ["a@example.org"]
        assert Letter.objects.waiting().count() == 2

    def test_nothing_is_sent_without_a_server_an_address_or_a_true_letter(
        self, anna, call, three, server
    ):
        server["open"] = ConnectionRefusedError()
        message = refusal(send_by_mail, three, anna)
        assert "0 letters were sent. The mail server does not answer." in message
        server.clear()
        three[0].project.contacts.all().delete()
        update(three[1].project, amount_eur=2)
        message = refusal(send_by_mail, three[:2], anna)
        assert f"{three[0].project.reference}: no e-mail address is recorded." in message
        assert words(f"{three[1].project.reference}: the award is 2 EUR now.") in words(message)
        assert mail.outbox == []
        assert Letter.objects.waiting().filter(failure="").count() == 3

    def test_sending_twice_is_refused(self, anna, three):
        letter = three[0]
        mark_as_sent([letter], anna)
        gone = Letter(pk=0, project=letter.project)
        for act in [
            lambda: send_by_mail([letter], anna),
            lambda: mark_as_sent([letter], anna),
            lambda: cancel_letter(letter, anna, "Why."),
            lambda: edit_letter(letter, anna, "PSF", "Text", ""),
            lambda: mark_as_sent([gone], anna),
        ]:
            assert "is no longer waiting" in refusal(act)
        assert mail.outbox == []

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"amount_eur": Decimal(60_000)}, "the award is 60 000 EUR now"),
            (
                {"status": "rejected", "amount_eur": None, "amount_kind": "not_published"},
                "the application is rejected now",
            ),
            ({"title": "Renamed"}, "the records or the texts of the call have changed"),
        ],
    )
    def test_a_letter_that_disagrees_with_the_records_is_not_sent(
        self, anna, call, funded, change, why
    ):
        update(funded, **change)
        letter = waiting_letter(funded)
        assert words(outdated_letters(call)[letter]) == why
        assert why in words(refusal(mark_as_sent, [letter], anna))
        assert Letter.objects.waiting().exists()

    def test_all_letters_are_marked_or_none(self, anna, call, funded):
        other = make_letter(application(call))
        assert "is eligible now" in refusal(mark_as_sent, [waiting_letter(funded), other], anna)
        assert Letter.objects.waiting().count() == 2

    def test_a_waiting_letter_is_cancelled_with_a_reason(self, anna, call, funded):
        letter = waiting_letter(funded)
        update(letter, address=ADDRESS)
        assert "Enter the reason" in refusal(cancel_letter, letter, anna, " ")
        cancel_letter(letter, anna, "We telephone first.")
        letter.refresh_from_db()
        assert (letter.cancelled_why, letter.address) == ("We telephone first.", "")
        assert projects_without_letter(call) == [funded]

    @pytest.mark.parametrize("role", ["", "Viewer", "Editor"])
    def test_only_publishers_handle_letters(self, role):
        account, letter = make_account(role), make_letter()
        for act in [
            lambda: add_default_texts(letter.project.call, account),
            lambda: create_letters(letter.project.call, account),
            lambda: correct_letter(letter, account, "Why."),
            lambda: send_by_mail([letter], account),
            lambda: mark_as_sent([letter], account),
            lambda: edit_letter(letter, account, "PSF", "Text", ""),
            lambda: cancel_letter(letter, account, "Why."),
        ]:
            with pytest.raises(PermissionDenied):
                act()


class TestEditing:
    def test_an_edited_letter_stays_true_until_the_records_change(self, anna, call, funded):
        letter = waiting_letter(funded)
        composed = letter.text
        update(letter, failure="Refused.")
        edit_letter(letter, anna, letter.subject, f"{composed}\n\nGood luck!", ADDRESS)
        letter.refresh_from_db()
        assert letter.text.endswith("Good luck!")
        assert (letter.recipient(), letter.failure) == (ADDRESS, "")
        assert create_letters(call, anna) == []
        assert outdated_letters(call) == {}
        edit_letter(letter, anna, letter.subject, composed, ADDRESS)
        assert waiting_letter(funded).composed == ""
        edit_letter(letter, anna, "Other words", composed, ADDRESS)
        update(funded, title="Renamed")
        (new,) = create_letters(call, anna)
        assert "Renamed" in new.text
        assert new.address == ADDRESS
        assert send_by_mail([new], anna) == 1
        corrected = correct_letter(new, anna, "A slip.")
        assert corrected.recipient() == ADDRESS
        assert send_by_mail([corrected], anna) == 1
        factories.make_contact(funded, email="new@example.org")
        assert correct_letter(corrected, anna, "A slip.").recipient() == "new@example.org"

    def test_an_empty_or_too_long_text_is_refused(self, anna, funded):
        letter = waiting_letter(funded)
        for words_of_letter in [("", "Text"), ("PSF", ""), ("PSF", "x" * 20_001)]:
            refusal(edit_letter, letter, anna, *words_of_letter, "")
        assert waiting_letter(funded).text == letter.text

    def test_letterhead_and_signatory_come_from_the_call(self, anna, call, funded):
        letter = waiting_letter(funded)
        assert letter.letterhead == "Council of the Baltic Sea States\nProject Support Facility"
        assert letter.text.endswith("\n\nThe Secretariat of the Council of the Baltic Sea States")
        update(call, letterhead="PSF", signatory="")
        assert "The signatory is missing." in refusal(create_letters, call, anna)
        update(call, signatory="Anna\nHead of the facility")
        (letter,) = create_letters(call, anna)
        assert letter.letterhead == "PSF"
        assert letter.text.endswith("\n\nAnna\nHead of the facility")
        update(call, letterhead="")
        assert create_letters(call, anna)[0].letterhead == ""


class TestPrinting:
    def test_the_pdf_is_tagged_for_screen_readers(self, funded):
        pdf = as_pdf([waiting_letter(funded)])
        assert pdf.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in pdf
        assert b"pdfuaid:part" in pdf

    @pytest.mark.parametrize(
        "title",
        [
            '#panic("x") *bold* $x$ [a] @ref <x> \\u{41} // note',
            '"); #read("/etc/passwd") ("',
            "Ąžuolas, Łódź, Õhtu, Þór, Санкт-Петербург",
            "水 🎉 \ue000 \u202ekcolc \x01",
            "",
        ],
    )
    def test_any_text_is_only_text_in_the_pdf(self, title):
        letter = make_letter(subject=title or "None", text=f"{title}\n{title}\n\n{title}")
        assert as_pdf([letter, letter]).startswith(b"%PDF-")
