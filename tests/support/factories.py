"""One function per model: a valid record with as few values as possible."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from partners.models import (
    Country,
    CountryName,
    DuplicateCandidate,
    Membership,
    Merger,
    Partner,
    PartnerName,
)
from projects.models import (
    Agreement,
    Amendment,
    Announcement,
    AnnouncementFlag,
    AnnouncementLine,
    Answer,
    Assessment,
    Call,
    Consensus,
    Contact,
    Criterion,
    Decision,
    DecisionLine,
    Document,
    Evidence,
    FormMail,
    IneligibilityFinding,
    IneligibilityReason,
    Instalment,
    Letter,
    LetterTemplate,
    Output,
    PartnerBudget,
    Partnership,
    Priority,
    Project,
    Question,
    Repayment,
    Report,
    Score,
    Source,
    Topic,
    Waiver,
)
from psf.files import store
from psf.history import recording
from psf.history.models import ChangeSet, Channel

LONG_AGO = datetime(2019, 8, 16, tzinfo=UTC)
# Digits of secrets for which tests look: no name has them by chance.
SECRETS = ["31337", "45454", "54321", "777"]
# All have six digits: the order of names is the order in which they were given.
_numbers = (number for number in count(100_001) if not any(row in str(number) for row in SECRETS))
_NAMES = {
    "BY": "Belarus",
    "DE": "Germany",
    "DK": "Denmark",
    "EE": "Estonia",
    "FI": "Finland",
    "IS": "Iceland",
    "LT": "Lithuania",
    "LV": "Latvia",
    "NO": "Norway",
    "PL": "Poland",
    "RU": "Russia",
    "SE": "Sweden",
}


def make_country(code: str = "LV") -> Country:
    country, made = Country.objects.get_or_create(
        code=code, defaults={"name": _NAMES.get(code, f"Country {code}"), "slug": code.lower()}
    )
    if made:
        CountryName.objects.create(country=country, text=country.name, language="en")
    return country


def make_membership(country: str | None = "LV", **fields: Any) -> Membership:
    values = {"status": "member", "valid_from": date(1992, 1, 1), "source": "cbss.org"}
    return Membership.objects.create(
        country=make_country(country) if country else None, **values | fields
    )


def make_partner(name: str = "", country: str = "LV", **fields: Any) -> Partner:
    number = next(_numbers)
    values = {"name": name or f"Organisation {number}", "slug": f"organisation-{number}"}
    return Partner.objects.create(
        country=make_country(country), **values | {"kind": "ngo"} | fields
    )


def make_partner_name(partner: Partner, text: str, **fields: Any) -> PartnerName:
    return PartnerName.objects.create(partner=partner, text=text, **{"kind": "official"} | fields)


def make_duplicate_candidate(first: Partner, second: Partner, **fields: Any) -> DuplicateCandidate:
    """A pair of organisations, the older first, that waits for a decision."""
    values = {"score_percent": 90, "reasons": "same_words"}
    return DuplicateCandidate.objects.create(first=first, second=second, **values | fields)


def make_merger(winner: Partner, **fields: Any) -> Merger:
    """A record of a merger without further data."""
    values = {"name": "Merged", "slug": f"merged-{next(_numbers)}"}
    return Merger.objects.create(winner=winner, **values | fields)


def make_priority(name: str = "") -> Priority:
    number = next(_numbers)
    return Priority.objects.create(name=name or f"Priority {number}", slug=f"priority-{number}")


def make_topic(name: str = "") -> Topic:
    number = next(_numbers)
    return Topic.objects.create(name=name or f"Topic {number}", slug=f"topic-{number}")


def make_call(**fields: Any) -> Call:
    """A public call that closed long ago."""
    number = next(_numbers)
    values = {
        "title": f"Call {number}",
        "slug": f"call-{number}",
        "opens_at": datetime(2019, 2, 15, tzinfo=UTC),
        "closes_at": datetime(2019, 3, 31, 21, 59, tzinfo=UTC),
        "published_at": LONG_AGO,
    }
    return Call.objects.create(**values | fields)


def make_decision(call: Call, **fields: Any) -> Decision:
    """A public decision."""
    values = {"body": "Committee of Senior Officials", "published_at": LONG_AGO}
    return Decision.objects.create(call=call, **values | fields)


def make_project(call: Call | None = None, **fields: Any) -> Project:
    """A submitted application: nothing of it is public."""
    number = next(_numbers)
    values = {"reference": f"PSF-{number}", "slug": f"psf-{number}", "title": f"Project {number}"}
    return Project.objects.create(call=call or make_call(), **values | fields)


def make_partnership(
    project: Project, partner: Partner | None = None, country: str = "", **fields: Any
) -> Partnership:
    """A part in a project; for the organisation's own country unless another is given."""
    where = partner.country if partner and not country else make_country(country or "LV")
    return Partnership.objects.create(project=project, partner=partner, country=where, **fields)


