"""What the pages of staff share with those of readers."""

from django import template

from psf.text.numbers import eur
from psf.text.phrases import permanent_address

register = template.Library()
register.filter(eur)
register.simple_tag(permanent_address)
