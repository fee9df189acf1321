from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class PsfConfig(AppConfig):
    """The base of both apps, with its triggers and checks."""

    name = "psf"
    verbose_name = _("Project Support Facility")

    def ready(self) -> None:
        from psf.accounts import second_factor, sessions
        from psf.audit import recording
        from psf.database import sql, triggers
        from psf.history.triggers import check_triggers, install_triggers
        from psf.search.maintenance import rebuild_after_migrations

        for install in [
            install_triggers,
            rebuild_after_migrations,
        ]:
            triggers.register(install)
        connection_created.connect(sql.add_functions)
        sessions.watch_accounts()
        second_factor.watch_second_factors()
        recording.watch_events()
        pre_migrate.connect(triggers.drop_all_triggers, sender=self)
        post_migrate.connect(triggers.install_all_triggers, sender=self)
        register(Tags.database)(check_triggers)


class PsfAdminConfig(AdminConfig):
    default_site = "psf.site.admin_site.PsfAdminSite"
