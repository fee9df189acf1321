import gc
import os
import sys
from threading import Thread

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")
try:
    django_application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(str(error))

# These modules need Django to be set up.
from django.db.backends.signals import connection_created

from psf.caching.data_version import versions
from psf.caching.page_cache import with_page_cache
from psf.caching.replica_readers import with_replica
from psf.database import replaced_file
from psf.http.in_process_requests import fetch
from psf.http.slow_bodies import SlowBodies

# Before a search for garbage. A page of readers makes fewer, a page of staff more.
NEW_OBJECTS = 1_000

connection_created.connect(replaced_file.remember)
request_started.connect(replaced_file.reopen_current)
versions.share()
application = with_replica(with_page_cache(SlowBodies(django_application)))


def collect_garbage(**signal: object) -> None:
    """Between requests few objects are alive, and a search takes less than a millisecond."""
    if gc.get_count()[0] > NEW_OBJECTS:
        gc.collect()


def make_first_pages() -> None:
    """Otherwise the first readers would wait for the views, and for values of all records."""
    for address in ["/", "/projects/"]:
        fetch(application, address)
    connections.close_all()


# The memory of a thread that ended is used by the threads of requests.
thread = Thread(target=make_first_pages)
thread.start()
thread.join()
# All modules stay loaded: no search for garbage includes them.
gc.freeze()
gc.set_threshold(50_000)  # a page makes fewer objects, so no search interrupts it
request_started.connect(collect_garbage)
