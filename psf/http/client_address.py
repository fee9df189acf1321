import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of the client.

    A proxy in `TRUSTED_PROXIES` adds the address of its client to the end of X-Forwarded-For. A
    client can write anything before that, so the last address of no trusted proxy counts.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    while is_trusted_proxy(address) and forwarded:
        address = forwarded.pop().strip() or address
    return address


def is_trusted_proxy(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)


def client_network(request: HttpRequest) -> str:
    """The address of the client; of an IPv6 address the network, which one client can use up."""
    address = client_address(request)
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed.packed, 64), strict=False))
    return address
