from collections.abc import Sequence
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register
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
        from psf.database import dialects, triggers
        from psf.history.triggers import check_triggers, install_triggers
        from psf.search.maintenance import check_indexes, rebuild_after_migrations

        for install in [
            install_triggers,
            rebuild_after_migrations,
        ]:
            triggers.register(install)
        connection_created.connect(dialects.add_functions)
        sessions.watch_accounts()
        second_factor.watch_second_factors()
        recording.watch_events()
        pre_migrate.connect(triggers.drop_all_triggers, sender=self)
        post_migrate.connect(triggers.install_all_triggers, sender=self)
        register(Tags.database)(check_triggers)
        register(Tags.database)(check_indexes)


class PsfAdminConfig(SimpleAdminConfig):
    """The admin of Django, loaded with the first request for a staff page."""

    default_site = "psf.site.admin_site.PsfAdminSite"

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(check_staff_pages, Tags.admin)


def check_staff_pages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Run the admin checks of Django after loading all staff pages."""
    import_module("psf.urls")
    return check_admin_app(app_configs, **kwargs)
