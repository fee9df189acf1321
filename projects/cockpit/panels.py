"""The panels of the cockpit: what is blocked, applications, money, assessors, changes."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import CharField, Q, Sum
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects import permissions
from projects.cockpit.state import CallState, address
from projects.deadlines.kinds import Deadline
from projects.eligibility.award_limits import awarded_total
from projects.letters.table import State, letter_rows
from projects.models import (
    Call,
    Instalment,
    Outcome,
    Phase,
    Project,
    ProjectStatus,
)
from projects.models.choices import FUNDED_STATUSES
from projects.permissions import DECIDE
from projects.post_award.payment_limits import Account, accounts_of
from psf.history.models import Change, ChangeSet
from psf.history.tracking import kind_of
from psf.history.visibility import visible
from psf.staff.logs import summaries
from psf.text.numbers_and_amounts import eur, number

NOTHING = Decimal()
SOON = timedelta(days=30)


# Applications


class StatusRow(NamedTuple):
    """A status with the number of records, the announced figure and what readers see."""

    label: str
    number: int
    url: str
    announced: str
    readers: str
    take_over: str = ""


class Figure(NamedTuple):
    """An announced figure of a call, and the group of records that it counts."""

    field: str
    label: Any
    group: str


FIGURES = {
    "received": Figure("received_count", gettext_lazy("Received"), "received"),
    "eligible": Figure("eligible_count", gettext_lazy("Eligible in all"), "ever-eligible"),
    "funded": Figure("funded_count", gettext_lazy("Funded in all"), "ever-funded"),
}


def can_take_over(state: CallState, name: str) -> bool:
    """Whether the records are complete, so that their number is the figure to announce.

    A withdrawn application may have been eligible and funded: an announced figure then stays.
    """
    call, figure = state.call, FIGURES[name]
    announced = getattr(call, figure.field)
    if name != "received" and announced is not None and state["withdrawn"]:
        return False
    decision = call.recorded_decision()
    worked_here = call.phase() == Phase.IN_ASSESSMENT or bool(decision and decision.applied_at)
    open_ones = {"received": 0, "eligible": state["submitted"]}
    still_open = open_ones.get(name, state["submitted"] + state["eligible"])
    counted = state[figure.group]
    return worked_here and not still_open and counted not in [0, announced]


def status_rows(state: CallState, user: User) -> list[StatusRow]:
    """The numbers by status. Each equals the list that it opens."""
    call, announced = state.call, state.call.announced_counts()
    is_published = call.public_decision() is not None
    rows = []
    for name, figure in FIGURES.items():
        value, public_value = getattr(call, figure.field), getattr(announced, name)
        readers = _("nothing yet")
        if is_published:
            readers = _("“not published”") if public_value is None else number(public_value)
        take_over = ""
        if user.has_perm(permissions.CHANGE_CALL) and can_take_over(state, name):
            take_over = reverse("admin:projects_call_take_over", args=[call.pk, name])
        page = "project:" if name == "received" else f"project:group={figure.group}"
        text = "–" if value is None else number(value)
        count, url = state[figure.group], address(call, page)
        rows.append(StatusRow(str(figure.label), count, url, text, readers, take_over))
    return [*rows, *_by_status(state), *(_drafted(state) if user.has_perm(DECIDE) else [])]


def _by_status(state: CallState) -> Iterable[StatusRow]:
    """The statuses of the records, without those that the announced figures count alone."""
    counted = {"eligible": state["ever-eligible"], "funded": state["ever-funded"]}
    for status in ProjectStatus:
        count = state[status.replace("_", "-")]
        if count and count != counted.get(status):
            readers = "" if status in FUNDED_STATUSES else _("never shown")
            url = address(state.call, f"project:status__exact={status}")
            yield StatusRow(capfirst(str(status.label)), count, url, "", readers)


def _drafted(state: CallState) -> Iterable[StatusRow]:
    for outcome in Outcome:
        if count := state[f"draft-{outcome}"]:
            label = _("%(outcome)s, in the draft") % {"outcome": capfirst(str(outcome.label))}
            url = address(state.call, f"project:group=draft-{outcome}")
            yield StatusRow(label, count, url, "", _("never shown"))


# Money


class Part(NamedTuple):
    """A part of the bar of money: where it begins and its width in thousandths of the whole."""

    label: str
    amount: str
    name: str  # of its colour
    start: float
    width: float


def money_panel(state: CallState, user: User) -> dict[str, list[Any]]:
    """The sums that the account may see. The bar shows the budget, or all awards if they exceed it.

    Amounts requested by withdrawn applications do not count.
    """
    call, budget = state.call, state.call.budget_eur
    sums = _sums(call)
    may_decide, may_see = user.has_perm(DECIDE), user.has_perm(permissions.VIEW_AGREEMENT)
    drafted = sums["drafted"] or NOTHING if may_decide else NOTHING
    awarded, due = awarded_total(call), _due_soon(call)
    accounts = list(accounts_of(call.projects.filter(status__in=FUNDED_STATUSES)).values())
    contracted, paid, returned = (
        sum((getattr(account, name) for account in accounts), NOTHING)
        for name in ["contracted", "paid", "returned"]
    )
    contracts = [(_("Contracted"), contracted), (_("Paid"), paid), (_("Due in 30 days"), due)]
    contracts += [(_("Returned"), returned)] if returned else []
    free = None if budget is None else budget - awarded - drafted
    is_final = any(account.is_closed for account in accounts)
    counted = _("Awarded or paid in the end") if is_final else _("Awarded")
    rows = [
        (_("Budget"), budget),
        (_("Requested"), sums["requested"]),
        *([(_("Draft"), drafted)] if drafted else []),
        *([(counted, awarded)] if awarded else []),
        *([(_("Reserve, requested"), sums["reserve"])] if sums["reserve"] else []),
        *(contracts if may_see and awarded else []),
        (_("Free"), free),
    ]
    parts = _shares(accounts, due) if may_see else []
    contracted_in_all = sum((amount for _label, amount in parts), NOTHING)
    label = _("Awarded, not contracted") if contracted_in_all else _("Awarded")
    parts.append((label, max(awarded - contracted_in_all, NOTHING)))
    parts += [(_("Draft"), drafted), (_("Free"), max(free or NOTHING, NOTHING))]
    in_words = [(label, eur(amount) if amount else "–") for label, amount in rows]
    return {"rows": in_words, "parts": _parts(parts)}


def _shares(accounts: list[Account], due: Decimal) -> list[tuple[str, Decimal]]:
    """The parts of what is contracted.

    A closed account has its final amount: what was repaid is free again, and nothing is to pay.
    """
    paid = sum((account.paid for account in accounts), NOTHING)
    spent = sum((row.net_paid if row.is_closed else row.paid for row in accounts), NOTHING)
    to_pay = sum((account.to_pay for account in accounts), NOTHING)
    return [
        (_("Paid") if spent == paid else _("Paid, less repayments"), spent),
        (_("Due in 30 days"), due),
        (_("Contracted, later"), max(to_pay - due, NOTHING)),
    ]


def _sums(call: Call) -> dict[str, Any]:
    on_reserve = Q(status=ProjectStatus.RESERVE)
    on_reserve |= Q(status=ProjectStatus.ELIGIBLE, decision_line__outcome=Outcome.RESERVE)
    return call.projects.aggregate(
        requested=Sum("requested_eur", filter=~Q(status=ProjectStatus.WITHDRAWN)),
        reserve=Sum("requested_eur", filter=on_reserve),
        drafted=Sum("decision_line__award_eur", filter=Q(status=ProjectStatus.ELIGIBLE)),
    )


def _due_soon(call: Call) -> Decimal:
    until = timezone.localdate() + SOON
    due = Instalment.objects.filter(project__call=call, paid_on=None, due_on__lte=until)
    due = due.exclude(project__agreement__closed_on__isnull=False)
    return due.aggregate(total=Sum("amount_eur"))["total"] or NOTHING


def _parts(shares: list[tuple[str, Decimal]]) -> list[Part]:
    total, start, parts = sum((amount for _label, amount in shares), NOTHING), 0.0, []
    for place, (label, amount) in enumerate(shares, 1):
        if amount:
            width = round(float(1000 * amount / total), 2)
            name = "free" if place == len(shares) else str(place)
            parts.append(Part(label, number(amount), name, start, width))
            start += width
    return parts


# Letters


def letter_counts(state: CallState) -> list[tuple[int, str, str]]:
    """The applications without a letter and the letters by state, with words and their list."""
    group = "without-letter"
    without = address(state.call, f"project:group={group}")
    rows = [(state[group], _("without a letter"), without)]
    counts = Counter(row.state for row in letter_rows(state.call))
    outbox = address(state.call, "call_outbox")
    rows += [
        (counts[each], str(each.label), f"{outbox}?state={each.value}")
        for each in State
        if each != State.CANCELLED
    ]
    return [row for row in rows if row[0]]


# Projects after their award


def awards(call: Call, deadlines: list[Deadline]) -> list[tuple[Project, Account, Deadline | None]]:
    """The funded projects, each with its account and its first one of these deadlines."""
    projects = call.projects.filter(status__in=FUNDED_STATUSES)
    accounts = accounts_of(projects)
    latest_first = [row for row in reversed(deadlines) if isinstance(row.record, Project)]
    first = {row.record.pk: row for row in latest_first}
    in_order = projects.only("reference", "title", "call").order_by("reference")
    return [(project, accounts[project.pk], first.get(project.pk)) for project in in_order]


# Changes


MOST_CHANGES = 3


def recent_changes_of(call: Call, user: User) -> list[tuple[ChangeSet, str]]:
    """The last sets of changes of a call and its applications, as far as the account sees them."""
    keys = Project.objects.filter(call=call).order_by().annotate(key=Cast("pk", CharField()))
    of_call = Q(record_kind=kind_of(Call), record_key=str(call.pk))
    of_projects = Q(record_kind=kind_of(Project), record_key__in=keys.values("key"))
    changes = visible(Change.objects.filter(of_call | of_projects), user).order_by()
    sets = changes.order_by("-change_set").values_list("change_set", flat=True).distinct()
    rows = list(ChangeSet.objects.filter(pk__in=list(sets[:MOST_CHANGES])))
    words = summaries(rows, user)
    return [(row, words[row.pk]) for row in rows]
