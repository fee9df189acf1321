"""The current stage of a call. It comes first among the links above the form of the call."""

from projects.assessment.assignment import not_assessed
from projects.models import Call, Phase, ProjectStatus
from projects.stages import CallStage
from psf.staff.record_admin import PageLink


def current_stage(call: Call) -> CallStage:
    """The stage that a call in this state waits for."""
    statuses = set(call.projects.order_by().values_list("status", flat=True).distinct())
    decision = call.recorded_decision()
    is_empty = not statuses and decision is None
    if is_empty or call.phase() in [Phase.COMING, Phase.OPEN]:
        return CallStage.PREPARATION
    if ProjectStatus.SUBMITTED in statuses or not_assessed(call).exists():
        return CallStage.ASSESSMENT
    if ProjectStatus.ELIGIBLE in statuses:
        return CallStage.DECISION
    if decision is None or decision.published_at is None:
        return CallStage.PUBLICATION
    return CallStage.POST_AWARD


def by_stage(call: Call, links: list[PageLink]) -> list[tuple[str, list[PageLink]]]:
    """The links by the label of their stage. A link without a stage is about publication."""
    current = current_stage(call)
    groups = [
        (stage, [link for link in links if (link.stage or CallStage.PUBLICATION) == stage])
        for stage in [current, *(stage for stage in CallStage if stage != current)]
    ]
    return [(str(stage.label), links) for stage, links in groups if links]
