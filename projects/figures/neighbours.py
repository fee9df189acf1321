"""What the page of an organisation, which knows nothing of projects, shows of its network."""

from typing import Any

from partners.models import Partner

from . import network


def neighbours_of(partner: Partner) -> dict[str, Any]:
    """The organisations with which this one shares most projects, as a picture and a list."""
    found = network.nearest_to(partner)
    shown = found[: network.NEAREST - 1]
    return {
        "neighbours": [(other.cell(), other) for other in shown],
        "picture": network.partner_picture(partner, shown),
        "more": len(found) == network.NEAREST,
    }
