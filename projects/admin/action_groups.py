"""The links above a call's form, by what staff do with the call, what it needs now first."""

from projects.assessment.progress import not_assessed
from projects.models import Call, Phase, ProjectStatus
from projects.stages import CallStage
from psf.staff.records import Tool


def needed_now(call: Call) -> CallStage:
    """What a call in this state waits for."""
    statuses = set(call.projects.order_by().values_list("status", flat=True).distinct())
    decision = getattr(call, "decision", None)
    if call.phase() in [Phase.COMING, Phase.OPEN]:
        return CallStage.PREPARATION
    if ProjectStatus.SUBMITTED in statuses or not_assessed(call).exists():
        return CallStage.ASSESSMENT
    if ProjectStatus.ELIGIBLE in statuses:
        return CallStage.DECISION
    if decision is None or decision.published_at is None:
        return CallStage.PUBLICATION
    return CallStage.POST_AWARD


def in_boxes(call: Call, tools: list[Tool]) -> list[tuple[str, list[Tool]]]:
    """The tools with the label of their box; one of no box is about what readers see."""
    first = needed_now(call)
    order = [first, *(box for box in CallStage if box != first)]
    boxes = [
        (str(box.label), [one for one in tools if (one.box or CallStage.PUBLICATION) == box])
        for box in order
    ]
    return [(label, found) for label, found in boxes if found]
