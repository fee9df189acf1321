from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models.countries import PartnerKind


class Phase(models.TextChoices):
    """The phase of a call at a moment, computed from its dates and never stored."""

    COMING = "coming", _("coming")
    OPEN = "open", _("open")
    IN_ASSESSMENT = "in_assessment", _("in assessment")
    CLOSED = "closed", _("closed, full result not published")
    DECIDED = "decided", _("decided")


class ProjectStatus(models.TextChoices):
    SUBMITTED = "submitted", _("submitted")
    NOT_ELIGIBLE = "not_eligible", _("not eligible")
    ELIGIBLE = "eligible", _("eligible")
    RESERVE = "reserve", _("reserve")
    REJECTED = "rejected", _("rejected")
    FUNDED = "funded", _("funded")
    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed")
    TERMINATED = "terminated", _("terminated")
    WITHDRAWN = "withdrawn", _("withdrawn")


class RuleKey(models.TextChoices):
    STATES = "states", _("Partners")
    LEAD = "lead", _("Lead partner")
    GRANT = "grant", _("Grant for one project")
    COFUNDING = "cofunding", _("Co-funding")
    DURATION = "duration", _("Duration")


# Only funded projects are ever public.
FUNDED_STATUSES = [
    ProjectStatus.FUNDED,
    ProjectStatus.RUNNING,
    ProjectStatus.COMPLETED,
    ProjectStatus.TERMINATED,
]
DECIDED_STATUSES = [ProjectStatus.RESERVE, ProjectStatus.REJECTED, *FUNDED_STATUSES]
# Funded projects that are not recorded as ended.
ACTIVE_STATUSES = [ProjectStatus.FUNDED, ProjectStatus.RUNNING]


class LetterKind(models.TextChoices):
    """The message of a letter to an applicant."""

    AWARD = "award", _("award")
    RESERVE = "reserve", _("place on the reserve list")
    REJECTION = "rejection", _("rejection")
    NOT_ELIGIBLE = "not_eligible", _("not eligible")


# The kind of letter by the status of the application.
LETTERS: dict[str, str] = {
    ProjectStatus.NOT_ELIGIBLE: LetterKind.NOT_ELIGIBLE,
    ProjectStatus.RESERVE: LetterKind.RESERVE,
    ProjectStatus.REJECTED: LetterKind.REJECTION,
    ProjectStatus.FUNDED: LetterKind.AWARD,
    ProjectStatus.RUNNING: LetterKind.AWARD,
}


class AmountKind(models.TextChoices):
    """The kind of an amount. Different kinds are never added together."""

    CEILING = "ceiling", _("ceiling: at most this")
    AWARDED = "awarded", _("awarded")
    FINAL = "final", _("final: what was paid in the end")
    RETURNED = "returned", _("returned by the project")
    NOT_PUBLISHED = "not_published", _("not published")


# Every other kind is of a funded project.
KINDS_WITHOUT_AWARD = [AmountKind.CEILING, AmountKind.NOT_PUBLISHED]
# What was granted, or paid in the end.
AWARDS = [AmountKind.AWARDED, AmountKind.FINAL]


class Role(models.TextChoices):
    LEAD = "lead", _("lead partner")
    PARTNER = "partner", _("partner")


class SourceAbout(models.TextChoices):
    ANNOUNCEMENT = "announcement", _("announcement")
    TITLE = "title", _("title")
    PERIOD = "period", _("period")
    AMOUNT = "amount", _("amount")
    PARTNERS = "partners", _("partners")
    RULES = "rules", _("rules of the call")
    FIGURES = "figures", _("figures of the call")
    DECISION = "decision", _("decision")
    OTHER = "other", _("other")


class LineKind(models.TextChoices):
    """The kind of statement in a line of an announcement."""

    BLANK = "blank", _("blank")
    TITLE = "title", _("title of the text")
    CALL = "call", _("call")
    CALL_TEXT = "call_text", _("about the call")
    PROJECT_TITLE = "project_title", _("title of a project")
    LEAD = "lead", _("lead partner")
    COUNTRIES = "countries", _("countries")
    PRIORITY = "priority", _("priority")
    HEADING = "heading", _("heading")
    PARTNER = "partner", _("partner")
    PARAGRAPH = "paragraph", _("about the project")
    LEFT_OUT = "left_out", _("left out: personal data")
    NOT_UNDERSTOOD = "not_understood", _("not read")


class Outcome(models.TextChoices):
    """The outcome of a decision on an application: the resulting status."""

    FUNDED = ProjectStatus.FUNDED.value, _("funded")
    RESERVE = ProjectStatus.RESERVE.value, _("reserve")
    REJECTED = ProjectStatus.REJECTED.value, _("rejected")


class Declaration(models.TextChoices):
    """The declaration of an assessor about a conflict of interest."""

    NOT_YET = "not_yet", _("not declared yet")
    NONE = "none", _("no conflict of interest")
    CONFLICT = "conflict", _("conflict of interest")


class Recommendation(models.TextChoices):
    NOT_YET = "not_yet", _("none yet")
    FUND = "fund", _("fund")
    FUND_WITH_CHANGES = "with_changes", _("fund with changes")
    REJECT = "reject", _("do not fund")


class DecisionMode(models.TextChoices):
    MEETING = "meeting", _("at a meeting")
    SILENT = "silent", _("by silent procedure")
    WRITTEN = "written", _("by written procedure")
    UNKNOWN = "unknown", _("not known")


class EvidenceKind(models.TextChoices):
    ELIGIBILITY = "eligibility", _("eligibility")
    RANKING = "ranking", _("ranked list")
    DECISION = "decision", _("decision")
    PAPER = "paper", _("committee paper")


class ReportKind(models.TextChoices):
    INTERIM = "interim", _("interim report")
    FINAL = "final", _("final report")


class AmendmentKind(models.TextChoices):
    PARTNER_JOINED = "joined", _("a partner joins")
    PARTNER_LEFT = "left", _("a partner leaves")
    PROLONGATION = "prolonged", _("prolongation")
    BUDGET_SHIFT = "budget", _("budget shift")
    OTHER = "other", _("other")


class DocumentKind(models.TextChoices):
    APPLICATION = "application", _("application")
    AGREEMENT = "agreement", _("agreement")
    AMENDMENT = "amendment", _("amendment")
    REPORT = "report", _("report")
    FINANCIAL = "financial", _("financial statement")
    LETTER = "letter", _("letter")
    RESULT = "result", _("result")
    PICTURE = "picture", _("picture")
    OTHER = "other", _("other")


class OutputKind(models.TextChoices):
    PUBLICATION = "publication", _("publication")
    TRAINING = "training", _("training material")
    POLICY = "policy", _("policy paper")
    EVENT = "event", _("event")
    WEBSITE = "website", _("website or tool")
    VIDEO = "video", _("film or sound")
    DATA = "data", _("data")
    OTHER = "other", _("other")


# The kinds that may be named as applicants; a call has their codes, separated by spaces.
APPLICANT_KINDS = {
    PartnerKind.MUNICIPALITY: _("municipalities and regions"),
    PartnerKind.MINISTRY: _("ministries"),
    PartnerKind.AGENCY: _("agencies"),
    PartnerKind.EMERGENCY_SERVICE: _("emergency services"),
    PartnerKind.UNIVERSITY: _("universities and research institutes"),
    PartnerKind.NGO: _("non-governmental organisations"),
    PartnerKind.INTERNATIONAL: _("international organisations"),
    PartnerKind.COMPANY: _("companies"),
}
