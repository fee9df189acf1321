import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")

application = get_wsgi_application()

from psf import page_cache  # noqa: E402  (it needs Django to be ready)

application = page_cache.in_front_of(application)

# What is loaded by now stays. Searching it for garbage held up one page in some hundreds for 50 ms.
gc.freeze()
