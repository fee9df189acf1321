"""The staff pages of accounts and roles. Accounts get permissions from roles only."""

import logging
from collections.abc import Iterator
from typing import Any

from allauth.account import admin as account_admin
from allauth.mfa import admin as mfa_admin
from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import PROTECT, Exists, Field, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _, gettext_lazy

from psf.accounts.passwords import can_invite, give_one_time_password, link_mail
from psf.accounts.second_factor import remove_second_factors, second_factors
from psf.accounts.sessions import end_sessions, open_sessions
from psf.audit.models import Kind
from psf.audit.recording import record_event
from psf.staff.forms import RecordForm, StaffForm
from psf.staff.pages import ActionPage, StaffPage
from psf.staff.record_admin import DeletionRules, RecordAdmin
from psf.staff.sections import section

logger = logging.getLogger(__name__)

# The addresses of mail that allauth keeps are not used, and keys are seen by their owner only.
admin.site.unregister([User, Group, account_admin.EmailAddress, mfa_admin.Authenticator])

# Names for models of Django. The migrations of Django do not change.
User._meta.verbose_name = gettext_lazy("account")
User._meta.verbose_name_plural = gettext_lazy("accounts")
Group._meta.verbose_name = gettext_lazy("role")
Group._meta.verbose_name_plural = gettext_lazy("roles")
apps.get_app_config("auth").verbose_name = gettext_lazy("People")
User._meta.get_field("groups").verbose_name = gettext_lazy("roles")

PERMISSION_LABELS = {
    "view": gettext_lazy("See %(records)s"),
    "add": gettext_lazy("Add %(records)s"),
    "change": gettext_lazy("Change %(records)s"),
    "delete": gettext_lazy("Delete %(records)s"),
}
# The apps with staff pages. Permissions of other apps are not shown.
STAFF_APPS = ["history", "partners", "projects", "auth"]


def permission_names(permissions: QuerySet[Permission]) -> set[str]:
    pairs = permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in pairs}


def permission_label(permission: Permission) -> str:
    """Return the label of a permission, with the name of the records on staff pages."""
    model = permission.content_type.model_class()
    action = permission.codename.partition("_")[0]
    if model is None or action not in PERMISSION_LABELS:
        return permission.name
    return PERMISSION_LABELS[action] % {"records": model._meta.verbose_name_plural}


def has_more_permissions(account: User, user: User | AnonymousUser) -> bool:
    """Return whether the account, once active, has a permission that the user lacks."""
    if user.is_superuser:
        return False
    permissions = Permission.objects.filter(Q(user=account) | Q(group__user=account))
    return account.is_superuser or not permission_names(permissions) <= user.get_all_permissions()


# The access of an account: invitation, one-time password, sessions and second factors


def invite(account: User) -> str:
    """Send an invitation. Raises ValidationError if the mail server does not take the mail."""
    try:
        link_mail(account, "invitation").send()
    except (OSError, ValueError) as error:
        # The message of the error may contain the address, so the log holds only the type.
        logger.warning("An invitation was not sent: %s", type(error).__name__)
        raise ValidationError(
            _(
                "The mail server refused the invitation to %(address)s. Check the address, or "
                "try again later with “Send an invitation”."
            )
            % {"address": account.email}
        ) from None
    return _("An invitation was sent to %(address)s.") % {"address": account.email}


class AccountPage(StaffPage):
    """A page about the account of somebody else, for those who may change the account."""

    permission = "change"
    record: User

    def is_offered(self) -> bool:
        is_own = self.record == self.request.user
        return not is_own and self.admin.has_change_permission(self.request, self.record)

    def load(self) -> None:
        super().load()
        if not self.admin.has_change_permission(self.request, self.record):
            raise PermissionDenied
        if self.record == self.request.user:
            raise Http404


class OneTimePasswordPage(AccountPage, ActionPage):
    """Give the account a random one-time password, and show the password once."""

    name = "password_change"
    route = "password/"
    label = gettext_lazy("Give a one-time password…")
    breadcrumb = gettext_lazy("One-time password")
    heading = gettext_lazy("One-time password for %(record)s")
    template_name = "admin/auth/user/one_time_password.html"
    button = gettext_lazy("Give a one-time password")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.log(self.execute(self.form()), self.record)
        return self.give_password()

    def execute(self, form: StaffForm) -> str:
        return _("A one-time password was given.")

    def give_password(self) -> HttpResponseBase:
        # Shown in the response only: a message would store the password in the session.
        with transaction.atomic():
            password = give_one_time_password(self.record)
            answer = self.render(form=self.form(), password=password)
        note = f"one-time password given to account {self.record.pk}"
        record_event(Kind.ACCOUNT, self.request.user, note, self.request)
        return answer


class InvitationPage(AccountPage, ActionPage):
    """Send a mail with a link for choosing a password."""

    name = "invite"
    label = gettext_lazy("Send an invitation…")
    button = gettext_lazy("Send an invitation")

    def is_offered(self) -> bool:
        return super().is_offered() and can_invite(self.record)

    def execute(self, form: StaffForm) -> str:
        if not can_invite(self.record):
            raise ValidationError(
                _("No e-mail address is recorded, or this site has no mail server.")
            )
        return invite(self.record)


