"""The standard questions of an application form."""

import tomllib
from pathlib import Path

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.models import Call, Question
from projects.permissions import CHANGE_CALL, require
from psf.database.record_version import bump_version, lock
from psf.history import recording
from psf.history.models import Channel

STANDARD_QUESTIONS = Path(__file__).with_suffix(".toml")


def add_standard_questions(call: Call, by: User) -> None:
    """Give a call without questions the standard ones. Raises ValidationError if it has some."""
    require(by, CHANGE_CALL)
    with recording.change_set(by, channel=Channel.FORM, reason=_("Standard questions")):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        if call.questions.exists():
            raise ValidationError(_("The call has questions already."))
        questions = tomllib.loads(STANDARD_QUESTIONS.read_text("utf-8"))["questions"]
        Question.objects.bulk_create(
            Question(call=call, position=position, **question)
            for position, question in enumerate(questions, start=1)
        )
        bump_version(Call, [call.pk])
