from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PsfConfig(AppConfig):
    name = "psf"
    verbose_name = _("Project Support Facility")


class PsfAdminConfig(AdminConfig):
    default_site = "psf.admin_site.PsfAdminSite"
