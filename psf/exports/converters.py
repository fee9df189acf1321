"""The end of the address of data."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class Suffix(StringConverter):
    """A format, offered or not: the view answers in words for a wrong one."""

    regex = "[a-z0-9]{1,8}"


register_converter(Suffix, "suffix")
