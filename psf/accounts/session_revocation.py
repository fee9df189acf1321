"""Ends the sessions of an account at once when it is deactivated or loses a right."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.signals import m2m_changed, pre_delete, pre_save
from django.http import HttpRequest
from django.utils import timezone

from psf.accounts.models import StaffSession
from psf.accounts.session_store import STARTED_AT_KEY

RIGHTS = ["is_active", "is_staff", "is_superuser"]
REMOVALS = ["post_remove", "pre_clear"]


def end_sessions(accounts: Iterable[int]) -> None:
    """End all sessions of the accounts with these keys."""
    StaffSession.objects.filter(user__in=accounts).delete()


def end_other_sessions(request: HttpRequest) -> None:
    """End the sessions of the account of this request, except the session of the request."""
    others = StaffSession.objects.filter(user=request.user.pk)
    others.exclude(pk=request.session.session_key).delete()


def open_sessions(account: int | None) -> list[StaffSession]:
    """The sessions of the account with this key, the last used first."""
    rows = StaffSession.objects.filter(user=account, expire_date__gt=timezone.now())
    return list(rows.order_by("-used_at"))


def end_some(sessions: Iterable[StaffSession]) -> None:
    StaffSession.objects.filter(pk__in=[session.pk for session in sessions]).delete()


def watch_accounts() -> None:
    """Connect the functions below to the changes of accounts and roles."""
    user_logged_in.connect(record_start)
    pre_save.connect(account_changes, sender=User)
    pre_delete.connect(role_is_deleted, sender=Group)
    m2m_changed.connect(account_loses, sender=User.groups.through)
    m2m_changed.connect(account_loses, sender=User.user_permissions.through)
    m2m_changed.connect(role_loses, sender=Group.permissions.through)


def record_start(request: HttpRequest, **kwargs: Any) -> None:
    session: SessionBase = request.session
    session[STARTED_AT_KEY] = timezone.now().isoformat()


def account_changes(
    instance: User, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """A new password ends the sessions too. The session that changes the password is renewed."""
    columns = {"password", *RIGHTS} & (update_fields or {"password", *RIGHTS})
    old_values = User.objects.filter(pk=instance.pk).values(*columns).first() if columns else None
    if old_values and any(
        value != getattr(instance, name) and (name == "password" or value)
        for name, value in old_values.items()
    ):
        end_sessions([instance.pk])


def account_loses(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Roles or permissions are removed from an account, or accounts from a role."""
    if action in REMOVALS:
        accounts = instance.user_set.values_list("pk", flat=True) if reverse else [instance.pk]
        end_sessions(pk_set if reverse and pk_set else accounts)


def role_loses(
    instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """Permissions are removed from a role, or roles from a permission."""
    if action in REMOVALS:
        groups = instance.group_set.values_list("pk", flat=True) if reverse else [instance.pk]
        roles = pk_set if reverse and pk_set else groups
        end_sessions(User.objects.filter(groups__in=roles).values_list("pk", flat=True))


def role_is_deleted(instance: Group, **kwargs: Any) -> None:
    end_sessions(instance.user_set.values_list("pk", flat=True))
