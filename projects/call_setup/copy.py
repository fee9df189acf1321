"""Rules and texts from an earlier call, and standard questions: nobody types them each year."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import check_call
from projects.models import Call, Question, Score
from projects.models.assessments import criteria_locked
from projects.permissions import CHANGE_CALL, require
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

# The budget is each call's own.
RULES = [
    "floor_eur",
    "ceiling_eur",
    "min_cofunding_percent",
    "max_months",
    "min_member_states",
    "lead_from_member_state",
    "decided_by_two",
    "assessors_needed",
    "is_anonymised",
    "how_to_apply",
    "applicant_kinds",
    "contact",
    "letterhead",
    "signatory",
]
# The lists of a call, each with what tells its rows apart.
# Criteria come before the questions that serve them.
PARTS = {
    "criteria": "name",
    "questions": "text",
    "ineligibility_reasons": "text",
    "letter_templates": "kind",
}


class MissingSetup(NamedTuple):
    """The fields with values, and the rows, that an earlier call has and a new call lacks."""

    rules: dict[str, Any]
    parts: dict[str, list[Any]]


def missing_setup(call: Call, earlier: Call) -> MissingSetup:
    """The content that a call would copy: only empty fields are filled in."""
    new = Call()
    rules = {
        name: getattr(earlier, name)
        for name in RULES
        if getattr(call, name) == getattr(new, name) != getattr(earlier, name)
    }
    parts = {}
    for part, column in PARTS.items():
        existing = getattr(call, part).values_list(column, flat=True)
        parts[part] = list(getattr(earlier, part).exclude(**{f"{column}__in": existing}))
    return MissingSetup(rules, parts)


def copy_setup(call: Call, earlier: Call, by: User) -> MissingSetup:
    """Copy missing parts from the earlier call in one change set. Returns the copied parts."""
    require(by, CHANGE_CALL)
    reason = _("From %(call)s") % {"call": earlier}
    with recording.change_set(by, channel=Channel.EARLIER_CALL, reason=reason):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        if Score.objects.filter(criterion__call=call).exists():
            raise ValidationError(criteria_locked())
        missing = missing_setup(call, earlier)
        if not missing.rules and not any(missing.parts.values()):
            raise ValidationError(
                _("“%(call)s” already has everything that can be copied from “%(earlier)s”.")
                % {"call": call, "earlier": earlier}
            )
        for name, value in missing.rules.items():
            setattr(call, name, value)
        call.full_clean(validate_unique=False)
        call.save(update_fields=list(missing.rules))
        for part, rows in missing.parts.items():
            _add(call, part, rows)
        check_call(call)
        bump_version(Call, [call.pk])
        return missing


def _add(call: Call, part: str, rows: Iterable[Any]) -> None:
    manager = getattr(call, part)
    fields = [
        field.attname
        for field in manager.model._meta.local_concrete_fields
        if not field.primary_key and field.name != "call"
    ]
    new = [
        manager.model(call=call, **{name: getattr(row, name) for name in fields}) for row in rows
    ]
    if part == "questions":
        criteria = {criterion.name: criterion for criterion in call.criteria.all()}
        for question in new:
            question.criterion = question.criterion and criteria.get(question.criterion.name)
    manager.bulk_create(new)


def add_standard_questions(call: Call, by: User) -> None:
    """Give a call without questions the standard ones. Raises ValidationError if it has some."""
    require(by, CHANGE_CALL)
    with recording.change_set(by, channel=Channel.FORM, reason=_("Standard questions")):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        if call.questions.exists():
            raise ValidationError(_("The call has questions already."))
        file = Path(__file__).with_name("questions.toml")
        questions = tomllib.loads(file.read_text("utf-8"))["questions"]
        Question.objects.bulk_create(
            Question(call=call, position=position, **question)
            for position, question in enumerate(questions, start=1)
        )
        bump_version(Call, [call.pk])
