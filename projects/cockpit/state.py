"""Where calls stand: the stage of each, its facts, its next act, and what is blocked."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.cockpit.groups import GROUPS, SCREENED, UNMET, Screened, numbers_by_call, screen
from projects.decisions.blockers import decision_blockers
from projects.eligibility.rules import Verdict
from projects.models import Assessment, Call, Declaration, Phase, Project, ProjectStatus
from projects.models.calls import CallQuerySet
from projects.permissions import VIEW_CALL, VIEW_PROJECT
from projects.stages import CallStage
from psf.accounts.roles import EDITOR, ROLES

DECLARED = tomllib.loads((Path(__file__).parent / "cockpit.toml").read_text(encoding="utf-8"))
TITLES: dict[str, str] = DECLARED["groups"]
# The groups that decide the stage.
FOR_STAGE = ["to-assess", "without-letter", "letter-waiting", "letter-sent", "managed"]
COUNTED = {*GROUPS, *(status.replace("_", "-") for status in ProjectStatus.values)}
COUNTED |= {"received", "assigned", "assessed", "conflicts"}
LONG_TEXTS = ["summary", "description", "internal_note", "folded"]


def short_day(day: date | None) -> str:
    """Such as 29 Nov 2026; "" for None."""
    return date_format(day, "j M Y") if day else ""


@dataclass
class CallState:
    """A call with its numbers of applications, by status and by group, and of assessments.

    `state["to-assess"]` is a number or a text for the declared sentences.
    """

    call: Call
    numbers: dict[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        if name in SCREENED:
            return len(self.in_group(name))
        if name == "broken-rules":
            return _broken_rules(self.in_group(UNMET))
        if name in COUNTED:
            return self.numbers.get(name, 0)
        return self.values[name]

    @cached_property
    def screened(self) -> list[Screened]:
        """The submitted applications with their findings, once the call has closed."""
        return screen(self.call) if self["submitted"] else []

    def in_group(self, key: str) -> list[Screened]:
        return [row for row in self.screened if row.group() == key]

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values beside the numbers of applications. Days are in words."""
        call, number = self.call, self.numbers.get
        decision = call.recorded_decision()
        drafted = sum(number(f"draft-{name}", 0) for name in ["funded", "reserve", "rejected"])
        public, results = call.scheduled_for(), decision.published_at if decision else None
        results_day = short_day(timezone.localtime(results)) if results else ""
        is_planned = bool(decision and results and not decision.is_public())
        return {
            "public": call.is_public(),
            "hidden": call.published_at is None,
            "form": call.has_questions,
            "public-later": short_day(timezone.localtime(public)) if public else "",
            "lacking": get_text_list(_lacking(call), _("and")),
            "opening": call.opens(),
            "closing": call.closes() or _("a day that is not recorded"),
            "opening-day": short_day(call.day_of(call.opens_at))
            if call.opens_at and call.phase() == Phase.COMING
            else "",
            "closing-day": short_day(call.closing_day()),
            "due-day": short_day(call.assessments_due_on) if number("eligible") else "",
            "unassessed": number("assigned", 0) - number("assessed", 0),
            "drafted": drafted,
            "undrafted": 0 if drafted else number("eligible", 0),
            "decision-day": short_day(decision.decided_on) if decision else "",
            "results-planned": results_day if is_planned else "",
            "results-day": results_day,
        }

    @cached_property
    def stage(self) -> CallStage:
        phase, decision = self.call.phase(), self.call.recorded_decision()
        if phase in [Phase.COMING, Phase.OPEN]:
            return CallStage.PREPARE if phase == Phase.COMING else CallStage.OPEN
        if self["submitted"]:
            return CallStage.CHECK
        if self["eligible"]:
            return CallStage.ASSESS if self["to-assess"] else CallStage.DECIDE
        if not self["received"] and phase == Phase.IN_ASSESSMENT and decision is None:
            return CallStage.CHECK
        # After public results without any letter nobody writes letters.
        begun = self["letter-sent"] or not (decision and decision.is_public())
        if self["letter-waiting"] or (self["without-letter"] and begun):
            return CallStage.INFORM
        is_applied = decision is not None and decision.applied_at is not None
        if phase == Phase.IN_ASSESSMENT or (is_applied and phase != Phase.DECIDED):
            return CallStage.PUBLISH
        return CallStage.FOLLOW if self["managed"] else CallStage.CLOSE

    @property
    def number(self) -> int:
        """The number of the stage, from 1."""
        return list(CallStage).index(self.stage) + 1

    def marks(self) -> list[tuple[str, int]]:
        """The nine marks of the stages: state and place."""
        return [(_when(number, self.number), 14 * (number - 1)) for number in range(1, 10)]


def _when(number: int, now: int) -> str:
    return "now" if number == now else "done" if number < now else "later"


def _lacking(call: Call) -> list[str]:
    """What the page of a call still lacks."""
    needed = [
        (call.opens_at and call.closes_at, _("opening and closing")),
        (call.budget_eur, _("budget")),
        (call.ceiling_eur, _("ceiling of a grant")),
        (call.how_to_apply or call.application_form_url, _("how to apply")),
        (call.contact, _("whom to ask")),
    ]
    return [label for value, label in needed if not value]


def _broken_rules(rows: list[Screened]) -> str:
    """Such as: Partners 2, Grant for one project 1."""
    findings = [finding for row in rows for finding in row.findings]
    broken = [row.rule.label for row in findings if row.verdict == Verdict.BROKEN]
    return ", ".join(f"{label} {count}" for label, count in Counter(broken).items())


