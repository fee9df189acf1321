from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class PsfConfig(AppConfig):
    name = "psf"
    verbose_name = _("Project Support Facility")

    def ready(self) -> None:
        from psf import triggers
        from psf.search.checks import check_indexes

        pre_migrate.connect(triggers.take_away, sender=self)
        post_migrate.connect(triggers.make, sender=self)
        register(Tags.database)(check_indexes)


class PsfAdminConfig(AdminConfig):
    default_site = "psf.admin_site.PsfAdminSite"
