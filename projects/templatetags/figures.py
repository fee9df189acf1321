"""Pictures that pages of other apps show."""

from typing import Any

from django import template

from partners.models import Partner
from projects.figures import network

register = template.Library()


@register.inclusion_tag("figures/_neighbours.html")
def neighbours(partner: Partner) -> dict[str, Any]:
    """The organisations with which this one shares most projects, as a picture and a list."""
    found = network.nearest_to(partner)
    shown = found[: network.NEAREST - 1]
    return {
        "partner": partner,
        "neighbours": [(other.cell(), other) for other in shown],
        "picture": network.partner_picture(partner, shown),
        "more": len(found) == network.NEAREST,
    }
