"""Asks the virus scanner at CLAMD_URL about an uploaded file. The scanner is clamd of ClamAV."""

import logging
import socket
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from psf.environment import Environment

CHUNK_BYTES = 2**16
WAIT_SECONDS = 10  # for each answer of the scanner
MAX_REPLY_BYTES = 1000

# The path of a Unix socket, or host and port.
Address = str | tuple[str, int]

logger = logging.getLogger(__name__)


def scanner_address(environ: Environment) -> Address | None:
    """The address in CLAMD_URL; None without a scanner."""
    value = environ.get("CLAMD_URL") or ""
    if not value:
        return None
    if value.startswith("unix:///"):
        return value.removeprefix("unix://")
    try:
        parts = urlsplit(value)
        if parts.hostname and value == f"tcp://{parts.netloc}":
            return parts.hostname, parts.port or 3310
    except ValueError:
        pass
    raise ImproperlyConfigured(
        f"CLAMD_URL must be unix:///path/of/socket or tcp://host:port; it is {value!r}."
    )


def virus_error(file: IO[bytes]) -> str:
    """Return a sentence about the file, or "". Without an answer of the scanner: a sentence too."""
    if settings.CLAMD_ADDRESS is None:
        return ""
    file.seek(0)
    try:
        reply = _scan(file, settings.CLAMD_ADDRESS)
    except OSError as error:
        reply = str(error)
    if reply == "stream: OK":
        return ""
    logger.error("An uploaded file was refused. The virus scanner says: %r", reply)
    if reply.endswith(" FOUND"):
        return _("The virus scanner found malware in the file.")
    return _("The virus scanner does not answer, so the file was not accepted. Try again later.")


def _scan(file: IO[bytes], address: Address) -> str:
    """Send the file by the command INSTREAM, and return the reply. Raises OSError."""
    with _connect(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK_BYTES):
            connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
        connection.sendall(bytes(4))
        with connection.makefile("rb") as replies:
            reply = replies.read(MAX_REPLY_BYTES)  # the scanner then closes the connection
    return reply.rstrip(b"\0").decode(errors="replace")


def _connect(address: Address) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, WAIT_SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(WAIT_SECONDS)
    connection.connect(address)
    return connection
