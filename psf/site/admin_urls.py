"""The addresses of the staff pages. The import of this module loads all staff pages."""

from django.contrib import admin

admin.autodiscover()
urlpatterns = admin.site.get_urls()
