"""The money of one project, and what must hold of it."""

from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from projects.eligibility.award_limits import amount_error
from projects.models import Agreement, AmountKind, Instalment, Project, Repayment
from projects.models.choices import FUNDED_STATUSES
from psf.text.numbers import eur

NOTHING = Decimal(0)
CENT = Decimal("0.01")
PROMISES = [AmountKind.CEILING, AmountKind.AWARDED]


class Account(NamedTuple):
    """The sums of one project in EUR: contracted, laid out as instalments, paid, returned."""

    has_agreement: bool
    is_closed: bool
    contracted: Decimal
    planned: Decimal
    paid: Decimal
    returned: Decimal

    @property
    def to_pay(self) -> Decimal:
        """What is still owed; a closed account owes nothing."""
        return NOTHING if self.is_closed else max(self.contracted - self.paid, NOTHING)

    @property
    def kept(self) -> Decimal:
        """What the project was paid and did not return."""
        return self.paid - self.returned


def accounts_of(projects: QuerySet[Project]) -> dict[int, Account]:
    """The accounts of these projects by their keys, in one query."""
    rows = projects.order_by().values_list(
        "pk",
        "agreement",
        "agreement__closed_on",
        "agreement__amount_eur",
        _sum_of(Instalment, "amount_eur"),
        _sum_of(Instalment, "paid_eur"),
        _sum_of(Repayment, "amount_eur"),
    )
    return {
        pk: Account(agreement is not None, closed_on is not None, *map(_to_the_cent, sums))
        for pk, agreement, closed_on, *sums in rows
    }


def _sum_of(model: type[models.Model], field: str) -> Subquery:
    rows = model._default_manager.filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(rows.annotate(total=Sum(field)).values("total"))


def _to_the_cent(amount: Decimal | None) -> Decimal:
    return (amount or NOTHING).quantize(CENT)  # SQLite adds numbers with more digits


def account_of(project: Project) -> Account:
    return accounts_of(Project.objects.filter(pk=project.pk))[project.pk]


def locked(project: Project) -> Project:
    """The project as it is now; until the transaction ends nobody else changes its account."""
    project.refresh_from_db(from_queryset=Project.objects.select_for_update())
    return project


def agreement_of(project: Project) -> Agreement | None:
    return Agreement.objects.filter(project=project).first()


def refusals_of_account(project: Project) -> list[str]:
    """What does not hold of what was agreed and paid, in sentences."""
    account = account_of(project)
    found = []
    if account.has_agreement and project.status not in FUNDED_STATUSES:
        found.append(
            _("“%(project)s” has an agreement, so it stays a funded project.")
            % {"project": project}
        )
    if account.planned > account.contracted:
        found.append(
            _("The instalments are %(planned)s together, and the agreement gives %(contracted)s.")
            % {"planned": eur(account.planned), "contracted": eur(account.contracted)}
        )
    if account.paid > account.contracted:
        found.append(
            _("%(paid)s would be paid, and the agreement gives %(contracted)s.")
            % {"paid": eur(account.paid), "contracted": eur(account.contracted)}
        )
    if account.returned > account.paid:
        found.append(
            _("%(returned)s would have come back, and %(paid)s were paid.")
            % {"returned": eur(account.returned), "paid": eur(account.paid)}
        )
    return found


def check_account(project: Project) -> None:
    if refusals := refusals_of_account(project):
        raise ValidationError(refusals)


def refusal_of_contract(project: Project, amount: Decimal) -> str:
    """Why so much (EUR) cannot be agreed on; "" if it can."""
    promised = project.amount_eur if project.amount_kind in PROMISES else None
    if promised is not None and amount > promised:
        return _("%(amount)s is more than the project was given: %(promised)s.") % {
            "amount": eur(amount),
            "promised": eur(promised),
        }
    return amount_error(project.call, amount)


def check_funded(project: Project) -> None:
    if project.status not in FUNDED_STATUSES:
        raise ValidationError(
            _("“%(project)s” is %(status)s: this is for funded projects alone.")
            % {"project": project, "status": project.get_status_display()}
        )


def open_agreement(project: Project) -> Agreement:
    """The agreement, under which something can still be planned, paid or returned."""
    check_funded(project)
    try:
        agreement = Agreement.objects.get(project=project)
    except ObjectDoesNotExist:
        raise ValidationError(_("Record the agreement first.")) from None
    if agreement.closed_on:
        raise ValidationError(_("The account is closed."))
    return agreement


def save(row: models.Model, **fields: Any) -> None:
    """Write these fields of the row, once all that one row can break holds."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        row.full_clean()
    except ValidationError as error:
        raise ValidationError(error.messages) from None
    row.save()
