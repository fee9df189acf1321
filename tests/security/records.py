"""A record of each kind that has an address, and an account of each role."""

from types import SimpleNamespace
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from partners.matching.merge import merge_partners
from projects.application_forms.batch import receive_forms
from projects.application_forms.workbook import write_form
from projects.deadlines import ical
from projects.decisions.apply import apply_decision
from projects.decisions.draft import save_draft
from projects.imports import jobs as uploads
from projects.letters.default_texts import add_default_texts
from projects.models import CallSubscription, Import, Project, Topic
from psf.accounts.models import StaffSession
from psf.audit.models import AuditEvent, Kind
from psf.audit.recording import record_event
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from tests.projects.imports.support import as_csv, rows
from tests.security.accounts import make_accounts
from tests.support.accounts import make_account
from tests.support.cases import soon
from tests.support.factories import (
    LONG_AGO,
    draft_line,
    make_agreement,
    make_answer,
    make_assessment,
    make_call,
    make_consensus,
    make_contact,
    make_country,
    make_criterion,
    make_decision,
    make_document,
    make_duplicate_candidate,
    make_form_mail,
    make_ineligibility_finding,
    make_ineligibility_reason,
    make_instalment,
    make_letter,
    make_membership,
    make_output,
    make_partner,
    make_partner_budget,
    make_partnership,
    make_priority,
    make_project,
    make_question,
    make_report,
    make_submitted,
    make_topic,
)

IN_FORM = b"QX99990QX"  # the contact person, in the stored form of an application


def make_world() -> SimpleNamespace:
    """By the names that the tables use; a project for each way of being before readers or not."""
    accounts = make_accounts()
    world = SimpleNamespace(accounts=accounts)
    for column, account in accounts.items():
        setattr(world, f"account_{column}", account)
    with recording.change_set(accounts["supe"], channel=Channel.FORM):
        _make_terms(world)
        _make_decided_call(world)
        _make_call_in_assessment(world)
        _make_call_to_reverse(world)
        _make_organisations(world)
    world.first_set = ChangeSet.objects.order_by("pk").first()
    # In a set of changes of its own, so that it can be undone.
    world.merger = merge_partners(world.partner, world.loser, accounts["publ"])
    _make_history(world)
    world.idle = make_account("Viewer", username="idle")
    world.session = StaffSession.objects.create(
        session_key="idle",
        user=world.idle,
        started_at=LONG_AGO,
        used_at=LONG_AGO,
        expire_date=soon(),
    )
    world.factor = Authenticator.objects.create(user=world.idle, type="totp", data={})
    world.special = Group.objects.create(name="Special")
    world.secret = ical.renew(accounts["edit"])
    world.secret_off = ical.renew(accounts["off"])
    world.secret_none = ical.renew(accounts["none"])
    return world


def _make_terms(world: Any) -> None:
    world.country = make_country("SE")
    make_membership("SE")
    world.membership = make_membership(None, organisation="European Union")
    world.priority, world.topic = make_priority(), make_topic()
    world.used_topic, world.lost = make_topic(), make_topic()


def led(call: Any, **fields: Any) -> Project:
    project = make_project(call, **fields)
    make_partnership(project, make_partner(), role="lead")
    return project


def _make_decided_call(world: Any) -> None:
    """Its results are public: a project with all that follows an award, and others."""
    world.past = call = make_call(slug="past", budget_eur=500000, min_member_states=3)
    make_decision(call)
    public = {"status": "funded", "published_at": LONG_AGO}
    world.public = project = led(call, slug="public", **public)
    project.topics.add(world.used_topic)
    world.draft = led(call, slug="draft", status="funded")
    world.tomorrow = led(call, slug="tomorrow", status="funded", published_at=soon())
    world.rejected = led(call, slug="rejected", status="rejected")
    unpublished = {"unpublished_at": LONG_AGO, "unpublished_reason": "An error."}
    world.gone = led(call, slug="gone", status="funded", **unpublished)
    make_agreement(project)
    make_contact(project)
    CallSubscription.objects.create(address="reader@example.org")
    make_ineligibility_finding(world.rejected)
    world.instalment = make_instalment(project)
    world.report = make_report(project)
    world.document = make_document(project, title="Inner")
    world.form_file = make_document(project, IN_FORM, kind="application", extension="xlsx")
    world.shown = make_document(project, title="Shown", published_at=LONG_AGO)
    world.output = make_output(project)
    for name in ["draft", "tomorrow", "gone"]:
        row = make_document(getattr(world, name), title="Shown", published_at=LONG_AGO)
        setattr(world, f"shown_{name}", row)
    add_default_texts(call, world.accounts["publ"])
    world.waiting = make_letter(world.rejected, kind="rejection")
    world.sent = make_letter(
        project, sent_at=LONG_AGO, sent_by=world.accounts["publ"], kind="award"
    )


