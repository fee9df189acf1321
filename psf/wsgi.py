import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")

application = get_wsgi_application()

from psf import page_cache  # noqa: E402  (it needs Django to be ready)

application = page_cache.in_front_of(application)
