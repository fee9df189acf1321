"""Garbage collection in a process that answers requests."""

import gc

from psf.http.garbage import OBJECTS, collect_garbage_rarely


def test_loaded_objects_are_not_examined_and_new_objects_rarely():
    threshold = gc.get_threshold()
    gc.set_threshold(700, *threshold[1:])
    frozen = gc.get_freeze_count()
    try:
        collect_garbage_rarely()
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() == (OBJECTS, *threshold[1:])
    finally:
        gc.set_threshold(*threshold)
