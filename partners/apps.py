from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# The permission to see the rows of each model in the history.
TO_SEE = {
    "partners.country": "partners.view_country",
    "partners.countryname": "partners.view_countryname",
    "partners.membership": "partners.view_membership",
    "partners.merger": "partners.view_partner",
    "partners.partner": "partners.view_partner",
    "partners.partnername": "partners.view_partnername",
}


class PartnersConfig(AppConfig):
    """Organisations and countries, and everything they plug into the site."""

    name = "partners"
    verbose_name = _("Organisations and countries")

    def ready(self) -> None:
        from partners.pages import previews
        from partners.search import PARTNERS
        from psf.history import tracking, visibility
        from psf.impact import preview as impact
        from psf.public_changes import versions
        from psf.search.index import register_index

        register_index(PARTNERS)
        tracking.track("partners")
        tracking.untrack("partners.duplicatecandidate")
        visibility.permit(TO_SEE)
        impact.register(
            {
                "partners.partner": previews.partner_pages,
                "partners.country": previews.country_pages,
            },
            previews.partner_figures,
        )
        versions.register(previews.PARTNERS)
