"""Types of arguments of commands."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """The type of a whole number within limits."""

    def read(text: str) -> int:
        if not (text.isdecimal() and len(text) <= 9 and least <= int(text) <= most):
            raise ArgumentTypeError(f"write a number from {least} to {most}, not {text!r}")
        return int(text)

    return read
