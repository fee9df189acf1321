"""The settings of the site, with its data in the folder `GUIDE_DATA`."""

import os
from pathlib import Path

from psf.settings import *  # noqa: F403

VAR_DIR = Path(os.environ["GUIDE_DATA"])
STATIC_ROOT = VAR_DIR / "static"
if not os.environ.get("MEDIA_ROOT"):
    MEDIA_ROOT = VAR_DIR / "media"
if not os.environ.get("DATABASE_URL"):
    DATABASES["default"]["NAME"] = VAR_DIR / "db.sqlite3"  # noqa: F405
