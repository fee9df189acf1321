"""Programs that a test starts."""

import subprocess
from typing import Any

# Below `faulthandler_timeout`: pytest would end and leave the program running.
SECONDS = 240


def run(command: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; both outputs are texts. A program that hangs is a failure."""
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, **options)
