"""The table of calls, and the sources of its fields."""

from collections.abc import Callable, Mapping

from django.db.models import QuerySet
from django.utils.text import capfirst

from projects.amounts import summed_amounts
from projects.eligibility.rules import rules_of
from projects.models import Call, Decision
from projects.open_data.dictionary import build_table, call_address
from projects.open_data.project_table import citations, terms
from psf.exports.fields import FieldSource, Key, Record


def read_calls(rows: QuerySet[Call]) -> Mapping[Key, Record]:
    """The columns of the call, the call and its public decision, by the key of the call."""
    return {
        call.pk: {**vars(call), "_call": call, "_decision": call.public_decision()} for call in rows
    }


def call_words(words: Callable[[Call], object]) -> FieldSource:
    return FieldSource(of=lambda row: words(row["_call"]))


def of_decision(name: str) -> FieldSource:
    """An attribute of the decision; None before the decision is public."""
    return FieldSource(of=lambda row: getattr(row["_decision"], name, None))


def announced(name: str) -> FieldSource:
    return FieldSource(of=lambda row: getattr(row["_call"].announced_counts(), name))


def mode_label(record: Record) -> str | None:
    decision: Decision | None = record["_decision"]
    return str(decision.get_mode_display()) if decision else None


SOURCES = {
    "phase": call_words(lambda call: call.phase().value),
    "phase_label": call_words(lambda call: capfirst(str(call.phase().label))),
    "opens_precision": call_words(lambda call: call.opens_precision if call.opens_at else None),
    "opens": call_words(lambda call: call.opens()),
    "closes_precision": call_words(lambda call: call.closes_precision if call.closes_at else None),
    "closes": call_words(lambda call: call.closes()),
    "priorities": terms(lambda: Call.priorities.through.objects.all(), "priority", "call"),
    "topics": terms(lambda: Call.topics.through.objects.all(), "topic", "call"),
    "rules": call_words(
        lambda call: [f"{rule.label}: {rule.in_words()}" for rule in rules_of(call)]
    ),
    "received_count": announced("received"),
    "eligible_count": announced("eligible"),
    "funded_count": announced("funded"),
    "amounts": call_words(
        lambda call: [str(row) for row in summed_amounts(call.projects.public().money())]
    ),
    "decided_by": of_decision("body"),
    "decided_on": of_decision("decided_on"),
    "announced_on": of_decision("announced_on"),
    "decision_mode": of_decision("mode"),
    "decision_mode_label": FieldSource(of=mode_label),
    "decision_meeting": of_decision("meeting"),
    "decision_reference": of_decision("reference"),
    "decision_published_at": of_decision("published_at"),
    "sources": citations("call"),
    "address": call_words(lambda call: call_address(call.slug)),
}

CALLS = build_table("calls", lambda: Call.objects.public().for_list(), SOURCES, base=read_calls)
