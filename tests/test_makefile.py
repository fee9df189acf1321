"""`make run` for a new user."""

import socket

import pytest

from tests.support.processes import run

# The environment of the tests is installed, and `make` would install another one otherwise.
MAKE_RUN = ["make", "--assume-old=.venv/installed", "run"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_second_server_at_the_same_address_is_refused(host):
    with socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    ) as server:
        port = server.getsockname()[1]
        result = run([*MAKE_RUN, f"HOST={host}", f"PORT={port}"])
    assert result.returncode == 2
    taken = f"Another server answers at {host}, port {port}. Stop it, or choose another PORT."
    assert taken in result.stderr
    assert "Starting the server" not in result.stdout
