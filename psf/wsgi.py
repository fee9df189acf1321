import os
import sys
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")
try:
    django_application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(str(error))

# These modules need Django to be set up.
from psf.caching.page_cache import with_page_cache, with_replica
from psf.http.middleware import with_whole_bodies
from psf.http.requests import ask

application = with_replica(with_page_cache(with_whole_bodies(django_application)))

# Otherwise the first readers would wait for views, values of all records and public changes.
site = urlsplit(settings.SITE_URL)
for address in ["/", "/projects/", "/changes/"]:
    environ = {"PATH_INFO": address, "HTTP_HOST": site.netloc}
    environ["HTTP_X_FORWARDED_PROTO"] = site.scheme
    setup_testing_defaults(environ)
    list(ask(application, environ)[2])
connections.close_all()
