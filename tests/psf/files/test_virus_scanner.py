import io
import socket
import threading
from contextlib import closing

import pytest
from django.core.exceptions import ImproperlyConfigured

from psf.files.virus_scanner import scanner_address, virus_error

CLEAN, FOUND = b"stream: OK\0", b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
TEXT = b"word " * 40_000  # more than one chunk


def serve(listener, reply, received):
    """Answer one scan as clamd does. Without a reply: close the connection at once."""
    connection, _address = listener.accept()
    with closing(connection), connection.makefile("rb") as stream:
        if reply:
            received.append(stream.read(len(b"zINSTREAM\0")))
            while size := int.from_bytes(stream.read(4), "big"):
                received.append(stream.read(size))
            connection.sendall(reply)


@pytest.fixture(params=["tcp", "unix"])
def scan(request, settings, tmp_path):
    """Scan a text by a scanner with this reply, and return the sentence and what it received."""

    def scan(reply):
        if request.param == "tcp":
            listener = socket.create_server(("127.0.0.1", 0))
            url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        else:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(tmp_path / "clamd"))
            listener.listen()
            url = f"unix://{tmp_path}/clamd"
        settings.CLAMD_ADDRESS = scanner_address({"CLAMD_URL": url})
        received = []
        thread = threading.Thread(target=serve, args=[listener, reply, received])
        thread.start()
        sentence = virus_error(io.BytesIO(TEXT))
        thread.join()
        listener.close()
        return sentence, received

    return scan


def test_clean_file_is_accepted(scan):
    sentence, received = scan(CLEAN)
    assert sentence == ""
    assert received[0] == b"zINSTREAM\0" and b"".join(received[1:]) == TEXT


def test_virus_is_refused(scan, caplog):
    sentence, _received = scan(FOUND)
    assert sentence == "The virus scanner found malware in the file."
    assert "Win.Test.EICAR_HDB-1" in caplog.text


@pytest.mark.parametrize("reply", [b"INSTREAM size limit exceeded. ERROR\0", None])
def test_file_without_a_verdict_is_refused(scan, reply):
    sentence, _received = scan(reply)
    assert "does not answer, so the file was not accepted" in sentence


def test_files_are_accepted_without_a_scanner(settings):
    settings.CLAMD_ADDRESS = None
    assert virus_error(io.BytesIO(TEXT)) == ""


def test_lost_scanner_refuses_files(settings):
    settings.CLAMD_ADDRESS = ("127.0.0.1", 1)
    assert "does not answer" in virus_error(io.BytesIO(TEXT))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("", None),
        ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("tcp://127.0.0.1", ("127.0.0.1", 3310)),
        ("tcp://[::1]:3311", ("::1", 3311)),
    ],
)
def test_address_of_the_scanner(url, address):
    assert scanner_address({"CLAMD_URL": url}) == address


@pytest.mark.parametrize("url", ["unix://clamd", "http://127.0.0.1", "tcp://a:b", "tcp://a/b"])
def test_wrong_address_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL must be unix:///"):
        scanner_address({"CLAMD_URL": url})