def make_public_project(lead: Partner | None = None, **fields: Any) -> Project:
    """A funded project with a lead partner, public in a public call unless it is unpublished."""
    published_at = None if fields.get("unpublished_at") else LONG_AGO
    project = make_project(**{"status": "funded", "published_at": published_at} | fields)
    make_partnership(project, lead or make_partner(), role="lead")
    return project


def make_change_set(user: Any = None, reason: str = "") -> ChangeSet:
    """A topic added in a form."""
    with recording.change_set(user, channel=Channel.FORM, reason=reason) as change_set:
        make_topic()
    return change_set


def make_source(**fields: Any) -> Source:
    return Source.objects.create(**{"about": "announcement", "citation": "cbss.org"} | fields)


def make_letter_template(call: Call | None = None, **fields: Any) -> LetterTemplate:
    values = {"kind": "award", "subject": "{reference}", "body": "{project} is funded."}
    return LetterTemplate.objects.create(call=call or make_call(), **values | fields)


def make_letter(project: Project | None = None, **fields: Any) -> Letter:
    """A letter that waits. A sent one with an address was sent by e-mail."""
    values = {"kind": "award", "subject": "PSF", "text": "It is funded."}
    values |= {"sent_by_mail": True} if fields.get("address") and "sent_at" in fields else {}
    return Letter.objects.create(project=project or make_project(), **values | fields)


def make_announcement(**fields: Any) -> Announcement:
    return Announcement.objects.create(**{"title": "News", "fingerprint": "0" * 64} | fields)


def make_announcement_line(number: int = 1, **fields: Any) -> AnnouncementLine:
    """A line from which no record was made."""
    values = {"number": number, "text": "A line.", "kind": "not_understood"} | fields
    return AnnouncementLine.objects.create(
        **values | ({} if "announcement" in fields else {"announcement": make_announcement()})
    )


def make_announcement_flag(**fields: Any) -> AnnouncementFlag:
    """An open flag of a project."""
    return AnnouncementFlag.objects.create(**{"sentence": "Enter a title."} | fields)


def make_criterion(call: Call, **fields: Any) -> Criterion:
    return Criterion.objects.create(call=call, **{"name": f"Criterion {next(_numbers)}"} | fields)


def make_form_mail(call: Call, **fields: Any) -> FormMail:
    values = {"address": "anna@harbour.example", "subject": "Received", "text": "Thank you."}
    return FormMail.objects.create(call=call, **values | fields)


def make_question(call: Call, **fields: Any) -> Question:
    return Question.objects.create(**{"call": call, "text": f"Why {next(_numbers)}?"} | fields)


def make_answer(project: Project, **fields: Any) -> Answer:
    fields.setdefault("question_id", make_question(project.call).pk)
    return Answer.objects.create(**{"project": project, "text": "Because."} | fields)


def make_partner_budget(project: Project, **fields: Any) -> PartnerBudget:
    return PartnerBudget.objects.create(
        **{"project": project, "number": 1, "name": "Harbour Office"} | fields
    )


def make_assessment(project: Project, assessor: Any, **fields: Any) -> Assessment:
    """An assignment without a declaration."""
    return Assessment.objects.create(project=project, assessor=assessor, **fields)


