"""The assessment of a project: the numbers that auditors recalculate, without comments."""

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from projects.assessment.actions import may_read_all
from projects.assessment.arithmetic import rounded
from projects.assessment.ranking import assessment_percent
from projects.dossier.zip_archive import File
from projects.models import Assessment, Consensus, Project, Score

from .facts import Fact, Section, facts_about, section_files

# Assessors appear as numbers. Only those who lead the assessment see names and comments.
LEFT_OUT_OF_CONSENSUS = ["project", "text", "recorded_by"]


def assessment_files(project: Project, by: User) -> list[File]:
    """Points, results and consensus; [] if there is no assessment.

    For a person who may not read all of them, the file says only so.
    """
    assessments = project.assessments.order_by("pk").prefetch_related("scores__criterion")
    if not assessments:
        return []
    if not may_read_all(project, by):
        words = _("Left out: the person who downloaded this dossier may not read the assessment.")
        return [File("assessment.txt", [f"{words}\n".encode()])]
    rows = Consensus.objects.filter(project=project)
    consensus = [facts_about(row, LEFT_OUT_OF_CONSENSUS) for row in rows]
    sections = [
        *(_section(number, row) for number, row in enumerate(assessments, start=1)),
        Section("consensus", _("Consensus"), consensus),
    ]
    return section_files("assessment", sections)


def _section(number: int, row: Assessment) -> Section:
    title = _("Assessor %(number)d") % {"number": number}
    percent = assessment_percent(row) if row.submitted_at else None
    result = "" if percent is None else str(rounded(percent))
    scores = [_score_fact(score) for score in row.scores.all() if score.points is not None]
    state = str(row.state())
    recommendation = row.get_recommendation_display()
    facts = [
        Fact("state", _("State"), state, state),
        *scores,
        Fact("percent", _("Result (per cent)"), result, result or None),
        Fact("recommendation", _("Recommendation"), recommendation, row.recommendation),
    ]
    return Section(f"assessor_{number}", title, [facts])


def _score_fact(score: Score) -> Fact:
    criterion = score.criterion
    values = {"points": score.points, "most": criterion.maximum, "weight": criterion.weight}
    words = _("%(points)d of %(most)d, weight %(weight)d") % values
    return Fact(criterion.name, criterion.name, words, score.points)
