"""The versions of the application form of a call, by the history of its questions and rules."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from projects.eligibility.rules import RULES
from projects.models import Call, Question
from psf.history.models import Action, Change
from psf.history.tracking import kind_of
from psf.history.words import sentences_by_change_set

# What readers see of the form. A change of anything else makes no version.
WATCHED = {
    kind_of(Question): ["text", "hint", "limit", "for_each_partner"],
    kind_of(Call): [*(name for rule in RULES for name in rule.fields), "closes_at"],
}


class FormVersion(NamedTuple):
    """A version after the first: when it began, and what changed, in sentences and in rows."""

    moment: datetime
    changes: list[str]
    rows: list[Change]


def form_versions(call: Call) -> list[FormVersion]:
    """The later versions of the form that readers have; [] for a call that is not public.

    The first version begins when the call is public and has questions.
    """
    if not call.published_at:
        return []
    of_call = Change.objects.filter(record_kind=kind_of(Call), record_key=str(call.pk))
    rows = of_call.filter(kind__in=WATCHED).select_related("change_set").order_by("pk")
    changes = [change for change in rows if _is_watched(change)]
    sets = {change.change_set_id: change.change_set for change in changes}
    first = next((row.change_set_id for row in changes if row.kind == kind_of(Question)), None)
    return [
        FormVersion(
            sets[key].made_at,
            [row.sentence for row in sentences],
            [change for change in changes if change.change_set_id == key],
        )
        for key, sentences in sentences_by_change_set(changes).items()
        if first and key > first and sets[key].made_at > call.published_at
    ]


def questions_before(call: Call, later: Iterable[FormVersion]) -> list[Question]:
    """The questions of the call as they were before its later versions, without deleted ones."""
    questions = {str(row.pk): row for row in call.questions.order_by("position", "pk")}
    rows = [row for version in later for row in version.rows if row.kind == kind_of(Question)]
    for row in reversed(rows):
        if row.action == Action.ADDED:
            questions.pop(row.key, None)
        elif question := questions.get(row.key):
            vars(question).update(row.old())
    return [*questions.values()]


def _is_watched(change: Change) -> bool:
    """Whether readers see something of the change, which loses everything else."""
    names = WATCHED[change.kind]
    change.before, change.after = (
        {name: value for name, value in row.items() if name in names}
        for row in [change.old(), change.new()]
    )
    return bool(change.before or change.after)
