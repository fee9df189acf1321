from .announcements import Announcement, AnnouncementFlag, AnnouncementLine
from .assessments import Assessment, Consensus, Declaration, Recommendation, Score
from .calls import Call
from .choices import AmountKind, LineKind, Phase, ProjectStatus, Role, RuleKey, SourceAbout
from .criteria import Criterion
from .decisions import Decision, DecisionMode
from .imports import Import
from .listings import ListedPart, Listing
from .partnerships import Partnership
from .projects import Project
from .rows import ListedProject
from .sources import Source
from .steps import DecisionLine, Ground, GroundGiven, Outcome, Waiver
from .terms import Priority, Topic

__all__ = [
    "AmountKind",
    "Announcement",
    "AnnouncementFlag",
    "AnnouncementLine",
    "Assessment",
    "Call",
    "Consensus",
    "Criterion",
    "Decision",
    "DecisionLine",
    "DecisionMode",
    "Declaration",
    "Ground",
    "GroundGiven",
    "Import",
    "LineKind",
    "ListedPart",
    "ListedProject",
    "Listing",
    "Outcome",
    "Partnership",
    "Phase",
    "Priority",
    "Project",
    "ProjectStatus",
    "Recommendation",
    "Role",
    "RuleKey",
    "Score",
    "Source",
    "SourceAbout",
    "Topic",
    "Waiver",
]
