"""The draft of the decision as a form: a line for each eligible application, in groups."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.forms.models import model_to_dict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy

from partners.models import Country
from projects.assessment.ranking import Ranked, ranked_list, rounded
from projects.decisions.draft import (
    HEAD,
    ORDER,
    RESERVE,
    line_of,
    load_draft,
    number_of_funded,
    possible_award,
    propose,
    tags_of_differences,
)
from projects.models import Call, Decision, DecisionLine, Outcome, Project, ProjectStatus
from projects.models.decisions import CONDITIONS, PROPOSED
from projects.post_award.admin.forms import typed_field
from psf.database.constraints import GREATEST_COUNT
from psf.staff.edit_conflicts import format_field_value
from psf.staff.forms import PlainTextForm, StaffForm
from psf.staff.widgets import AmountField, NumberField
from psf.text.numbers_and_amounts import HOW_TO_WRITE

UNRANKED = GREATEST_COUNT  # sorts after every rank


class LineForm(PlainTextForm):
    """The proposal for one application. The template writes its fields."""

    outcome = forms.ChoiceField(choices=[("", ""), *Outcome.choices], required=False)
    award_eur = AmountField(required=False)
    reserve_place = NumberField(min_value=1, max_value=GREATEST_COUNT, required=False)
    reason = forms.CharField(max_length=1000, required=False)
    condition_signature = forms.CharField(max_length=400, required=False)
    condition_interim = forms.CharField(max_length=400, required=False)
    condition_final = forms.CharField(max_length=400, required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        project: Project,
        ranked: Ranked | None,
        line: DecisionLine | None,
    ) -> None:
        initial = {name: getattr(line, name) for name in self.base_fields} if line else {}
        super().__init__(data, prefix=str(project.pk), initial=initial)
        self.project = project
        self.rank = ranked.place if ranked else None
        self.result = rounded(ranked.result) if ranked else None
        self.possible = possible_award(project)
        lead = project.lead_country()
        self.lead = lead.code if lead else ""
        self.tag = ""

    def values(self) -> Mapping[str, Any]:
        """The typed values, or those with which the form opens."""
        return self.cleaned_data if self.is_bound and self.errors is not None else self.initial

    def shown(self) -> dict[str, Any]:
        """The values of the fields as the page shows them."""
        return {name: self[name].value() for name in self.fields}

    def group(self) -> str:
        return self.values().get("outcome") or ""

    def order(self) -> tuple[int, int]:
        place = self.values().get("reserve_place") if self.group() == Outcome.RESERVE else 0
        return place or 0, self.rank or UNRANKED

    def stored_words(self) -> str:
        values = [(self.fields[name], value) for name, value in self.initial.items() if value]
        return ", ".join(format_field_value(field, value) for field, value in values)

    def as_line(self, reason_for_all: str) -> DecisionLine:
        """The line of the typed values. What the outcome does not need, the page does not show."""
        data = self.cleaned_data
        is_funded = data["outcome"] == Outcome.FUNDED
        is_rejected = data["outcome"] == Outcome.REJECTED
        return DecisionLine(
            project=self.project,
            outcome=data["outcome"],
            award_eur=data["award_eur"] if is_funded else None,
            reserve_place=data["reserve_place"] if data["outcome"] == Outcome.RESERVE else None,
            reason=data["reason"] or (reason_for_all if is_rejected else ""),
            **{name: data[name] if is_funded else "" for name in CONDITIONS},
        )

    def conditions(self) -> list[str]:
        """The conditions of the award as shown, each with when it is due."""
        return DecisionLine(
            **{name: self.values().get(name, "") for name in CONDITIONS}
        ).conditions()


class ProposeForm(StaffForm):
    """The line of the decision: how many applications from the top are funded, then reserve."""

    method, form_id = "get", "propose"
    fund = NumberField(
        label=gettext_lazy("Applications to fund"), min_value=0, max_value=GREATEST_COUNT
    )
    reserve = NumberField(
        label=gettext_lazy("Applications on the reserve list"),
        min_value=0,
        max_value=GREATEST_COUNT,
    )


class DraftForm(StaffForm):
    """The draft of the decision: a line for each eligible application.

    Without a stored draft, or where `line` asks for it, the form opens with the proposal from the
    ranked list. Applications without a result that this account may read stay open.
    """

    form_id = "decision_form"
    how_to_write_amounts = HOW_TO_WRITE
    dues = CONDITIONS.items()
    reason_for_all = forms.CharField(
        label=gettext_lazy("Reason for all rejected"), max_length=1000, required=False
    )

    def __init__(self, *sent: Any, call: Call, user: User | None, line: ProposeForm) -> None:
        super().__init__(*sent)
        self.line, self.draft = line, load_draft(call)
        self.outcomes = [("", _("open")), *((row.value, str(row.label)) for row in Outcome)]
        self._add_head(call)
        reserve = call.projects.filter(status=ProjectStatus.RESERVE)
        last = reserve.aggregate(last=Max("decision_line__reserve_place"))["last"] or 0
        self.first_place = last + 1  # of the reserve list of this draft
        ranked = [row for row in ranked_list(call, user).rows if row.place]
        waiting = [row for row in ranked if row.project.status == ProjectStatus.ELIGIBLE]
        # A typed line takes the place of the stored one of its project.
        self.stored_lines = stored_lines = {
            row.pk: stored for row in self.draft.rows if (stored := line_of(row))
        }
        proposed = {} if self.is_bound else self._proposed(call, waiting, bool(stored_lines))
        self.is_proposal = bool(proposed)
        data, rows = (self.data if self.is_bound else None), {row.project.pk: row for row in ranked}
        self.lines = [
            LineForm(
                data, project, rows.get(project.pk), (proposed or stored_lines).get(project.pk)
            )
            for project in self.draft.rows
        ]
        if not self.is_bound:
            self._take_the_reason_for_all()

    def _add_head(self, call: Call) -> None:
        """The facts of the decision. Once readers see them, only the form of the call has them."""
        decision = call.recorded_decision() or Decision(call=call)
        if decision.published_at is None:
            self.initial.update(model_to_dict(decision, HEAD))
            meta: Any = Decision._meta
            options = {"required": False, "help_text": ""}
            self.fields |= {
                name: typed_field(meta.get_field(name), label=label, **options)
                for name, label in HEAD.items()
            }

    def _proposed(
        self, call: Call, ranked: list[Ranked], has_draft: bool
    ) -> dict[int, DecisionLine]:
        """The proposal by project: the one that `line` asks for, or the first one of the call."""
        if self.line.is_bound and self.line.is_valid():
            fund, reserve = self.line.cleaned_data["fund"], self.line.cleaned_data["reserve"]
        elif has_draft or call.budget_eur is None:
            return {}
        else:
            fund, reserve = number_of_funded(ranked, self.draft.free()), RESERVE
        lines = propose(ranked, fund, reserve, self.first_place)
        return {line.project_id: line for line in lines}

    def _take_the_reason_for_all(self) -> None:
        """The reason that several rejected lines share stands above them, once."""
        rejected = [line for line in self.lines if line.group() == Outcome.REJECTED]
        reasons = Counter(line.initial["reason"] for line in rejected if line.initial["reason"])
        shared = {text for text, number in reasons.most_common(1) if number > 1}
        self.initial["reason_for_all"] = "".join(shared)
        for line in rejected:
            if line.initial["reason"] in shared:
                line.initial["reason"] = ""

    def clean(self) -> dict[str, Any]:
        wrong = [line for line in self.lines if line.errors]  # all are cleaned
        if wrong:
            raise ValidationError(_("Nothing was saved: correct the fields that are marked below."))
        return super().clean() or {}

    def head(self) -> dict[str, object]:
        """The facts of the decision that were sent."""
        data = self.cleaned_data
        return {name: data[name] for name in HEAD if name in data and name in self.data}

    def content(self) -> list[DecisionLine]:
        reason = self.cleaned_data["reason_for_all"]
        return [line.as_line(reason) for line in self.lines]

    def differences(self) -> list[str]:
        """Sentences about stored lines unlike the typed ones; a stored line fills an empty one."""
        sentence = _("%(project)s is saved as: %(line)s. When you save, your line replaces it.")
        sentences = []
        for number, (line, typed) in enumerate(zip(self.lines, self.content(), strict=True)):
            stored_line = self.stored_lines.get(line.project.pk)
            if not line.group():
                self.lines[number] = LineForm(None, line.project, None, stored_line)
            elif stored_line and any(
                getattr(typed, name) != getattr(stored_line, name) for name in PROPOSED
            ):
                names = {"project": line.project.reference, "line": line.stored_words()}
                sentences.append(sentence % names)
        return sentences

    # What the page shows

    def table(self) -> SafeString:
        """The lines in their groups as HTML. Jinja writes hundreds of lines in little time."""
        return SafeString(render_to_string("_decision.html", {"form": self}))

    def address(self, project: Project) -> str:
        return reverse("admin:projects_project_change", args=[project.pk])

    @cached_property
    def groups(self) -> dict[str, list[LineForm]]:
        """The lines by outcome, as the draft orders them, each with its difference."""
        groups: dict[str, list[LineForm]] = {outcome: [] for outcome in ORDER}
        for line in sorted(self.lines, key=LineForm.order):
            groups[line.group()].append(line)
        lines_in_order = [line for lines in groups.values() for line in lines]
        tags = tags_of_differences([(line.group(), line.rank) for line in lines_in_order])
        for line, tag in zip(lines_in_order, tags, strict=True):
            line.tag = tag
        return groups

    @cached_property
    def sums(self) -> dict[str, Any]:
        """The sums of the lines as shown, and the first line that is not funded."""
        groups = self.groups
        funded = groups[Outcome.FUNDED]
        not_funded = groups[Outcome.RESERVE] + groups[Outcome.REJECTED]
        unknown = sum(line.values().get("award_eur") is None for line in funded)
        spent = sum((line.values().get("award_eur") or 0 for line in funded), Decimal())
        free = self.draft.free()
        reserve = [line.project.requested_eur or 0 for line in groups[Outcome.RESERVE]]
        balance = None if free is None else free - spent
        scale = max(self.draft.budget or 0, self.draft.awarded_before + spent, Decimal(1))
        return {
            "spent": spent,
            "left": balance,
            "over": max(-(balance or 0), 0),
            "reserve": sum(reserve, Decimal()),
            "before_width": round(1000 * self.draft.awarded_before / scale),
            "width": round(1000 * spent / scale),
            "leads": list(dict.fromkeys(line.lead for line in funded if line.lead)),
            "without_award": unknown,
            "moved": sum(bool(line.tag) for line in self.lines),
            "next": not_funded[0] if not_funded else None,
            "is_equal": bool(funded and not_funded and funded[-1].rank == not_funded[0].rank),
            "complete": sum(bool(line.group()) for line in self.lines) - unknown,
            "own_reasons": sum(
                bool(line.values().get("reason")) for line in groups[Outcome.REJECTED]
            ),
        }

    def countries(self) -> list[tuple[Country, dict[str, Any]]]:
        """The country balance of the lines as shown: leads, awards and partners of any role."""
        shares: dict[Country, dict[str, Any]] = defaultdict(
            lambda: {"led": 0, "funded": 0, "award": Decimal(), "partners": 0}
        )
        for line in self.lines:
            is_funded = line.group() == Outcome.FUNDED
            if lead := line.project.lead_country():
                shares[lead]["led"] += 1
                shares[lead]["funded"] += is_funded
                shares[lead]["award"] += (line.values().get("award_eur") or 0) if is_funded else 0
            for part in line.project.partnerships.all():
                shares[part.country]["partners"] += is_funded
        return sorted(shares.items(), key=lambda row: row[0].name)
