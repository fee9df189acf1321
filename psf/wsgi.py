import gc
import os

# What is loaded here stays. Searching it for garbage took a tenth of the start, and later held up
# one page in some hundreds for 50 ms.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")

application = get_wsgi_application()

from psf import page_cache  # noqa: E402  (it needs Django to be ready)

application = page_cache.in_front_of(application)

gc.freeze()
gc.enable()
