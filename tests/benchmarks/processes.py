"""The processes of a run: the database, the server, nginx; their processor time and memory."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

BASE = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"


def python(*arguments: str, env: dict[str, str]) -> str:
    """The output of a Python command in the folder of the application."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=BASE, env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def running(command: list[str], env: dict[str, str], ready: str) -> Iterator[int]:
    """Run a server until it is no longer needed; gives its process once `ready` answers."""
    with subprocess.Popen(
        command, cwd=BASE, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _attempt in range(600):
                if answers(ready):
                    break
                time.sleep(0.1)
            else:
                raise TimeoutError(f"{command[0]} does not answer at {ready}.")
            yield server.pid
        finally:
            server.terminate()


def answers(address: str) -> bool:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def server_command(port: int, *more: str) -> list[str]:
    """The command of docs/deploy/psf.service at another port, without its metrics."""
    unit = (BASE / "docs" / "deploy" / "psf.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    options = line.partition(" granian ")[2].partition(" --metrics")[0].split()
    return [sys.executable, "-m", "granian", *options, "--port", str(port), *more]


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def granian(port: int, env: dict[str, str]) -> Iterator[int]:
    """The application, served as the unit of systemd serves it."""
    with running(server_command(port), env, f"http://{HOST}:{port}/healthz") as pid:
        yield pid


NGINX = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; keepalive_requests 1000000; default_type text/html;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache keys_zone=psf:10m max_size=100m;
    map $http_accept_encoding $psf_encoding {{ default ""; "~\\bgzip\\b" gzip; }}
    map $http_cookie $psf_signed_in {{ default ""; "~(sessionid|csrftoken)=" 1; }}
    upstream application {{ server {host}:{application}; keepalive 8; }}
    server {{
        listen {host}:{port};
        location /static-copy/ {{ root {folder}; gzip_static on; index index.html; }}
        location / {{
            proxy_pass http://application; proxy_http_version 1.1;
            proxy_set_header Host {host}; proxy_set_header Connection "";
            proxy_set_header Accept-Encoding $psf_encoding;
            proxy_cache psf; proxy_cache_key $host$uri$is_args$args$psf_encoding;
            proxy_cache_bypass $psf_signed_in;
            proxy_no_cache $psf_signed_in $upstream_http_set_cookie;
            proxy_ignore_headers Cache-Control Vary; proxy_cache_valid 200 1s;
            proxy_cache_lock on;
        }}
    }}
}}
"""


@contextmanager
def nginx(port: int, application: int, folder: Path) -> Iterator[int]:
    """nginx with a copy of a page as a file, and as a cache in front of the application.

    `folder` holds the copy as static-copy/index.html and index.html.gz.
    """
    folder.chmod(0o755)
    values = {"folder": folder, "host": HOST, "port": port, "application": application}
    (folder / "nginx.conf").write_text(NGINX.format(**values))
    command = [shutil.which("nginx") or "", "-c", str(folder / "nginx.conf")]
    command += ["-e", str(folder / "error.log")]
    with running(command, dict(os.environ), f"http://{HOST}:{port}/static-copy/") as pid:
        yield pid


def _parents() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    return children


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children, found, waiting = _parents(), [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += children.get(pid, [])
    return found


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def processor_seconds(roots: list[int]) -> float:
    ticks = 0
    for root in roots:
        for pid in tree(root):
            if fields := _stat(pid):
                # With that of children which have ended since: a database has many.
                ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(root: int) -> float:
    """The proportional share of memory (PSS) of the process and all its descendants."""
    kilobytes = 0
    for pid in tree(root):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024
