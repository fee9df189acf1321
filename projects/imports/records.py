"""Who imports, and from what."""

from typing import Any, NamedTuple


class Author(NamedTuple):
    """Who imports from which file. Without `user` it is somebody at the server's own terminal."""

    file: str
    user: Any = None
    may_decide: bool = True
