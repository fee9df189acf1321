"""Letters from the texts of a call and the records, as text and PDF."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from projects.models import AmountKind, Call, Letter, LetterKind, LetterTemplate, Project
from projects.models.choices import FUNDED_STATUSES, LETTERS
from projects.models.letters import LetterQuerySet, fill, missing_placeholders
from projects.models.projects import ProjectQuerySet
from projects.permissions import DECIDE, require
from psf.database.record_version import lock
from psf.history import recording
from psf.history.models import Channel
from psf.text.dates import Precision, describe
from psf.text.numbers_and_amounts import eur
from psf.text.phrases import paragraphs_of


def create_letters(call: Call, by: User) -> list[Letter]:
    """Create a letter for each decided application without a sent letter. Returns new letters.

    A waiting letter with the same content stays, also if it was edited; other waiting letters are
    cancelled. An applicant with a sent letter gets another letter only by `correct_letter()`.
    Raises `ValidationError` with all missing values, and then creates nothing.
    """
    require(by, DECIDE)
    with recording.change_set(
        by, channel=Channel.LETTERS, reason=_("Letters of %(call)s") % {"call": call}
    ):
        call = lock(Call.objects.filter(pk=call.pk))[0]
        lock(call.projects.all())
        waiting = {letter.project_id: letter for letter in letters_of(call).waiting()}
        sent_to = set(letters_of(call).sent().values_list("project", flat=True))
        errors: list[str] = []
        letters = []
        for project in decided_applications(call.projects.all()):
            waiting_letter = waiting.get(project.pk)
            if waiting_letter is None and project.pk in sent_to:
                continue
            try:
                letter = compose(project, waiting_letter)
            except ValidationError as error:
                errors += error.messages
                continue
            if waiting_letter and waiting_letter.content() == letter.content():
                del waiting[project.pk]
            else:
                letters.append(letter)
        if errors:
            raise ValidationError(list(dict.fromkeys(errors)))
        Letter.objects.filter(pk__in=[letter.pk for letter in waiting.values()]).cancel(
            _("A new letter replaces it, or the application has no outcome now.")
        )
        for letter in letters:
            letter.made_by = by
            letter.save()
        return letters


def correct_letter(letter: Letter, by: User, reason: str) -> Letter:
    """Create a letter that replaces a sent letter. The reason opens the new letter."""
    require(by, DECIDE)
    if not reason.strip():
        raise ValidationError(_("Enter the reason, in a sentence for the applicant."))
    with recording.change_set(by, channel=Channel.LETTERS, reason=reason.strip()):
        project = lock(Project.objects.filter(pk=letter.project_id))[0]
        letter = lock(Letter.objects.filter(pk=letter.pk))[0]
        if letter.sent_at is None or letter.corrected_by.filter(cancelled_at=None).exists():
            raise ValidationError(
                _("Another letter replaces this letter already, or this letter was never sent.")
            )
        decided = decided_applications(Project.objects.filter(pk=project.pk))
        if not decided:
            raise ValidationError(
                _(
                    "%(project)s is %(status)s, and no kind of letter says so. Wait for an "
                    "outcome, or write to the applicant yourself."
                )
                % {"project": project.reference, "status": project.get_status_display()}
            )
        # The letter keeps where it was sent. Its replacement goes to the contact of today.
        has_contact = project.contacts.exclude(email="").exists()
        address = "" if has_contact else letter.address
        before = Letter(corrects=letter, correction=reason.strip(), address=address)
        new = compose(decided[0], before)
        new.made_by = by
        new.save()
        return new


def letters_that_change(letter: Letter) -> list[Letter]:
    """The other last sent letters of its kind in the call with another text or letterhead now.

    Letters with a waiting replacement, and applications with another outcome now, are left out.
    """
    statuses = [status for status, kind in LETTERS.items() if kind == letter.kind]
    sent = letters_of(letter.project.call).last_sent().select_related("project")
    letters = sent.filter(kind=letter.kind, project__status__in=statuses).exclude(pk=letter.pk)
    letters = letters.exclude(corrected_by__in=Letter.objects.waiting())
    decided = decided_applications(Project.objects.filter(letters__in=letters))
    applications = {project.pk: project for project in decided}
    return [
        row
        for row in letters
        if row.project_id in applications and outdated(row, applications[row.project_id])
    ]


def correct_letters_like(letter: Letter, by: User, reason: str) -> int:
    """Replace a sent letter and all `letters_that_change()`: all or none. Returns their number."""
    with recording.change_set(by, channel=Channel.LETTERS, reason=reason.strip()):
        letters = [letter, *letters_that_change(letter)]
        return len([correct_letter(row, by, reason) for row in letters])


def text_warnings(call: Call) -> list[str]:
    """Sentences about texts of letters that name another call: they were probably copied."""
    titles = Call.objects.exclude(pk=call.pk).order_by("title").values_list("title", flat=True)
    sentence = _("The text of the letter “%(kind)s” names another call, “%(title)s”.")
    return [
        sentence % {"kind": template, "title": title}
        for template in call.letter_templates.all()
        for title in titles
        if title in f"{template.subject} {template.body}".replace(call.title, "")
    ]


def projects_without_letter(call: Call) -> list[Project]:
    """The decided applications without a waiting or sent letter."""
    written = set(letters_of(call).filter(cancelled_at=None).values_list("project", flat=True))
    applications = decided_applications(call.projects.all())
    return [project for project in applications if project.pk not in written]


def outdated_letters(call: Call) -> dict[Letter, str]:
    """The letters that differ from the records, with what differs.

    Waiting letters differ in any text. Of the last sent letters, outcome and award are compared.
    """
    letters = letters_of(call).select_related("project")
    words = {letter: _recorded_now(letter) for letter in letters.last_sent()}
    waiting = list(letters.waiting())
    decided = decided_applications(
        Project.objects.filter(pk__in=[letter.project_id for letter in waiting])
    )
    applications = {project.pk: project for project in decided}
    words |= {letter: outdated(letter, applications.get(letter.project_id)) for letter in waiting}
    return {letter: difference for letter, difference in words.items() if difference}


def outdated(letter: Letter, decided: Project | None) -> str:
    """Why a waiting letter cannot be sent; "" if it agrees with the records and the texts.

    `decided` comes from `decided_applications()`.
    """
    with suppress(ValidationError):  # without all values the records give no letter
        if decided and letter.content() == compose(decided, letter).content():
            return ""
    return _recorded_now(letter) or _("the records or the texts of the call have changed")


def _recorded_now(letter: Letter) -> str:
    """The recorded outcome or award where it differs from the letter; "" if they agree."""
    project = letter.project
    is_funded = project.status in FUNDED_STATUSES
    if letter.kind != (LetterKind.AWARD if is_funded else LETTERS.get(project.status)):
        return _("the application is %(status)s now") % {"status": project.get_status_display()}
    award = _award(project)
    # Not as the end of a greater amount: 5 000 EUR in 65 000 EUR.
    whole_award = rf"(?<!\d)(?<!\d\s){re.escape(award)}"
    if award and "EUR" in letter.text and not re.search(whole_award, letter.text):
        return _("the award is %(award)s now") % {"award": award}
    return ""


def letters_of(call: Call) -> LetterQuerySet:
    return Letter.objects.filter(project__call=call).select_related("corrects")


def decided_applications(projects: ProjectQuerySet) -> list[Project]:
    """The applications whose outcome a letter can tell, by reference.

    Applications of old calls, without a decision applied here, are left out.
    """
    applications = projects.filter(status__in=LETTERS).with_partners()
    applications = applications.select_related("call__decision", "decision_line").prefetch_related(
        "call__letter_templates", "ineligibility_findings__reason"
    )
    return [
        project
        for project in applications.order_by("reference")
        if LETTERS[project.status] == LetterKind.NOT_ELIGIBLE or hasattr(project, "decision_line")
    ]


def compose(project: Project, before: Letter | None = None) -> Letter:
    """An unsaved letter with the values of now, to the address and in place of what `before` has.

    `project` comes from `decided_applications()`. Raises `ValidationError` with missing values.
    """
    template = _template_for(project)
    values = placeholder_values(project)
    if missing := missing_placeholders(f"{template.subject} {template.body}", values):
        raise ValidationError([missing_value_error(project, name) for name in missing])
    if values["conditions"] and "{conditions}" not in template.body:
        raise ValidationError(_NO_PLACE_FOR_CONDITIONS)
    letter = Letter(
        project=project,
        kind=template.kind,
        subject=" ".join(fill(template.subject, values).split()),
        corrects=before.corrects if before else None,
        correction=before.correction if before else "",
        address=before.address if before else "",
        letterhead=project.call.letterhead,
    )
    letter.text = "\n\n".join([*_opening(letter), *paragraphs_of(fill(template.body, values))])
    try:
        letter.clean_fields(exclude=["project", "corrects"])
    except ValidationError as error:
        raise ValidationError(
            [f"{project.reference}: {message}" for message in error.messages]
        ) from None
    return letter


_NO_PLACE_FOR_CONDITIONS = gettext_lazy(
    "Awards have conditions, but the text of their letters does not contain {conditions}. Add it "
    "on the form of the call."
)


def missing_value_error(project: Project, name: str) -> str:
    """The sentence about a placeholder without a value. Values of a call have one sentence."""
    of_call = {
        "decided_on": _("The day of the decision is missing. Enter it on the form of the call."),
        "decided_by": _("The body that decided is missing. Enter it on the form of the call."),
        "signatory": _("The signatory is missing. Enter it on the form of the call."),
    }
    words = _("%(project)s: the letter needs {%(name)s}, but nothing is recorded for it.")
    return of_call.get(name) or words % {"project": project.reference, "name": name}


def _opening(letter: Letter) -> list[str]:
    earlier = letter.corrects
    if earlier is None:
        return []
    day = describe(timezone.localdate(earlier.sent_at), Precision.DAY)
    sentence = _("This letter replaces our letter of %(day)s (“%(subject)s”).")
    words = sentence % {"day": day, "subject": earlier.subject}
    return [f"{words} {letter.correction}"]


def placeholder_values(project: Project) -> dict[str, str]:
    """The values of the placeholders; "" where nothing is recorded."""
    lead, line = project.lead(), getattr(project, "decision_line", None)
    reasons = [finding.reason for finding in project.ineligibility_findings.all()]
    is_out = LETTERS[project.status] == LetterKind.NOT_ELIGIBLE
    values = {
        "project": project.title,
        "reference": project.reference,
        "lead_partner": str(lead.partner or "") if lead else "",
        "call": project.call.title,
        "signatory": project.call.signatory,
        "decided_by": "",
        "decided_on": "",
        "reasons": "\n".join(reason.text for reason in reasons)
        if is_out
        else (line.reason if line else ""),
        "advice": "\n".join(reason.advice for reason in reasons if reason.advice),
        "award": _award(project),
        "conditions": "\n".join(line.conditions()) if line else "",
        "place": str(line.reserve_place or "") if line else "",
    }
    if decision := project.call.recorded_decision():
        values["decided_by"] = decision.body
        if decision.decided_on:
            values["decided_on"] = describe(decision.decided_on, Precision.DAY)
    return values


def _award(project: Project) -> str:
    is_award = project.status in FUNDED_STATUSES and project.amount_kind == AmountKind.AWARDED
    return eur(project.amount_eur) if is_award and project.amount_eur is not None else ""


def _template_for(project: Project) -> LetterTemplate:
    kind = LETTERS[project.status]
    templates = [text for text in project.call.letter_templates.all() if text.kind == kind]
    if not templates:
        raise ValidationError(
            _("The call has no text for letters of this kind: %(kind)s.")
            % {"kind": LetterKind(kind).label}
        )
    return templates[0]


LAYOUT = Path(__file__).with_name("letter.typ").read_bytes()


def as_pdf(letters: Sequence[Letter]) -> bytes:
    """One document of the letters in their order."""
    title = letters[0].subject if len(letters) == 1 else _("Letters")
    data = json.dumps([_data(letter) for letter in letters])
    return compile_pdf(LAYOUT, {"title": title, "letters": data})


def compile_pdf(layout: bytes, inputs: dict[str, str]) -> bytes:
    """A tagged PDF/UA document, readable by screen readers."""
    import typst  # imported late, because the module takes much memory in every worker

    def compiled(standard: Literal["ua-1"] | None) -> bytes:
        # Only the font of typst itself: the same document on every machine.
        return typst.compile(
            layout,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=standard,
            ignore_system_fonts=True,
        )

    try:
        return compiled("ua-1")
    except typst.TypstError:  # PDF/UA refuses a character that is missing in the font
        return compiled(None)


def _data(letter: Letter) -> dict[str, object]:
    return {
        "letterhead": letter.letterhead.splitlines(),
        "day": describe(timezone.localdate(letter.made_at), Precision.DAY),
        "reference": letter.project.reference,
        "subject": letter.subject,
        "paragraphs": [part.split("\n") for part in letter.text.split("\n\n")],
    }
