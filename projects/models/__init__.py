"""The records of calls and projects, with their constraints and querysets."""

from projects.models.agreements import Agreement
from projects.models.decision_lines import DecisionLine
from projects.models.ineligibility import IneligibilityFinding, IneligibilityReason
from projects.models.payments import Instalment, Repayment
from projects.models.reports import Report
from projects.models.waivers import Waiver

from .amendments import Amendment
from .announcements import Announcement, AnnouncementFlag, AnnouncementLine
from .assessments import Assessment, Consensus, Score
from .calls import Call
from .choices import (
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
from .contacts import Contact
from .criteria import Criterion
from .decisions import Decision
from .documents import Document, Output
from .evidence import Evidence
from .imports import Import
from .letters import Letter, LetterTemplate
from .partnerships import Partnership
from .priorities_and_topics import Priority, Topic
from .projects import Project
from .sources import Source
