#!/usr/bin/env python
import os
import sys
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError, DataError, IntegrityError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")
    # The limit is for pages. A migration or an import may take longer.
    os.environ["STATEMENT_TIMEOUT"] = "0"
    try:
        import_module(os.environ["DJANGO_SETTINGS_MODULE"])
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except (DatabaseError, OSError) as error:
        if "--traceback" in sys.argv or isinstance(error, (DataError, IntegrityError)):
            raise
        reason = " ".join(str(error).split()).rstrip(".?!")
        if not isinstance(error, OSError):
            reason += (
                ". Check the database at DATABASE_URL: its address, its rights and its disk. "
                "If a table is missing, run manage.py prepare"
            )
        sys.exit(f"The command failed: {reason}.")
