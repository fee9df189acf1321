"""Sessions end at once with the rights of their account."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse

from psf.accounts.models import CalendarAddress, StaffSession
from tests.support.accounts import client_of, make_account, save, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.unmeasured]


def lose_role(account, role):
    account.groups.clear()


def lose_all_members(account, role):
    role.user_set.clear()


def lose_member(account, role):
    role.user_set.remove(account)


def lose_permission_of_role(account, role):
    role.permissions.remove(role.permissions.first())


def permission_loses_role(account, role):
    permission = role.permissions.first()
    permission.group_set.remove(role)


def permission_loses_all_roles(account, role):
    role.permissions.first().group_set.clear()


def lose_own_permission(account, role):
    account.user_permissions.remove(account.user_permissions.get())


def permission_loses_account(account, role):
    account.user_permissions.get().user_set.remove(account)


def lose_deleted_role(account, role):
    role.delete()


def lose_superuser(account, role):
    account.is_superuser = False
    account.save()


def be_deactivated(account, role):
    account.is_active = False
    account.save(update_fields=["is_active"])


LOSSES = [value for name, value in globals().items() if "lose" in name or name.startswith("be_")]


@pytest.mark.parametrize("loss", LOSSES)
def test_loss_of_a_right_ends_the_sessions_of_this_account_only(loss):
    # Its number is the number of no role and of no permission.
    account = make_account("Viewer", is_superuser=True, pk=4001)
    colleague = make_account("Assessor")
    account.user_permissions.add(Permission.objects.get(codename="add_topic"))
    client, elsewhere = signed_in(account), signed_in(colleague)
    loss(account, account.groups.get())
    assert client.get("/admin/").status_code == 302
    assert elsewhere.get("/admin/").status_code == 200


@pytest.mark.parametrize("loss", [lose_role, lose_member, permission_loses_account])
def test_others_with_the_same_right_stay_signed_in(loss):
    account, colleague = make_account("Viewer", pk=4001), make_account("Viewer")
    for person in [account, colleague]:
        person.user_permissions.add(Permission.objects.get(codename="add_topic"))
    client, elsewhere = signed_in(account), signed_in(colleague)
    loss(account, account.groups.get())
    assert client.get("/admin/").status_code == 302
    assert elsewhere.get("/admin/").status_code == 200


def test_reactivated_account_has_no_old_session():
    account = make_account("Viewer")
    client = signed_in(account)
    administrator = client_of("Administrator")
    url = reverse("admin:auth_user_change", args=[account.pk])
    save(administrator, url, is_active="")
    save(administrator, url, is_active="on")
    assert User.objects.get(pk=account.pk).is_active
    assert client.get("/admin/").status_code == 302


def test_a_new_right_and_a_new_name_end_nothing():
    account = make_account("Viewer")
    client = signed_in(account)
    account.groups.add(Group.objects.get(name="Editor"))
    account.first_name = "Anna"
    account.save()
    account.save(update_fields=["first_name"])
    assert client.get("/admin/").status_code == 200


def test_new_password_ends_sessions_and_the_private_calendar_address():
    account = make_account("Viewer", password="the present password")
    client = signed_in(account)
    client.post("/admin/calendar/")
    assert CalendarAddress.objects.exists()
    account.set_password("another sea at dusk")
    account.save()
    assert not StaffSession.objects.exists()
    assert not CalendarAddress.objects.exists()
    assert client.get("/admin/").status_code == 302
