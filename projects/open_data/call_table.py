"""The table of calls, and the sources of its fields."""

from django.utils.text import capfirst

from projects.amounts import summed_amounts
from projects.eligibility.rules import rules_of
from projects.facts import CALL
from projects.models import Call
from projects.open_data.dictionary import build_table, call_address, of_record, read_records
from projects.open_data.project_table import citations, terms
from psf.exports.fields import FieldSource, precision


def of_decision(name: str) -> FieldSource:
    """An attribute of the decision; None before the decision is public."""
    return of_record(lambda call: getattr(call.public_decision(), name, None))


def announced(name: str) -> FieldSource:
    return of_record(lambda call: getattr(call.announced_counts(), name))


def mode_label(call: Call) -> str | None:
    decision = call.public_decision()
    return str(decision.get_mode_display()) if decision else None


SOURCES = {
    "phase": of_record(lambda call: call.phase().value),
    "phase_label": of_record(lambda call: capfirst(str(call.phase().label))),
    "opens_precision": precision("opens_precision", "opens_at"),
    "opens": of_record(Call.opens),
    "closes_precision": precision("closes_precision", "closes_at"),
    "closes": of_record(Call.closes),
    "priorities": terms(lambda: Call.priorities.through.objects.all(), "priority", "call"),
    "topics": terms(lambda: Call.topics.through.objects.all(), "topic", "call"),
    "rules": of_record(
        lambda call: [f"{rule.label}: {rule.in_words()}" for rule in rules_of(call)]
    ),
    "received_count": announced("received"),
    "eligible_count": announced("eligible"),
    "funded_count": announced("funded"),
    "amounts": of_record(
        lambda call: [str(row) for row in summed_amounts(call.projects.public().money())]
    ),
    "decided_by": of_decision("body"),
    "decided_on": of_decision("decided_on"),
    "announced_on": of_decision("announced_on"),
    "decision_mode": of_decision("mode"),
    "decision_mode_label": of_record(mode_label),
    "decision_meeting": of_decision("meeting"),
    "decision_reference": of_decision("reference"),
    "decision_published_at": of_decision("published_at"),
    "sources": citations("call"),
    "address": of_record(lambda call: call_address(call.slug)),
}

CALLS = build_table(
    "calls", CALL, lambda: Call.objects.public().for_list(), SOURCES, base=read_records
)
