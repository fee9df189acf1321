"""The page “Agreement and payments” of a project, and the pages of its actions."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from projects.amounts import project_amount
from projects.models import AmountKind, Call, Document, Instalment, Output, Project, Report
from projects.models.choices import FUNDED_STATUSES
from projects.models.projects import SUMS
from projects.permissions import MANAGE_AWARDS, PUBLISH_PROJECT, TO_SEE
from projects.post_award.admin import forms
from projects.post_award.admin.forms import PostAwardForm
from projects.post_award.payment_limits import NOTHING, account_of, accounts_of, agreement_of
from projects.stages import CallStage
from psf.charts.tables import Cell, Column, Table, table_as_data
from psf.files.store import attachment
from psf.history.models import Channel
from psf.impact.preview import Impact, Preview, save_or_preview
from psf.staff.edit_conflicts import last_entry
from psf.staff.pages import ActionPage, StaffPage
from psf.text.numbers_and_amounts import number

# The actions on a project, by their part of the address.
PROJECT_ACTIONS: dict[str, type[PostAwardForm]] = {
    "agreement": forms.AgreementForm,
    "standard-instalments": forms.StandardInstalmentsForm,
    "instalment": forms.InstalmentForm,
    "repay": forms.RepaymentForm,
    "close": forms.CloseForm,
    "report": forms.ReportForm,
    "join": forms.JoinForm,
    "leave": forms.LeaveForm,
    "prolong": forms.ProlongationForm,
    "shift": forms.BudgetShiftForm,
    "amend": forms.OtherAmendmentForm,
    "document": forms.AddDocumentForm,
    "output": forms.OutputForm,
}
# The actions on one row of a project, with the model of the row.
ROW_ACTIONS: dict[str, tuple[type[PostAwardForm], type[Model]]] = {
    "instalment": (forms.InstalmentForm, Instalment),
    "delete-instalment": (forms.DeleteInstalmentForm, Instalment),
    "pay": (forms.PaymentForm, Instalment),
    "report": (forms.ReportForm, Report),
    "delete-report": (forms.DeleteReportForm, Report),
    "receive": (forms.ReceiptForm, Report),
    "approve": (forms.ApprovalForm, Report),
    "document": (forms.DocumentForm, Document),
    "delete-document": (forms.DeleteItemForm, Document),
    "publish-document": (forms.PublishItemForm, Document),
    "unpublish-document": (forms.UnpublishItemForm, Document),
    "output": (forms.OutputForm, Output),
    "delete-output": (forms.DeleteItemForm, Output),
    "publish-output": (forms.PublishItemForm, Output),
    "unpublish-output": (forms.UnpublishItemForm, Output),
}


class PostAwardPage(StaffPage):
    """Agreement, payments, reports, amendments, documents and outputs of a project."""

    name = "post_award"
    route = "following/"
    label = gettext_lazy("Agreement and payments")
    heading = gettext_lazy("Agreement and payments: %(record)s")
    permission = TO_SEE["projects.agreement"]
    template_name = "admin/projects/post_award/agreement_and_payments.html"
    record: Project

    def context(self) -> Mapping[str, object]:
        project, user = self.record, self.request.user
        amendments = project.amendments.select_related(
            "partnership__partner", "partnership__country"
        )
        line = getattr(project, "decision_line", None)
        return {
            "is_funded": project.status in FUNDED_STATUSES,
            "amount": project_amount(project),
            "agreement": agreement_of(project),
            "account": account_of(project),
            "conditions": line.conditions() if line else [],
            "instalments": list(project.instalments.all()),
            "reports": list(project.reports.all()),
            "amendments": list(amendments),
            "repayments": list(project.repayments.all()),
            "documents": [
                *project.documents.for_account(self.user).select_related("report", "added_by")
            ],
            "outputs": list(project.outputs.select_related("document")),
            "may_manage": user.has_perm(MANAGE_AWARDS),
            "may_publish": user.has_perm(PUBLISH_PROJECT),
        }


class ProjectActionPage(ActionPage):
    """An action on the project. The address names it."""

    name = "post_award_action"
    route = "following/<slug:action>/"
    parent = PostAwardPage
    channel = Channel.AWARD
    template_name = "admin/projects/post_award/action.html"
    actions: ClassVar[Mapping[str, type[PostAwardForm]]] = PROJECT_ACTIONS
    row: Model | None = None
    impact: Impact | None = None
    record: Project

    def is_allowed(self) -> bool:
        return self.request.user.has_perm(self.action().permission)

    def action(self) -> type[PostAwardForm]:
        try:
            return self.actions[self.kwargs["action"]]
        except KeyError:
            raise Http404 from None

    def make_form(self, *sent: Any) -> PostAwardForm:
        return self.action()(*sent, record=self.record, row=self.row, user=self.user)

    def shown(self) -> list[Model]:
        return [self.record]

    def differences(self, form: PostAwardForm) -> list[str]:
        return form.differences()

    def reason(self, form: PostAwardForm) -> str:
        return str(form.cleaned_data.get(form.reason_field, ""))

    def execute(self, form: PostAwardForm) -> str:
        return self.log(form.execute(), self.record)

    def carry_out(self, form: PostAwardForm) -> str:
        """Carry the action out once its effect on a public page was shown."""
        self.impact = None
        if not form.changes_page or not Project.objects.public().filter(pk=self.record.pk).exists():
            return super().carry_out(form)
        with self.recording(form):
            outcome = save_or_preview(
                lambda: super(ProjectActionPage, self).carry_out(form),
                form.data.get("confirmation", ""),
            )
        if isinstance(outcome, Preview):
            self.impact, form.confirmation = outcome
            raise ValidationError(
                _("Nothing is saved yet. Check what readers will see change, then send again.")
            )
        return outcome

    def version(self) -> str:
        return str(last_entry(self.admin.model, self.record.pk))

    def crumb(self) -> str:
        return str(self.action().title)

    def context(self) -> Mapping[str, object]:
        return {"row": self.row, "impact": self.impact}


class RowActionPage(ProjectActionPage):
    """An action on one row of the project, such as an instalment."""

    name = "post_award_row"
    route = "following/<slug:action>/<int:key>/"
    actions: ClassVar[Mapping[str, type[PostAwardForm]]] = {
        name: form_class for name, (form_class, _model) in ROW_ACTIONS.items()
    }

    def load(self) -> None:
        super().load()
        _form_class, model = ROW_ACTIONS[self.kwargs["action"]]
        self.row = get_object_or_404(model, pk=self.kwargs["key"], project=self.record)


class DocumentDownload(StaffPage):
    """A document of the project, public or not, as a file to save."""

    name = "document"
    route = "documents/<int:key>/"
    permission = TO_SEE["projects.document"]
    record: Project

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        documents = self.record.documents.downloadable_by(self.user)
        document = get_object_or_404(documents, pk=kwargs["key"])
        return attachment(request, document.stored_name, document.file_name, document.sha256)


POST_AWARD_PAGES = [PostAwardPage, ProjectActionPage, RowActionPage, DocumentDownload]

# The budget of a call

# Each kind of amount has a column, because kinds are never added together.
KINDS = {
    AmountKind.CEILING: gettext_lazy("Ceiling"),
    AmountKind.AWARDED: gettext_lazy("Awarded"),
    AmountKind.FINAL: gettext_lazy("Final"),
    AmountKind.RETURNED: gettext_lazy("Returned, as published"),
}
ACCOUNT = {
    "contracted": gettext_lazy("Contracted"),
    "paid": gettext_lazy("Paid"),
    "to_pay": gettext_lazy("To pay"),
    "returned": gettext_lazy("Returned"),
}


def budget_of(call: Call) -> Table:
    """The funded projects of the call with their accounts, and the sums at the end."""
    projects = call.projects.filter(status__in=FUNDED_STATUSES)
    accounts = accounts_of(projects)
    fields = ["reference", "title", "status", "amount_eur", "amount_kind"]
    rows = list(projects.only("call", *fields))
    kinds = [kind for kind in SUMS if any(row.amount_kind == kind for row in rows)]
    columns = [
        Column("project", _("Project"), numeric=False),
        Column("status", _("Status"), numeric=False),
        *(Column(kind, str(KINDS[kind])) for kind in kinds),
        *(Column(key, str(label)) for key, label in ACCOUNT.items()),
    ]
    amounts = [
        [
            *(row.amount_eur if row.amount_kind == kind else None for kind in kinds),
            *(getattr(accounts[row.pk], key) for key in ACCOUNT),
        ]
        for row in rows
    ]
    body = [[*_names_of(row), *map(_cell, cells)] for row, cells in zip(rows, amounts, strict=True)]
    sums = [sum(filter(None, column), NOTHING) for column in zip(*amounts, strict=True)]
    if body:
        body.append([Cell(_("Total")), Cell("", " "), *map(_cell, sums)])
    return Table(f"budget-{call.slug}", _("Amounts of each project, in EUR"), columns, body)


def _names_of(project: Project) -> list[Cell]:
    url = reverse("admin:projects_project_post_award", args=[project.pk])
    name = f"{project.reference} {project.title}"
    return [Cell(name, url=url), Cell(capfirst(project.get_status_display()))]


def _cell(amount: Decimal | None) -> Cell:
    return Cell(amount, " " if amount is None else number(amount))


class BudgetPage(StaffPage):
    name = "budget"
    label = gettext_lazy("Budget")
    heading = gettext_lazy("Budget: %(record)s")
    stage = CallStage.FOLLOW
    permission = TO_SEE["projects.agreement"]
    template_name = "admin/projects/post_award/budget.html"
    record: Call

    def context(self) -> Mapping[str, object]:
        return {"table": budget_of(self.record)}


class BudgetCsv(StaffPage):
    name = "budget_csv"
    route = "budget.csv"
    permission = TO_SEE["projects.agreement"]
    record: Call

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return table_as_data(budget_of(self.record), "csv")
