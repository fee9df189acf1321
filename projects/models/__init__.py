from .announcements import Announcement, AnnouncementFlag, AnnouncementLine
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
    "AnnouncementFlag",
    "AnnouncementLine",
    "Call",
    "Decision",
    "DecisionMode",
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
    "Role",
    "Source",
    "SourceAbout",
    "Topic",
]
