"""Facts that are missing or doubtful on the page of a record; a warning before publication."""

from collections.abc import Iterable

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.eligibility.unlikely_values import call_warnings, project_warnings
from projects.models import Call, Decision, Project
from projects.models.choices import FUNDED_STATUSES, Phase
from projects.zone_wording import zone_contradictions
from psf.text.dates import Precision, describe


def disagreement_sentence(project: Project) -> str:
    """The different countries of headline and partner list; "" if both agree."""
    sentence = _("The headline and the list of partners differ: %(difference)s.")
    disagreement = project.disagreement()
    return sentence % {"difference": disagreement.in_words()} if disagreement else ""


def missing_in_project(project: Project) -> list[str]:
    """Sentences about a project from `for_page()`."""
    missing = [
        (project.summary, _("There is no summary. Lists will show only the title.")),
        (project.description, _("There is no description.")),
        (project.period(), _("No period is given.")),
        (project.amount_eur is not None, _("The amount will read “not published”.")),
        (project.priorities.all(), _("No priority is selected.")),
        (project.sources.all(), _("No source is given.")),
    ]
    gaps = [sentence for value, sentence in missing if not value]
    unnamed = [str(row.country) for row in project.partnerships.all() if not row.partner]
    if unnamed:
        countries = get_text_list(unnamed, _("and"))
        gaps.append(_("No organisation is named for %(countries)s.") % {"countries": countries})
    disagreement = filter(None, [disagreement_sentence(project)])
    return [*gaps, *project_warnings(project), *disagreement]


def missing_in_call(call: Call) -> list[str]:
    """Sentences about a call from `for_page()`."""
    over = call.phase() not in [Phase.COMING, Phase.OPEN]
    missing = [
        (call.summary, _("There is no summary. Lists will show only the title.")),
        (call.description, _("There is no description.")),
        (call.closes_at, _("The closing will read “not known”.")),
        (call.ceiling_eur is not None, _("No ceiling of a grant is given.")),
        (call.priorities.all(), _("No priority is selected.")),
        (over or call.how_to_apply or call.form_address(), _("Nothing says how to apply.")),
        (over or call.contact, _("Nothing says whom to ask.")),
    ]
    gaps = [sentence for value, sentence in missing if not value]
    return [*gaps, *zone_contradictions(call), *call_warnings(call)]


def early_decision_sentence(decision: Decision) -> str:
    """The days of a decision before the closing of its call; "" for a later decision."""
    call, day = decision.call, decision.decided_on
    closing_day = call.closing_day()
    if not day or not closing_day or day >= closing_day:
        return ""
    return _("%(call)s closes on %(closes)s, but was decided on %(decided)s.") % {
        "call": call,
        "closes": call.closes(),
        "decided": describe(day, Precision.DAY),
    }


def other_number_sentence(call: Call, recorded: int) -> str:
    """The announced and the recorded number of funded projects; "" if both agree."""
    if call.funded_count in [None, recorded]:
        return ""
    return _(
        "%(call)s: %(announced)d funded projects were announced, %(recorded)d are recorded."
    ) % {
        "call": call,
        "announced": call.funded_count,
        "recorded": recorded,
    }


def missing_in_results(decision: Decision, projects: Iterable[Project]) -> list[str]:
    """Sentences about a decision and the projects that become public with it."""
    call = decision.call
    recorded = call.projects.filter(status__in=FUNDED_STATUSES).count()
    missing = [
        (call.received_count is not None, _("Applications received will read “not published”.")),
        (call.eligible_count is not None, _("Applications eligible will read “not published”.")),
        (call.funded_count is not None, _("Projects funded will read “not published”.")),
        (decision.decided_on, _("The day of the decision will read “not known”.")),
        (decision.announced_on, _("The day of the announcement will read “not known”.")),
    ]
    gaps = [sentence for value, sentence in missing if not value]
    keys = [project.pk for project in projects]
    rows = call.projects.filter(pk__in=keys).select_related("call").order_by("reference")
    if references := [row.reference for row in rows if not row.description]:
        sentence = _("There is no description of %(projects)s.")
        gaps.append(sentence % {"projects": get_text_list(references, _("and"))})
    wrong = [early_decision_sentence(decision), other_number_sentence(call, recorded)]
    unlikely = [f"{row.reference}: {warning}" for row in rows for warning in project_warnings(row)]
    return [*gaps, *filter(None, wrong), *unlikely]
