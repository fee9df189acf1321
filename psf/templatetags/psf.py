"""What the pages of staff share with those of readers."""

from django import template

from projects.money import eur
from psf.words import permanent_address

register = template.Library()
register.filter(eur)
register.simple_tag(permanent_address)
