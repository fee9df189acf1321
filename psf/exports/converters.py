"""The end of the address of data."""

from django.urls import register_converter


class Suffix:
    """A format, offered or not: the view answers in words for a wrong one."""

    regex = "[a-z0-9]{1,8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Suffix, "suffix")
