import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")
django_application = get_wsgi_application()

from psf.caching.page_cache import with_page_cache  # noqa: E402, it needs Django to be set up

application = with_page_cache(django_application)

# What is loaded now stays loaded: no garbage collection examines these objects again.
gc.freeze()
