"""Memory for the nested calls of a request, taken from the system once.

Python keeps the frames of nested calls in blocks of 16 kB. Where a block ends inside a loop, each
call of the loop takes a block from the system and gives it back. A call with a large frame gets a
large block, and the calls inside it use the rest of this block.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SLOTS = 2**14  # a frame of 128 kB, in a block of 256 kB


def with_frame_memory(app: WSGIApplication) -> WSGIApplication:
    """The application, called with a large frame."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return app(environ, start_response)

    call.__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call
