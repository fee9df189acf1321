from .announcements import Announcement, AnnouncementLine
from .assessments import Assessment, Consensus, Criterion, Declaration, Recommendation, Score
from .calls import Call
from .choices import AmountKind, LineKind, Phase, ProjectStatus, Role, SourceAbout
from .decisions import Decision, DecisionMode
from .imports import Import
from .listings import ListedPart, Listing
from .partnerships import Partnership
from .projects import Project
from .rows import ListedProject
from .sources import Source
from .terms import Priority, Topic

__all__ = [
    "AmountKind",
    "Announcement",
    "AnnouncementLine",
    "Assessment",
    "Call",
    "Consensus",
    "Criterion",
    "Decision",
    "DecisionMode",
    "Declaration",
    "Import",
    "LineKind",
    "ListedPart",
    "ListedProject",
    "Listing",
    "Partnership",
    "Phase",
    "Priority",
    "Project",
    "ProjectStatus",
    "Recommendation",
    "Role",
    "Score",
    "Source",
    "SourceAbout",
    "Topic",
]
