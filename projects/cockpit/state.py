"""Where calls stand: groups of their applications, the stage, the next act, and what is blocked.

The cockpit counts the groups, and the list of projects shows exactly the counted records.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from projects.assessment.assignment import has_too_few
from projects.decisions.blockers import decision_blockers
from projects.eligibility.rules import RuleFinding, Verdict, check_rules, lateness_of, rules_of
from projects.models import (
    Assessment,
    Call,
    Letter,
    Outcome,
    Phase,
    Project,
    ProjectStatus,
    Report,
)
from projects.models.calls import CallQuerySet
from projects.models.choices import (
    ACTIVE_STATUSES,
    DECIDED_STATUSES,
    FUNDED_STATUSES,
    LETTERS,
)
from projects.models.post_award import WITH_OPEN_ACCOUNT
from projects.permissions import VIEW_CALL, VIEW_PROJECT
from projects.stages import CallStage
from projects.workflow.admin import MOST_AT_ONCE, selection_url
from psf.accounts.roles import EDITOR, ROLES

# Groups of applications


ELIGIBLE = Q(status=ProjectStatus.ELIGIBLE)
# Calls of earlier years have awards that nobody manages here.
DECIDED_HERE = Q(call__decision__applied_at__isnull=False)


def _of(rows: QuerySet) -> Any:
    return rows.filter(project=OuterRef("pk"))


def _drafted(outcome: str) -> Callable[[], Q]:
    return lambda: ELIGIBLE & Q(decision_line__outcome=outcome)


def _without_letter() -> Q:
    written = _of(Letter.objects.filter(cancelled_at=None))
    return Q(~Exists(written), DECIDED_HERE, status__in=LETTERS)


def _unsigned() -> Q:
    lacking = Q(agreement__isnull=True) & DECIDED_HERE
    lacking |= Q(agreement__isnull=False, agreement__lead_signed_on=None)
    lacking |= Q(agreement__isnull=False, agreement__we_signed_on=None)
    return Q(status__in=ACTIVE_STATUSES) & lacking


def _managed() -> Q:
    """The active projects that are not over: calls of earlier years have none."""
    running = Q(agreement__isnull=False, agreement__closed_on=None)
    running |= Q(ends_on__gte=timezone.localdate()) | Q(ends_on=None) & DECIDED_HERE
    return Q(status__in=ACTIVE_STATUSES) & running


def _reports(**conditions: Any) -> Exists:
    return Exists(_of(Report.objects.of_awards().filter(**conditions)))


GROUPS: dict[str, Callable[[], Q | Exists]] = {
    "ever-eligible": lambda: Q(status__in=[ProjectStatus.ELIGIBLE, *DECIDED_STATUSES]),
    "ever-funded": lambda: Q(status__in=FUNDED_STATUSES),
    "to-assign": lambda: has_too_few(Assessment.objects.counting()),
    "to-assess": lambda: has_too_few(Assessment.objects.filter(submitted_at__isnull=False)),
    "without-outcome": lambda: ELIGIBLE & Q(decision_line__isnull=True),
    "without-reason": lambda: _drafted(Outcome.REJECTED)() & Q(decision_line__reason=""),
    "draft-funded": _drafted(Outcome.FUNDED),
    "draft-reserve": _drafted(Outcome.RESERVE),
    "draft-rejected": _drafted(Outcome.REJECTED),
    "without-letter": _without_letter,
    "letter-waiting": lambda: Exists(_of(Letter.objects.waiting())),
    "letter-sent": lambda: Exists(_of(Letter.objects.sent())),
    "unsigned": _unsigned,
    "report-late": lambda: _reports(due_on__lt=timezone.localdate(), received_on=None),
    "report-received": lambda: _reports(received_on__isnull=False, approved_on=None),
    "managed": _managed,
    "open-account": lambda: WITH_OPEN_ACCOUNT,
    "ended": lambda: Q(status__in=ACTIVE_STATUSES, ends_on__lt=timezone.localdate()),
}


# Screening: the rules of the call are checked in Python, as everywhere.

SCREENED = READY, UNMET, UNKNOWN, LATE = "ready", "unmet", "unknown", "late"


class Screened(NamedTuple):
    """A submitted application with the findings of the rules, and its group."""

    project: Project
    findings: list[RuleFinding]
    late: str

    def group(self) -> str:
        verdicts = [finding.verdict for finding in self.findings]
        if Verdict.BROKEN in verdicts:
            return UNMET
        if Verdict.UNKNOWN in verdicts:
            return UNKNOWN
        return LATE if self.late else READY


def screen(call: Call) -> list[Screened]:
    """The submitted applications of a closed call, in a fixed number of queries."""
    if call.closes_at is None or call.closes_at > timezone.now():
        return []
    rules = rules_of(call)
    projects = call.projects.for_rules().filter(status=ProjectStatus.SUBMITTED)
    return [
        Screened(project, check_rules(project, rules), lateness_of(project))
        for project in projects.order_by("reference")
    ]


def in_group(projects: QuerySet, key: str) -> Any:
    if key in GROUPS:
        return projects.filter(Q(GROUPS[key]()))
    calls = Call.objects.filter(pk__in=projects.order_by().values("call"))
    keys = [row.project.pk for call in calls for row in screen(call) if row.group() == key]
    return projects.filter(pk__in=keys)


# The state of a call

DECLARED = tomllib.loads((Path(__file__).parent / "cockpit.toml").read_text(encoding="utf-8"))
TITLES: dict[str, str] = DECLARED["groups"]
# The groups that decide the stage.
FOR_STAGE = [
    "to-assess",
    "without-letter",
    "letter-waiting",
    "letter-sent",
    "managed",
    "open-account",
]
COUNTED = {*GROUPS, *(status.replace("_", "-") for status in ProjectStatus.values)}
COUNTED |= {"received", "assigned", "assessed"}
LONG_TEXTS = ["summary", "description", "internal_note", "folded"]


def short_day(day: date | None) -> str:
    """Such as 29 Nov 2026; "" for None."""
    return date_format(day, "j M Y") if day else ""


@dataclass
class CallState:
    """A call with its numbers of applications, by status and by group, and of assessments.

    `state["to-assess"]` is a number or a text for the declared sentences. Only the pages of one
    call check the rules of the submitted applications.
    """

    call: Call
    numbers: dict[str, int]
    is_screened: bool

    def __getitem__(self, name: str) -> Any:
        if name in SCREENED:
            return len(self.in_group(name))
        if name == "batch":
            return min(self[READY], MOST_AT_ONCE)
        if name == "broken-rules":
            return _broken_rules(self.in_group(UNMET))
        if name in COUNTED:
            return self.numbers.get(name, 0)
        return self.values[name]

    @cached_property
    def screened(self) -> list[Screened]:
        """The submitted applications with their findings, once the call has closed."""
        return screen(self.call) if self.is_screened and self["submitted"] else []

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
            "unscreened": 0 if self.is_screened else number("submitted", 0),
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
        # The body of a coming decision is often entered with the call.
        is_decided = decision is not None and decision.decided_on is not None
        if not self["received"] and phase == Phase.IN_ASSESSMENT and not is_decided:
            return CallStage.CHECK
        # After public results without any letter nobody writes letters.
        begun = self["letter-sent"] or not (decision and decision.is_public())
        if self["letter-waiting"] or (self["without-letter"] and begun):
            return CallStage.INFORM
        is_applied = decision is not None and decision.applied_at is not None
        if phase == Phase.IN_ASSESSMENT or (is_applied and phase != Phase.DECIDED):
            return CallStage.PUBLISH
        is_managed = self["managed"] or self["open-account"]
        return CallStage.FOLLOW if is_managed else CallStage.CLOSE

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


def state_of(key: int) -> CallState:
    calls = Call.objects.with_own_form().select_related("decision")
    [state] = _states_of([calls.get(pk=key)], GROUPS, is_screened=True)
    return state


def _states_of(
    calls: list[Call], groups: Iterable[str], *, is_screened: bool = False
) -> list[CallState]:
    """The states of calls, with the numbers of these groups, in two queries at most."""
    counted = {status: Q(status=status) for status in ProjectStatus.values}
    counted |= {key.replace("-", "_"): Q(GROUPS[key]()) for key in groups}
    rows: Any = Project.objects.filter(call__in=calls).order_by().values("call")
    rows = rows.annotate(
        received=Count("pk"),
        **{key: Count("pk", filter=condition) for key, condition in counted.items()},
    )
    numbers: dict[int, dict[str, int]] = {call.pk: {} for call in calls}
    for row in rows:
        found = {name.replace("_", "-"): number for name, number in row.items()}
        numbers[found.pop("call")] |= found
    if groups is GROUPS:
        assessments: Any = Assessment.objects.counting().filter(project__call__in=calls).order_by()
        for row in assessments.values("project__call").annotate(
            assigned=Count("pk"),
            assessed=Count("pk", filter=Q(submitted_at__isnull=False)),
        ):
            numbers[row.pop("project__call")] |= row
    return [CallState(call, numbers[call.pk], is_screened) for call in calls]


def running_calls() -> CallQuerySet:
    """The calls that staff still work on: without those of earlier years."""
    projects = Project.objects.filter(call=OuterRef("pk"))
    undecided = projects.filter(status__in=[ProjectStatus.SUBMITTED, ProjectStatus.ELIGIBLE])
    ended = Q(DECIDED_HERE | Q(agreement__isnull=False)) & Q(GROUPS["ended"]())
    managed = projects.filter(Q(GROUPS["managed"]()) | WITH_OPEN_ACCOUNT | ended)
    waiting = projects.filter(Q(GROUPS["letter-waiting"]()))
    at_work = Q(Exists(undecided) | Exists(managed) | Exists(waiting))
    unpublished = Q(decision__published_at=None) | Q(decision__published_at__gt=timezone.now())
    at_work |= Q(decision__applied_at__isnull=False) & unpublished
    for phase in [Phase.COMING, Phase.OPEN, Phase.IN_ASSESSMENT]:
        at_work |= Q(pk__in=Call.objects.in_phase(phase).order_by().values("pk"))
    calls = Call.objects.filter(at_work).with_own_form()
    return calls.select_related("decision").defer(*LONG_TEXTS)


def running_states(user: User | AnonymousUser, groups: Iterable[str] = GROUPS) -> list[CallState]:
    """The states of the running calls, as far as the account may see calls."""
    if not user.has_perm(VIEW_CALL):
        return []
    return _states_of(list(running_calls()), groups)


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
    if page == "project_change_status":
        keys = [row.project.pk for row in state.in_group(READY)]
        url = selection_url(keys[:MOST_AT_ONCE], to=ProjectStatus.ELIGIBLE)
    else:
        url = address(state.call, page)
    return NextAct(
        _sentence(state, act),
        " ".join(filter(None, ["" if may else _who(act["permission"], label), note])),
        label,
        url if may else "",
        act["list"].format_map(state) if is_listed else "",
        address(state.call, act["list_page"]) if is_listed else "",
    )


def _who(permission: str, label: str) -> str:
    """For an account that may not act: what is to do, and the roles that may do it."""
    if permission in ROLES[EDITOR]:
        sentence = _("“%(act)s” needs the role Editor, Publisher or Administrator.")
    else:
        sentence = _("“%(act)s” needs the role Publisher or Administrator.")
    return sentence % {"act": label.rstrip("…")}


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
