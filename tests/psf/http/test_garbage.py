"""Garbage collection in a process that answers requests."""

import gc

from psf.http.garbage import OBJECTS, collect_garbage_rarely


def test_loaded_objects_are_not_examined_and_new_objects_rarely():
    threshold = gc.get_threshold()
    try:
        collect_garbage_rarely()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (OBJECTS, *threshold[1:])
    finally:
        gc.set_threshold(*threshold)