def states_of(calls: Iterable[Call], groups: Iterable[str] = GROUPS) -> list[CallState]:
    """The states of calls, with the numbers of these groups, in two queries at most."""
    calls = list(calls)
    numbers = numbers_by_call(calls, groups)
    assessments = _assessments_of(calls) if groups is GROUPS else {}
    return [
        CallState(call, numbers.get(call.pk, {}) | assessments.get(call.pk, {})) for call in calls
    ]


def _assessments_of(calls: list[Call]) -> dict[int, dict[str, int]]:
    is_counting, is_submitted = ~Q(declaration=Declaration.CONFLICT), Q(submitted_at__isnull=False)
    rows = Assessment.objects.filter(project__call__in=calls).order_by().values("project__call")
    counted: Any = rows.annotate(
        assigned=Count("pk", filter=is_counting),
        assessed=Count("pk", filter=is_submitted),
        conflicts=Count("pk", filter=~is_counting),
    )
    return {row.pop("project__call"): row for row in list(counted)}


def running_calls() -> CallQuerySet:
    """The calls that staff still work on: without those of earlier years."""
    projects = Project.objects.filter(call=OuterRef("pk"))
    undecided = projects.filter(status__in=[ProjectStatus.SUBMITTED, ProjectStatus.ELIGIBLE])
    managed = projects.filter(Q(GROUPS["managed"]()))
    waiting = projects.filter(Q(GROUPS["letter-waiting"]()))
    at_work = Q(Exists(undecided) | Exists(managed) | Exists(waiting))
    at_work |= Q(decision__applied_at__isnull=False, decision__published_at=None)
    for phase in [Phase.COMING, Phase.OPEN, Phase.IN_ASSESSMENT]:
        at_work |= Q(pk__in=Call.objects.in_phase(phase).order_by().values("pk"))
    calls = Call.objects.filter(at_work).with_own_form()
    return calls.select_related("decision").defer(*LONG_TEXTS)


def running_states(user: User | AnonymousUser, groups: Iterable[str] = GROUPS) -> list[CallState]:
    """The states of the running calls, as far as the account may see calls."""
    if not user.has_perm(VIEW_CALL):
        return []
    states = states_of(running_calls(), groups)
    return [state for state in states if state.stage != CallStage.CLOSE]


def address(call: Call, page: str) -> str:
    """The address of a page of a call, or of a list of its projects: "project:group=ended"."""
    kind, colon, query = page.partition(":")
    if colon:
        projects = reverse(f"admin:projects_{kind}_changelist")
        return f"{projects}?call__id__exact={call.pk}" + (f"&{query}" if query else "")
    return reverse(f"admin:projects_{page}", args=[call.pk])


# The strip of stages


class StageStep(NamedTuple):
    """A stage in the strip: its fact, and the page that it opens ("" without the permission)."""

    label: str
    state: str  # "done", "now", "later"
    fact: str
    url: str
    is_here: bool


def steps(state: CallState, user: User | AnonymousUser, here: str | None = None) -> list[StageStep]:
    """The strip of the nine stages. `here` is the stage of the page that shows it."""
    in_order = []
    for number, stage in enumerate(CallStage, 1):
        declared = DECLARED["stages"][stage.value]
        texts = [text for name, text in declared["facts"] if state[name]]
        fact = texts[0].format_map(state) if texts else ""
        when = _when(number, state.number)
        page = declared.get("later", declared["page"]) if when == "done" else declared["page"]
        url = address(state.call, page) if user.has_perm(declared["permission"]) else ""
        in_order.append(StageStep(str(stage.label), when, fact, url, stage == here))
    return in_order


# The next act, and what is blocked


class NextAct(NamedTuple):
    """The next act as an account sees it. `url` is "" if somebody else must act."""

    sentence: str
    note: str
    label: str
    url: str
    list_label: str = ""
    list_url: str = ""


class Blocked(NamedTuple):
    """Applications that cannot go on: their number, the reason, and the list of exactly them."""

    number: int
    reason: str
    url: str


def _applying(state: CallState, table: str) -> list[dict[str, str]]:
    rows = [row for row in DECLARED[table] if row["stage"] == state.stage]
    return [row for row in rows if "if" not in row or state[row["if"]]]


def _sentence(state: CallState, row: dict[str, str]) -> str:
    is_one = "one" in row and state[row["if"]] == 1
    return row["one" if is_one else "sentence"].format_map(state)


def next_act(state: CallState, user: User) -> NextAct:
    """The first act of the stage that applies, with its pages as far as the account may act."""
    act = _applying(state, "acts")[0]
    may, note = user.has_perm(act["permission"]), act.get("note", "")
    page, label = act["page"], act["button"].format_map(state)
    if page == "call_apply_decision" and may and (blockers := decision_blockers(state.call, user)):
        note, page, label = blockers[0], "call_decision", _("Open the draft")
    is_listed = "list" in act and user.has_perm(VIEW_PROJECT)
    return NextAct(
        _sentence(state, act),
        f"{_who(act['permission'])} {note}".strip(),
        label,
        address(state.call, page) if may else "",
        act["list"].format_map(state) if is_listed else "",
        address(state.call, act["list_page"]) if is_listed else "",
    )


def _who(permission: str) -> str:
    """The roles with the permission; "" if everybody has it."""
    if permission == VIEW_CALL:
        return ""
    if permission in ROLES[EDITOR]:
        return _("An editor or a publisher does this.")
    return _("A publisher does this.")


def blocked(state: CallState, user: User) -> list[Blocked]:
    """What is blocked at the present stage, as far as the account may see it."""
    return [
        Blocked(
            state[row["if"]],
            _sentence(state, row),
            address(state.call, f"project:group={row['if']}"),
        )
        for row in _applying(state, "blocked")
        if user.has_perm(row["permission"])
    ]
