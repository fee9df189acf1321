"""The network of an organisation, as shown on the page of the organisation."""

from typing import Any

from partners.models import Partner

from . import network


def neighbours_of(partner: Partner) -> dict[str, Any]:
    """The organisations with most shared projects, as a chart and a list."""
    nearest = network.nearest_to(partner)
    neighbours = nearest[: network.NEAREST - 1]
    return {
        "neighbours": [(neighbour.cell(), neighbour) for neighbour in neighbours],
        "picture": network.partner_picture(partner, neighbours),
        "more": len(nearest) == network.NEAREST,
    }
