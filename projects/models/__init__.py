"""The records of calls and projects, with their constraints and querysets."""

from projects.models.announcements import Announcement, AnnouncementFlag, AnnouncementLine
from projects.models.application_forms import Answer, FormMail, PartnerBudget, Question
from projects.models.assessments import Assessment, Consensus, Criterion, Score
from projects.models.calls import Call, Decision
from projects.models.choices import (
    AmendmentKind,
    AmountKind,
    DecisionMode,
    Declaration,
    DocumentKind,
    EvidenceKind,
    LetterKind,
    LineKind,
    Outcome,
    OutputKind,
    Phase,
    ProjectStatus,
    Recommendation,
    ReportKind,
    Role,
    RuleKey,
    SourceAbout,
)
from projects.models.contacts import CallSubscription, Contact
from projects.models.decisions import (
    DecisionLine,
    Evidence,
    IneligibilityFinding,
    IneligibilityReason,
    Waiver,
)
from projects.models.documents import Document, Output, Source
from projects.models.imports import Import
from projects.models.letters import Letter, LetterTemplate
from projects.models.partnerships import Partnership
from projects.models.post_award import Agreement, Amendment, Instalment, Repayment, Report
from projects.models.priorities_and_topics import Priority, Topic
from projects.models.projects import Project
