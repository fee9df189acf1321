"""The parts: PostgreSQL twice, PgBouncer, Valkey, two web nodes and nginx."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
PRIMARY, REPLICA, POOL, CACHE = 5601, 5602, 5603, 5604
PROXY, FIRST_NODE, SECOND_NODE = 8600, 8601, 8602
POSTGRES = ["runuser", "-u", "postgres", "--"]
SECRET = "only for the demonstration, on loopback, at least fifty characters"

PRIMARY_CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
wal_level = replica
fsync = off
"""
POOL_CONFIGURATION = """
[databases]
psf = host=127.0.0.1 port={primary} dbname=psf user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {pool}
unix_socket_dir =
auth_type = any
pool_mode = session
ignore_startup_parameters = options
server_connect_timeout = 2
server_login_retry = 1
query_wait_timeout = 3
"""
PROXY_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream nodes {{ server {host}:{first}; server {host}:{second}; }}
    server {{
        listen {host}:{proxy};
        location / {{
            proxy_pass http://nodes;
            proxy_set_header Host {host};
            proxy_connect_timeout 1s;
        }}
    }}
}}
"""


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL or Debian. Raises SystemExit without it."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(
        name, path=":".join([*map(str, versions), os.environ["PATH"], "/usr/sbin"])
    )
    if not found:
        raise SystemExit(
            f"{name} is missing: apt install postgresql pgbouncer valkey-server nginx-light"
        )
    return found


def is_listening(port: int) -> bool:
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex((HOST, port)) == 0


class Part:
    """A process that can be stopped hard and started again."""

    def __init__(self, name: str, port: int, start: Callable[[], list[str]], **env: str) -> None:
        self.name, self.port, self.start_command = name, port, start
        self.env = {"PATH": os.environ["PATH"], "SECRET_KEY": SECRET, **env}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it listens, at most 30 seconds."""
        self.process = subprocess.Popen(
            self.start_command(),
            cwd=BASE,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _attempt in range(300):
            if is_listening(self.port):
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self.name} does not listen on port {self.port}.")

    def kill(self) -> None:
        """Kill the process with all its children, as a power cut would."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def web_node(name: str, port: int) -> Part:
    options = ["--interface", "wsgi", "--host", HOST, "--port", str(port), "--no-ws"]
    command = [sys.executable, "-m", "granian", "psf.wsgi:application", *options]
    command += ["--workers", "1", "--blocking-threads", "4"]
    env = {
        "DATABASE_URL": f"postgresql://postgres@{HOST}:{POOL}/psf",
        "DATABASE_REPLICA_URL": f"postgresql://postgres@{HOST}:{REPLICA}/psf",
        "CACHE_URL": f"redis://{HOST}:{CACHE}",
        "SITE_URL": f"http://{HOST}",
    }
    return Part(name, port, lambda: command, **env)


def make_parts(folder: Path) -> dict[str, Part]:
    """Create the databases with data, and return all parts, started."""
    shutil.chown(folder, "postgres")
    data, copy = folder / "primary", folder / "replica"
    run([*POSTGRES, program("initdb"), "-A", "trust", "-U", "postgres", "-D", str(data)])
    (data / "postgresql.auto.conf").write_text(PRIMARY_CONFIGURATION.format(folder=folder))
    server = [*POSTGRES, program("postgres"), "-D"]
    parts = {"primary": Part("primary", PRIMARY, lambda: [*server, str(data), "-p", str(PRIMARY)])}
    parts["primary"].start()
    connection = ["-h", HOST, "-p", str(PRIMARY), "-U", "postgres"]
    run([*POSTGRES, program("createdb"), *connection, "psf"])
    run([*POSTGRES, program("pg_basebackup"), *connection, "-c", "fast", "-R", "-D", str(copy)])
    parts["replica"] = Part("replica", REPLICA, lambda: [*server, str(copy), "-p", str(REPLICA)])
    pool = folder / "pgbouncer.ini"
    pool.write_text(POOL_CONFIGURATION.format(primary=PRIMARY, pool=POOL))
    parts["pool"] = Part("pool", POOL, lambda: [*POSTGRES, program("pgbouncer"), "-q", str(pool)])
    cache = ["--bind", HOST, "--port", str(CACHE), "--save", "", "--dir", str(folder)]
    parts["cache server"] = Part("cache server", CACHE, lambda: [program("valkey-server"), *cache])
    parts["first node"] = web_node("first node", FIRST_NODE)
    parts["second node"] = web_node("second node", SECOND_NODE)
    proxy = folder / "nginx.conf"
    proxy.write_text(
        PROXY_CONFIGURATION.format(
            folder=folder, host=HOST, first=FIRST_NODE, second=SECOND_NODE, proxy=PROXY
        )
    )
    parts["proxy"] = Part("proxy", PROXY, lambda: [program("nginx"), "-c", str(proxy)])
    for name in ["replica", "pool", "cache server"]:
        parts[name].start()
    for command in [["manage.py", "prepare"], ["-m", "tests.make_data", "--projects=300", "--add"]]:
        run([sys.executable, *command], parts["first node"].env)
    for name in ["first node", "second node", "proxy"]:
        parts[name].start()
    return parts


def run(command: list[str], env: dict[str, str] | None = None) -> None:
    """Run a command. Raises CalledProcessError with its output if it fails."""
    subprocess.run(command, cwd=BASE, env=env, check=True, capture_output=True)
