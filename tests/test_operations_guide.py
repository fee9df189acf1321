"""The operator's guide and its files do what they say."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from psf import environment
from psf.http.middleware import STAFF_AT_ONCE, STRANGERS_AT_ONCE
from tests.support.processes import run

BASE = Path(__file__).resolve().parent.parent
DEPLOY = BASE / "docs" / "deploy"
GUIDE = (BASE / "docs" / "operations.md").read_text()
SHELL = re.findall(r"^ *```sh\n(.*?)^ *```", GUIDE, re.DOTALL | re.MULTILINE)
UNITS = sorted(DEPLOY.glob("*.service"))
PYTHON = "/srv/psf/.venv/bin/python /srv/psf/manage.py "
SETTING = re.compile(r"[A-Z][A-Z0-9_]*=\S*")


def settings_of_guide():
    """The settings as systemd reads them, with a key as the guide makes it."""
    lines = (DEPLOY / "psf.env").read_text().splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in named if not SETTING.fullmatch(line)] == []
    settings = dict(line.split("=", 1) for line in named)
    return settings | {"SECRET_KEY": "0123456789" * 5}


def commands():
    """Every command of manage.py in the guide and in the units, as words."""
    for block in SHELL:
        for line in block.splitlines():
            found = re.match(r"(?: *[A-Z_]+=\S+ )? *manage ((?!shell)[a-z].*)", line)
            if found:
                yield shlex.split(found[1], comments=True)
    for unit in UNITS:
        for line in re.findall(
            rf"(?:ExecStart={PYTHON}|^ +run )([a-z][^;\n]*)", unit.read_text(), re.M
        ):
            yield shlex.split(line)


def test_every_block_is_a_valid_script():
    assert len(SHELL) > 15
    for block in SHELL:
        script = re.sub(r"<[a-z ]+>", "https://example.org/psf.git", block)
        result = run(["bash", "-n"], input=script)
        assert result.stderr == "", block


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_command_exists_with_its_options(words):
    name, *arguments = words
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(arguments)


def test_the_site_starts_with_the_settings_of_the_guide():
    settings = settings_of_guide()
    result = run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE,
        env={"PATH": os.environ["PATH"], **settings, "DJANGO_SETTINGS_MODULE": "psf.settings"},
    )
    assert "no issues" in result.stdout, result.stderr


def test_the_shell_reads_the_same_settings():
    script = f'. {DEPLOY}/psf.env; printf %s "$DATABASE_URL"'
    result = run(["sh", "-c", script])
    assert result.stdout == settings_of_guide()["DATABASE_URL"]


@pytest.mark.parametrize("name", ["psf.env", "nginx.conf"])
def test_the_guide_replaces_every_example(name):
    lines = (DEPLOY / name).read_text().splitlines()
    replaced = [line.replace("psf.example.org", "host", 1) for line in lines]
    assert [line for line in replaced if "example" in line] == []


def test_the_guide_describes_every_setting():
    modules = [
        environment.__file__,
        BASE / "psf" / "settings.py",
    ]
    source = "".join(Path(module).read_text() for module in modules)
    names = {*re.findall(r'environ(?:\.get\(|, )"([A-Z0-9_]+)"', source)}
    assert [name for name in sorted(names) if f"| `{name}` |" not in GUIDE] == []
    assert [name for name in settings_of_guide() if f"| `{name}` |" not in GUIDE] == []


def test_the_guide_uses_every_file():
    timers = {path.stem for path in DEPLOY.glob("*.timer")}
    assert timers == {unit.stem for unit in UNITS} - {"psf", "psf-failed@"}
    assert [name for name in timers if f"{name}.timer" not in GUIDE] == []
    for name in ["psf.env", "nginx.conf"]:
        assert f"docs/deploy/{name}" in GUIDE or f"(deploy/{name})" in GUIDE


def test_the_server_knows_its_options():
    line = re.search(r"ExecStart=\S+ (.*)", (DEPLOY / "psf.service").read_text())
    options = [word for word in line[1].split() if word.startswith("--")]
    result = run([sys.executable, "-m", "granian", "--help"])
    assert [option for option in options if option not in result.stdout] == []


@pytest.mark.parametrize("file", ["Makefile", "docs/deploy/psf.service"])
def test_forms_that_stop_leave_threads_for_readers(file):
    text = (BASE / file).read_text()
    threads = re.search(r"--blocking-threads (\d+) ", text)
    assert int(threads[1]) - STRANGERS_AT_ONCE - STAFF_AT_ONCE >= 6
    assert "--http 1 --http1-header-read-timeout 5000 " in text


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_every_service_is_confined(unit, tmp_path):
    lines = unit.read_text().splitlines()
    assert "User=psf" in lines and "EnvironmentFile=/etc/psf.env" in lines
    copy, folder = re.search(r"^cp (--\S+ --\S+) .* (/etc/systemd/system/)$", GUIDE, re.M).groups()
    (tmp_path / folder[1:]).mkdir(parents=True)
    run(["sh", "-c", f"cp {copy} {DEPLOY}/*.service* {tmp_path}{folder}"], check=True)
    if shutil.which("systemd-analyze"):
        # Of 100: a service that may do everything has 96.
        limits = ["--offline=yes", f"--root={tmp_path}", "--threshold=15"]
        run(["systemd-analyze", "security", *limits, unit.name.replace("@", "@x")], check=True)


@pytest.mark.parametrize("timer", [*DEPLOY.glob("*.timer")], ids=lambda timer: timer.stem)
def test_a_failed_job_is_mailed(timer):
    lines = timer.with_suffix(".service").read_text().splitlines()
    assert "OnFailure=psf-failed@%p.service" in lines


@pytest.mark.parametrize("name", ["psf-checks", "psf-retention"])
def test_every_command_of_a_unit_runs_after_a_failed_one(name, tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$2" >> {tmp_path}/calls; test ! -e {tmp_path}/"$2"\n')
    python.chmod(0o755)
    unit = (DEPLOY / f"{name}.service").read_text().replace("\\\n", "").replace("$$", "$")
    command = shlex.split(re.search("ExecStart=(.*)", unit)[1])
    command[2] = command[2].replace("/srv/psf/.venv/bin/python", str(python))
    assert run(command).returncode == 0
    calls = (tmp_path / "calls").read_text().splitlines()
    assert len(calls) == unit.count(" run ") > 1
    (tmp_path / calls[0]).touch()
    assert run(command).returncode == 1
    assert (tmp_path / "calls").read_text().splitlines() == calls * 2


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_units(tmp_path):
    shutil.copytree(DEPLOY / "psf-.service.d", tmp_path / "psf-.service.d")
    for path in [*UNITS, *DEPLOY.glob("*.timer")]:
        text = path.read_text().replace("User=psf", "User=root")
        text = text.replace("/srv/psf/.venv/bin/", f"{BASE}/.venv/bin/").replace("/srv/psf", "/tmp")
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in tmp_path.iterdir() if path.is_file()]
    result = run(["systemd-analyze", "verify", *units])
    assert [line for line in result.stderr.splitlines() if str(tmp_path) in line] == []


def test_the_proxy_limits_sizes_times_and_sign_ins_and_answers_in_an_outage(tmp_path):
    configuration = (DEPLOY / "nginx.conf").read_text()
    for directive in [
        "client_max_body_size 64k;",
        "client_max_body_size 11m;",
        "client_body_timeout",
        "client_header_timeout",
        "limit_req zone=psf_sign_in",
        "limit_conn psf_connections",
        "keepalive_timeout 4s",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header X-Forwarded-Proto https;",
        "error_page 502 504 =503 @away;",
        "add_header Retry-After",
    ]:
        assert directive in configuration
    if not shutil.which("nginx") or not shutil.which("openssl"):
        return
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=psf.example.org", "-days", "1", "-nodes", "-newkey", "rsa:2048"]
    files = ["-keyout", key, "-out", certificate]
    run(["openssl", "req", "-x509", *subject, *files], check=True)
    for path, file in [("fullchain", certificate), ("privkey", key)]:
        name = f"/etc/letsencrypt/live/psf.example.org/{path}.pem"
        configuration = configuration.replace(name, str(file))
    configuration = configuration.replace("/var/log/nginx", str(tmp_path))
    for port in ["80", "443"]:
        configuration = re.sub(rf"listen \[::\]:{port}\b.*", "", configuration)
        configuration = re.sub(rf"listen {port}\b", f"listen unix:{tmp_path}/{port}", configuration)
    head = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;\n"
    (tmp_path / "nginx.conf").write_text(head + configuration + "\n}\n")
    command = ["nginx", "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    result = run(command)
    assert "syntax is ok" in result.stderr, result.stderr
