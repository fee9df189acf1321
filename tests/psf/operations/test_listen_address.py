"""`make run` starts at a name of this machine, and says why it cannot start."""

import socket
import sys

import pytest

from psf.operations.listen_address import listen_address
from tests.support.processes import run


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def test_a_name_is_resolved():
    result = run([sys.executable, "-m", "psf.operations.listen_address", "localhost", free_port()])
    assert result.stdout.strip() in ["127.0.0.1", "::1"]


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit, match="HOST=no such host PORT=8000 is no address of this mach"):
        listen_address("no such host", "8000")


def test_a_taken_address_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        with pytest.raises(SystemExit, match=f"Another server answers at 127.0.0.1, port {port}"):
            listen_address("127.0.0.1", port)
