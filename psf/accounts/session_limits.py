"""How long a session of staff lasts."""

from datetime import timedelta

MAX_IDLE_TIME = timedelta(hours=8)
MAX_SESSION_AGE = timedelta(hours=12)
