"""Requests, in turn or many at once, and their cost."""

import http.client
import re
import statistics
import subprocess
import time
from typing import NamedTuple

from tests.benchmarks.processes import HOST, processor_seconds

Headers = dict[str, str]
MOST_SECONDS = 6
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


class Cost(NamedTuple):
    """Milliseconds of waiting, and of processor time of all servers, a request."""

    p50: float
    p99: float
    cpu: float
    size: int
    requests_per_second: float = 0


def one_reader(
    port: int, path: str, headers: Headers, roots: list[int], times: int, warm: int = 4
) -> Cost:
    """One visitor, who waits for each answer, as often as asked or for some seconds."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    for _request in range(warm):
        _get(connection, path, headers)
    waited: list[float] = []
    before, end = processor_seconds(roots), time.monotonic() + MOST_SECONDS
    while len(waited) < times and (len(waited) < 3 or time.monotonic() < end):
        begin = time.perf_counter()
        size = _get(connection, path, headers)
        waited.append((time.perf_counter() - begin) * 1000)
    used = (processor_seconds(roots) - before) * 1000 / len(waited)
    connection.close()
    waited.sort()
    last = min(len(waited) - 1, int(len(waited) * 0.99))
    return Cost(statistics.median(waited), waited[last], used, size)


def _get(connection: http.client.HTTPConnection, path: str, headers: Headers) -> int:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    assert response.status in [200, 304], (path, response.status)
    return len(response.read())


def page(port: int, path: str, headers: Headers) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    return response, response.read()


def many_readers(
    port: int, path: str, headers: Headers, roots: list[int], at_once: int, seconds: int
) -> Cost:
    """Visitors at the same time, each of whom asks again at once (wrk)."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    address = f"http://{HOST}:{port}{path}"
    command = ["wrk", "-t1", f"-c{at_once}", f"-d{seconds}s", "--latency", *given, address]
    before = processor_seconds(roots)
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = processor_seconds(roots) - before
    assert "Non-2xx" not in output, output

    def found(pattern: str) -> re.Match[str]:
        match = re.search(pattern, output)
        assert match, output
        return match

    p50, p99 = (
        float(match[1]) * UNITS[match[2]]
        for match in [found(rf"\n +{share}% +([0-9.]+)([mu]?s)") for share in (50, 99)]
    )
    number = int(found(r"(\d+) requests in")[1])
    rate = float(found(r"Requests/sec: +([0-9.]+)")[1])
    return Cost(p50, p99, used * 1000 / number, 0, rate)
