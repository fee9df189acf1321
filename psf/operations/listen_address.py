"""The address at which `make run` starts the server, because granian knows no names of hosts.

python -m psf.operations.listen_address HOST PORT
"""

import socket
import sys

TAKEN = "Another server answers at {host}, port {port}. Stop it, or choose another PORT."
UNKNOWN = (
    "HOST={host} PORT={port} is no address of this machine: choose HOST=127.0.0.1, for example."
)


def listen_address(host: str, port: str) -> str:
    """The network address of a host. Raises `SystemExit` if no server can start there.

    Two servers can listen at one address, and each answers some of the requests.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        sys.exit(UNKNOWN.format(host=host, port=port))
    family, kind, _protocol, _name, address = found[0]
    with socket.socket(family, kind) as client:
        if client.connect_ex(address) == 0:
            sys.exit(TAKEN.format(host=host, port=port))
    return str(address[0])


if __name__ == "__main__":
    print(listen_address(*sys.argv[1:]))  # noqa: T201
