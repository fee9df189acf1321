from .calls import Call, Decision, DecisionMode, Phase
from .choices import AmountKind, ProjectStatus, Role, SourceAbout
from .partnerships import Partnership
from .projects import Project
from .sources import Source
from .terms import Priority, Topic

__all__ = [
    "AmountKind",
    "Call",
    "Decision",
    "DecisionMode",
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
