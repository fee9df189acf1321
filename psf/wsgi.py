import os

from psf.staying import loaded_to_stay

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "psf.settings")

with loaded_to_stay():
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()

    from psf import page_cache  # it needs Django to be ready

    application = page_cache.in_front_of(application)
