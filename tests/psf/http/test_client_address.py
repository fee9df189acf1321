from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from psf.http.requests import client_address, client_network

PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "client"),
    [
        (PROXIES, "127.0.0.1", "192.0.2.7", "192.0.2.7"),
        (PROXIES, "10.0.0.2", "192.0.2.7, 10.0.0.1", "192.0.2.7"),
        # A client cannot choose its address.
        (PROXIES, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
        (PROXIES, "127.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        # Without a forwarded address the proxy counts.
        (PROXIES, "127.0.0.1", None, "127.0.0.1"),
        (PROXIES, "", "192.0.2.7", ""),
        # Without the setting no proxy is trusted.
        ([], "127.0.0.1", "192.0.2.7", "127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_names_the_client(settings, proxies, peer, forwarded, client):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers)
    assert client_address(request) == client


def test_ipv6_addresses_of_one_network_are_one_client():
    def network(peer):
        return client_network(RequestFactory().get("/", REMOTE_ADDR=peer))

    assert network("2001:db8::1") == network("2001:db8::ffff") == "2001:db8::/64"
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("unix") == "unix"
