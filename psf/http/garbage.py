"""Garbage collection in a process that answers requests."""

import gc

# New objects before a collection. A request makes fewer, and leaves almost none in cycles.
OBJECTS = 50_000


def collect_garbage_rarely() -> None:
    """Examine nothing that is loaded now, because it stays loaded, and new objects rarely."""
    gc.freeze()
    gc.set_threshold(OBJECTS)