class EndSessionsPage(AccountPage, ActionPage):
    name = "end_sessions"
    label = gettext_lazy("End sessions…")
    button = gettext_lazy("End all sessions of the account")

    def is_offered(self) -> bool:
        return super().is_offered() and bool(open_sessions(self.record.pk))

    def execute(self, form: StaffForm) -> str:
        number = end_sessions([self.record.pk])
        record_event(
            Kind.ACCOUNT, self.user, f"{number} sessions of account {self.record.pk} ended"
        )
        return _("All sessions of the account have ended.")


class RemoveFactorsPage(AccountPage, ActionPage):
    """For somebody who lost all telephones and keys."""

    name = "remove_factors"
    label = gettext_lazy("Remove the second factors…")
    button = gettext_lazy("Remove all second factors")

    def is_offered(self) -> bool:
        return super().is_offered() and second_factors(self.record).exists()

    def execute(self, form: StaffForm) -> str:
        number = remove_second_factors(self.record)
        note = f"{number} second factors of account {self.record.pk} removed"
        record_event(Kind.ACCOUNT, self.user, note)
        return _("The second factors are removed. All sessions of the account have ended.")


# The accounts and roles


class AccountForm(RecordForm):
    class Meta:
        help_texts = {
            "username": gettext_lazy(
                "The name to sign in with. Letters, digits and @ . + - _ only."
            ),
            "is_active": gettext_lazy(
                "Only active accounts can sign in. Deactivate the account of somebody who leaves. "
                "The history keeps the name."
            ),
        }

    def clean_username(self) -> str:
        """Two names that differ in capitals only would look like one person in the history."""
        if self.namesake("username"):
            raise ValidationError(_("Another account has this name, in capitals or not."))
        return str(self.cleaned_data["username"])


@admin.register(User)
class AccountAdmin(RecordAdmin, auth_admin.UserAdmin):
    """The accounts. Users cannot give, or change accounts with, permissions that they lack."""

    pages = [InvitationPage, OneTimePasswordPage, EndSessionsPage, RemoveFactorsPage]

    add_form_template = None
    form = add_form = AccountForm
    has_history = False
    versioned_by = ["username", "first_name", "last_name", "email", "is_active", "groups"]
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username", "first_name", "last_name"]
    filter_horizontal = []
    fieldsets = [
        section(None, "username", ("first_name", "last_name"), "email"),
        section(gettext_lazy("Permissions"), "is_active", "groups"),
        section(gettext_lazy("Dates"), ("date_joined", "last_login")),
    ]
    add_fieldsets = [section(None, "username", ("first_name", "last_name"), "email", "groups")]
    readonly_fields = ["date_joined", "last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, account: User) -> str:
        names = [group.name for group in account.groups.all()]
        return ", ".join([_("superuser"), *names] if account.is_superuser else names)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        readonly = super().get_readonly_fields(request, obj)
        return [*readonly, "is_active", "groups"] if obj == request.user else readonly

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.widget.can_add_related = False
        return field

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        groups = [
            group.pk
            for group in Group.objects.all()
            if permission_names(group.permissions.all()) <= request.user.get_all_permissions()
        ]
        field.queryset = Group.objects.filter(pk__in=groups)
        field.widget = forms.CheckboxSelectMultiple(choices=field.widget.choices)
        field.label = _("Roles")
        field.help_text = _(
            "A publisher has all permissions of an editor, and an editor those of a viewer. An "
            "assessor only sees the applications to assess."
        )
        return field

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and not (obj and has_more_permissions(obj, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (
            obj and (obj == request.user or has_more_permissions(obj, request.user))
        )

    def deletion_rules(self) -> DeletionRules:
        entries = Exists(LogEntry.objects.filter(user=OuterRef("pk")))
        sentence = _(
            "“%(record)s” appears in the history of records and cannot be deleted. "
            "Deactivate the account instead."
        )
        return [(rows, sentence) for rows in [entries, *_protecting_rows()]]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # accounts are for staff pages only
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> Any:
        if can_invite(obj):
            try:
                messages.success(request, invite(obj))
            except ValidationError as error:
                messages.warning(request, error.message)
            return redirect("admin:auth_user_changelist")
        page = OneTimePasswordPage(admin=self, record=obj)
        page.setup(request)
        return page.give_password()


@admin.register(Group)
class RoleAdmin(RecordAdmin, auth_admin.GroupAdmin):
    has_history = False
    versioned_by = ["name", "permissions"]
    list_display = ["name"]
    search_fields = ["name"]
    ordering = ["name"]
    filter_horizontal = []

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        permissions = field.queryset.filter(
            Q(content_type__app_label__in=STAFF_APPS) | Q(codename="view_auditevent")
        )
        field.queryset = permissions.exclude(content_type__model="permission")
        field.label_from_instance = permission_label
        field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
        field.label, field.help_text = _("Permissions"), ""
        return field


def _protecting_rows() -> Iterator[Exists]:
    """Yield conditions on accounts: a row of a model protects the account from deletion."""
    for relation in User._meta.related_objects:
        if relation.on_delete is PROTECT:
            rows = relation.related_model._base_manager
            yield Exists(rows.filter(**{relation.field.name: OuterRef("pk")}))
