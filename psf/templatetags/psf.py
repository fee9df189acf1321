"""Template filters and tags of staff pages that public pages have too."""

from django import template

from psf.text.numbers import eur
from psf.text.phrases import permanent_address

register = template.Library()
register.filter(eur)
register.simple_tag(permanent_address)
