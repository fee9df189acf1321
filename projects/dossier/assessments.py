"""How a project was assessed: what auditors must be able to reckon again, and no words."""

from typing import Any

from django.utils.translation import gettext as _

from projects.assessment.actions import may_read_all
from projects.assessment.progress import percent_of
from projects.assessment.ranking import rounded
from projects.models import Assessment, Consensus, Project

from .archive import File
from .facts import Fact, Section, facts_about, json_file, text_file

# Who assesses is told by a number: their names and words stay with those who lead.
LEFT_OUT_OF_CONSENSUS = ["project", "text", "recorded_by"]


def assessment(project: Project, by: Any) -> list[File]:
    """The points, results and consensus; none where nothing was assessed.

    Where this person may not read all of them, the file says that they are left out.
    """
    every = project.assessments.order_by("pk").prefetch_related("scores__criterion")
    if not every:
        return []
    if not may_read_all(project, by):
        words = _("Left out: it is not open to the person who took this dossier.")
        return [File("assessment.txt", [f"{words}\n".encode()])]
    agreed = Consensus.objects.filter(project=project)
    sections = [
        *(_section(number, row) for number, row in enumerate(every, start=1)),
        Section(
            "consensus", _("Consensus"), [facts_about(row, LEFT_OUT_OF_CONSENSUS) for row in agreed]
        ),
    ]
    return [text_file("assessment.txt", sections), json_file("assessment.json", sections)]


def _section(number: int, row: Assessment) -> Section:
    title = _("Assessor %(number)d") % {"number": number}
    percent = percent_of(row) if row.submitted_at else None
    result = "" if percent is None else str(rounded(percent))
    given = [
        Fact(
            score.criterion.name,
            score.criterion.name,
            _("%(points)d of %(most)d, weight %(weight)d")
            % {
                "points": score.points,
                "most": score.criterion.maximum,
                "weight": score.criterion.weight,
            },
            score.points,
        )
        for score in row.scores.all()
        if score.points is not None
    ]
    state = str(row.state())
    recommendation = row.get_recommendation_display()
    facts = [
        Fact("state", _("State"), state, state),
        *given,
        Fact("percent", _("Result (per cent)"), result, result or None),
        Fact("recommendation", _("Recommendation"), recommendation, row.recommendation),
    ]
    return Section(f"assessor_{number}", title, [facts])
