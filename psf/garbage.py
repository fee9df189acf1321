"""Times at which Python does not search for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_searched() -> Iterator[None]:
    """No search meanwhile: among much that is needed it takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def loaded_to_stay() -> Iterator[None]:
    """What is loaded meanwhile is never searched: later that held up one page in some hundreds.

    Each time it took 50 ms.
    """
    with not_searched():
        yield
        gc.freeze()