def make_submitted(
    project: Project, assessor: Any, *points: int, comment: str = "Sound."
) -> Assessment:
    """A submitted assessment with so many points by the criteria of the call, in their order."""
    said = {"declaration": "none", "recommendation": "fund", "submitted_at": LONG_AGO}
    assessment = make_assessment(project, assessor, comment=comment, **said)
    for criterion, given in zip(project.call.criteria.all(), points, strict=True):
        make_score(assessment, criterion, points=given)
    return assessment


def make_score(assessment: Assessment, criterion: Criterion, **fields: Any) -> Score:
    return Score.objects.create(assessment=assessment, criterion=criterion, **fields)


def make_consensus(project: Project, by: Any, **fields: Any) -> Consensus:
    values = {"text": "Agreed.", "recommendation": "fund"}
    return Consensus.objects.create(project=project, recorded_by=by, **values | fields)


def make_ineligibility_reason(
    call: Call, text: str = "The lead partner is missing.", **fields: Any
) -> IneligibilityReason:
    return IneligibilityReason.objects.create(call=call, text=text, **fields)


def make_ineligibility_finding(
    project: Project, reason: IneligibilityReason | None = None
) -> IneligibilityFinding:
    return IneligibilityFinding.objects.create(
        project=project, reason=reason or make_ineligibility_reason(project.call)
    )


def make_waiver(project: Project, **fields: Any) -> Waiver:
    values = {"rule": "states", "reason": "A pilot."} | fields
    return Waiver.objects.create(project=project, **values)


def make_evidence(project: Project, **fields: Any) -> Evidence:
    values = {"kind": "eligibility", "taken_by": "Anna", "content": "{}", "sha256": "0" * 64}
    return Evidence.objects.create(call=project.call, project=project, **values | fields)


def draft_line(
    project: Project, outcome: str, award_eur: Decimal | None = None, **fields: Any
) -> DecisionLine:
    """What a draft says about an application, not stored."""
    return DecisionLine(project=project, outcome=outcome, award_eur=award_eur, **fields)


def make_decision_line(project: Project, **fields: Any) -> DecisionLine:
    values = {"outcome": "funded", "award_eur": 1} | fields
    return DecisionLine.objects.create(project=project, **values)


def make_agreement(project: Project | None = None, **fields: Any) -> Agreement:
    """Signed by both, over 60 000 EUR."""
    signed = date(2019, 9, 1)
    values = {"number": f"A-{next(_numbers)}", "amount_eur": 60000}
    values |= {"lead_signed_on": signed, "we_signed_on": signed}
    project = project or make_project(status="funded")
    return Agreement.objects.create(project=project, **values | fields)


def make_instalment(project: Project, **fields: Any) -> Instalment:
    values = {"position": 1, "condition": "on signature", "amount_eur": 30000}
    values["condition_met_on"] = fields.get("paid_on")
    return Instalment.objects.create(project=project, **values | fields)


def make_report(project: Project, **fields: Any) -> Report:
    return Report.objects.create(project=project, **{"kind": "interim"} | fields)


def make_repayment(project: Project, **fields: Any) -> Repayment:
    values = {"day": date(2020, 12, 1), "amount_eur": 100, "why": "Not used."}
    return Repayment.objects.create(project=project, **values | fields)


def make_amendment(project: Project, **fields: Any) -> Amendment:
    values = {"kind": "other", "agreed_on": date(2020, 3, 1), "words": "Another bank account."}
    return Amendment.objects.create(project=project, **values | fields)


def make_document(project: Project, content: bytes = b"%PDF-1.7", **fields: Any) -> Document:
    """With its file."""
    stored = store.save_file([content], fields.pop("extension", "pdf"))
    values = {"stored_name": stored.name, "sha256": stored.sha256, "size": stored.size}
    return Document.objects.create(
        project=project, **values | {"title": f"Document {next(_numbers)}"} | fields
    )


def make_output(project: Project, **fields: Any) -> Output:
    values = {"title": f"Output {next(_numbers)}", "kind": "publication"}
    if "document" not in fields:
        values["url"] = "https://example.org/output"
    return Output.objects.create(project=project, **values | fields)


def make_contact(project: Project, **fields: Any) -> Contact:
    values = {"name": "Ada", "purpose": "questions", "keep_until": date(2099, 1, 1)}
    return Contact.objects.create(project=project, **values | fields)
