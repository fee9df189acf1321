from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from psf.http.requests import client_address, client_network


@pytest.fixture
def address(settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]

    def of(peer, forwarded=""):
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, headers=headers))

    return of


def test_a_trusted_proxy_names_the_client(address):
    assert address("127.0.0.1", "192.0.2.7") == "192.0.2.7"
    assert address("10.0.0.2", "192.0.2.7, 10.0.0.1") == "192.0.2.7"


def test_a_client_cannot_choose_its_address(address):
    assert address("192.0.2.1", "198.51.100.1") == "192.0.2.1"
    assert address("127.0.0.1", "198.51.100.1, 192.0.2.7") == "192.0.2.7"


def test_without_a_forwarded_address_the_proxy_counts(address):
    assert address("127.0.0.1") == "127.0.0.1"
    assert address("", "192.0.2.7") == ""


def test_without_the_setting_no_proxy_is_trusted(address, settings):
    settings.TRUSTED_PROXIES = []
    assert address("127.0.0.1", "192.0.2.7") == "127.0.0.1"


def test_ipv6_addresses_of_one_network_are_one_client():
    def network(peer):
        return client_network(RequestFactory().get("/", REMOTE_ADDR=peer))

    assert network("2001:db8::1") == network("2001:db8::ffff") == "2001:db8::/64"
    assert network("192.0.2.1") == "192.0.2.1"
    assert network("unix") == "unix"
