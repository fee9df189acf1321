"""The words by which announcements are read, from `data/words.toml`."""

import tomllib
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "words.toml").read_text(encoding="utf-8")
)
