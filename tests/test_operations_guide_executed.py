"""The blocks of the operator's guide, executed in their order.

A temporary folder stands for the disk of the server. Programs that change the machine are stubs,
which write down their calls. The commands of the application, SQLite and all files are real.
"""

import re
import shutil
import sys
import textwrap

import pytest

from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_document,
    make_project,
    make_public_project,
)
from tests.support.processes import run
from tests.test_operations_guide import BASE, SHELL

STUB = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$(basename "$0") $*" in
    "hostname "*) echo psf.example.org ;;
    "git clone "*) shift; mkdir "$2"; cp -r "$BASE/docs" "$BASE/requirements.txt" "$INPUT/." "$2" ;;
    "git -C "*) echo https://example.org/psf.git ;;
    "python3 -m venv "*) mkdir -p "$3/bin"; ln -s "$STUBS/pip" "$STUBS/python" "$3/bin" ;;
    "python3 "*) exec "$PYTHON" "$@" ;;
    "python manage.py "*) shift; exec "$PYTHON" "$BASE/manage.py" "$@" ;;
    "runuser "*) shift 3; [ "$1" != sh ] || exec "$@" ;;
esac
"""
# Real, but without the user psf.
INSTALL = '#!/bin/sh\nexec /usr/bin/install $(echo "$@" | sed -E "s/--(owner|group) psf//g")\n'
STUBS = [
    *["adduser", "apt-get", "certbot", "curl", "git", "hostname", "journalctl", "nginx", "pip"],
    *["python", "python3", "runuser", "systemctl", "useradd", "wget"],
]
# No other program can be called.
REAL = ["basename", "bash", "cat", "cp", "date", "ln", "mkdir", "rm", "sed", "sh", "yes"]
PLACEHOLDERS = {
    "<the repository>": "https://example.org/psf.git",
    "FILE --call SLUG": "second.txt --call psf-2019",
    "import_announcement FILE": "import_announcement first.txt",
    "psf-2030": "psf-2019",
    " DIR ": " /var/tmp/data ",
    " NAME ": " admin ",
    # These need an answer.
    "manage createsuperuser": "manage createsuperuser --no-input --username second --email a@b.se",
    "manage changepassword": "yes 'harbour 99 storm' | manage changepassword",
}
# No later block needs what these do. Tests of their own run them, without a process for each.
RUN_ELSEWHERE = [
    *["check_data", "check_figures", "check_files", "find_duplicates"],
    *["import_data", "purge_audit_log", "rebuild_search", "remove_second_factors"],
]
PLACEHOLDERS |= {f"manage {name}": f": {name}" for name in RUN_ELSEWHERE}
FILES = {
    "first.txt": "PSF 2031\n1. Safe harbours\nLead partner: Port of Riga, Latvia\n",
    "second.txt": "PSF 2019\n1. Quiet harbours\nLead partner: Port of Oslo, Norway\n",
    "projects.csv": "reference,title,partner_role,partner_name,partner_country\n"
    "PSF-2019-77,Storm Watch,lead,Harbour Office,LV\n",
}


def script_of_guide(disk):
    """All blocks as one script for a server whose disk is the folder."""
    lines = ["set -e"]
    for number, block in enumerate(map(textwrap.dedent, SHELL)):
        for placeholder, value in PLACEHOLDERS.items():
            block = block.replace(placeholder, value)
        lines += [f'echo "block {number}" >&2', block]
        if "/etc/psf.env\nsed" in block:
            lines.append("sed -i '/^DATABASE_URL/d' /etc/psf.env")
    return re.sub(r"(?<![\w.}])/(srv|etc|var)/", rf"{disk}/\1/", "\n".join(lines))


@pytest.fixture
def server(tmp_path):
    """The disk of a new server, with the stubs in its folder `bin`."""
    folders = ["bin", "srv", "var/lib", "var/backups", "var/tmp", "etc/systemd/system", "input"]
    for name in [*folders, "etc/nginx/sites-available", "etc/nginx/sites-enabled"]:
        (tmp_path / name).mkdir(parents=True)
    for name in STUBS:
        (tmp_path / "bin" / name).write_text(STUB)
        (tmp_path / "bin" / name).chmod(0o755)
    for name in REAL:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    for name, text in FILES.items():
        (tmp_path / "input" / name).write_text(text)
    (tmp_path / "bin" / "install").write_text(INSTALL)
    (tmp_path / "bin" / "install").chmod(0o755)
    return tmp_path


@pytest.mark.unmeasured
def test_every_block_works_as_written(server):
    environment = {
        "PATH": f"{server}/bin",
        "BASE": str(BASE),
        "STUBS": f"{server}/bin",
        "CALLS": f"{server}/calls",
        "INPUT": f"{server}/input",
        "PYTHON": sys.executable,
        "GUIDE_DATA": f"{server}/var/lib/psf",
        "DJANGO_SETTINGS_MODULE": "tests.support.guide_settings",
        "DJANGO_SUPERUSER_PASSWORD": "only for this test",
    }
    script = script_of_guide(server)
    result = run(["bash", "-c", script], cwd=server, env=environment, input="")
    assert result.returncode == 0, result.stderr[-3000:]
    assert "Proved: the restored copy shows the same" in result.stdout


@pytest.mark.skipif(not shutil.which("wget"), reason="wget is not installed")
def test_the_copy_of_the_site_is_complete(transactional_db, live_server, tmp_path):
    [recipe] = [block for block in SHELL if "\nwget " in block]
    call = make_call()
    projects = [make_public_project(call=call) for _number in range(26)]
    hidden = make_project(call=call)
    document = make_document(projects[0], published_at=LONG_AGO)
    script = recipe.replace("/srv/psf-copy", str(tmp_path / "copy"))
    script = script.replace("https://$(hostname --fqdn)", live_server.url)
    result = run(["bash", "-ec", script])
    assert result.returncode == 0, result.stderr[-3000:]
    copy = {str(path.relative_to(tmp_path / "copy")) for path in tmp_path.glob("copy/**/*.*")}
    pages = [record.get_absolute_url() for record in [call, *projects]]
    assert {f"{page[1:]}index.html" for page in [*pages, "/", "/data/", "/calls/"]} <= copy
    assert {"projects/index.html", "projects/index.html@page=2.html"} <= copy
    assert document.get_absolute_url()[1:] in copy
    assert not [name for name in copy if hidden.slug in name or name.startswith("admin")]
    home = (tmp_path / "copy" / "index.html").read_text()
    assert 'href="projects/index.html"' in home
    styles = re.findall(r'rel="stylesheet" href="([^"]+)"', home)
    assert styles
    assert {*styles} <= copy
