"""The pages of staff. Whoever imports this loads all of them."""

from django.contrib import admin

from psf.garbage import loaded_to_stay

with loaded_to_stay():
    admin.autodiscover()
    urlpatterns = admin.site.get_urls()