def _make_call_in_assessment(world: Any) -> None:
    """Public itself; its applications are undecided, and a draft of the decision is there."""
    world.call = call = make_call(slug="call", budget_eur=100000)
    world.ineligibility_reason = make_ineligibility_reason(call)
    criterion = make_criterion(call)
    question = make_question(call)
    people = world.accounts
    world.submitted = led(call, slug="submitted", title="Submitted")
    make_answer(world.submitted, question_id=question.pk)
    make_partner_budget(world.submitted)
    world.undecided = project = led(call, slug="undecided", status="eligible")
    world.mine = make_submitted(project, people["asse"], criterion.maximum)
    world.second = make_assessment(project, people["seco"], declaration="none")
    world.closed = make_assessment(
        project, people["conf"], declaration="conflict", conflict="A cousin."
    )
    world.assessed = both = led(call, slug="assessed", status="eligible")
    world.mine_in = make_submitted(both, people["asse"], criterion.maximum)
    world.second_in = make_submitted(both, people["seco"], criterion.maximum)
    world.closed_in = make_assessment(
        both, people["conf"], declaration="conflict", conflict="A nephew."
    )
    world.form_in = make_document(project, IN_FORM, kind="application", extension="xlsx")
    make_consensus(project, people["publ"])
    world.unassigned = led(call, slug="unassigned", status="eligible")
    world.fresh = make_assessment(world.unassigned, people["conf"])
    make_decision(call, published_at=None)


def _make_call_to_reverse(world: Any) -> None:
    """Decided and not public; one stands on the reserve list."""
    people = world.accounts
    world.settled = call = make_call(slug="settled", budget_eur=100000)
    make_decision(call, published_at=None)
    world.winner, world.reserve = (led(call, status="eligible") for _ in range(2))
    lines = [
        draft_line(world.winner, "funded", 1),
        draft_line(world.reserve, "reserve", reserve_place=1),
    ]
    save_draft(call, lines, people["publ"])
    apply_decision(call, people["admi"])
    add_default_texts(call, people["publ"])
    world.to_decide = make_call(slug="to-decide", budget_eur=100000)
    make_decision(world.to_decide, published_at=None)
    world.to_be_decided = led(world.to_decide, status="eligible")
    save_draft(world.to_decide, [draft_line(world.to_be_decided, "funded", 1)], people["admi"])
    world.draft_call = make_call(slug="draft-call", published_at=None)
    unpublished = {"unpublished_at": LONG_AGO, "unpublished_reason": "An error."}
    world.gone_call = make_call(slug="gone-call", published_at=None, **unpublished)
    make_decision(world.gone_call, published_at=None, **unpublished)


def _make_organisations(world: Any) -> None:
    world.partner = world.public.lead().partner
    world.hidden = world.undecided.lead().partner
    world.lead_of_gone = world.gone.lead().partner
    world.elsewhere = make_partner(country="IS").country
    world.idle_partner, world.other_partner = make_partner(), make_partner()
    world.pair = make_duplicate_candidate(world.idle_partner, world.other_partner)
    world.loser = make_partner()
    world.merged = world.loser.slug


def _make_history(world: Any) -> None:
    """An event, something to undo, a deleted record, and a file that an editor has brought."""
    record_event(Kind.SIGNED_IN, world.accounts["publ"], "details of an event")
    world.event = AuditEvent.objects.latest("pk")
    with recording.change_set(world.accounts["edit"], channel=Channel.FORM) as world.change_set:
        world.undoable = make_topic()
    with recording.change_set(world.accounts["publ"], channel=Channel.FORM):
        Topic.objects.filter(pk=world.lost.pk).delete()
    file = SimpleUploadedFile("projects.csv", as_csv(rows()).encode())
    form = SimpleUploadedFile("form.xlsx", write_form(world.call))
    world.form_mail = make_form_mail(world.call)
    world.forms = receive_forms(world.call, world.accounts["edit"], [form], None, None)
    world.brought = uploads.receive(file, world.call, world.accounts["edit"], "plain")
    saved = {"saved_at": timezone.now(), "change_set": world.change_set}
    world.imported = Import.objects.create(call=world.call, file_name="projects.csv", **saved)
