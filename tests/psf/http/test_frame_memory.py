import inspect

from psf.http.frame_memory import SLOTS, with_frame_memory
from psf.http.in_process_requests import fetch


def test_an_application_answers_inside_a_large_frame():
    frames = []

    def app(environ, start_response):
        frames.append(inspect.currentframe().f_back.f_code.co_stacksize)
        start_response("200 OK", [("X-Path", environ["PATH_INFO"])])
        return [b"body"]

    answer = fetch(with_frame_memory(app), "/projects/")
    assert (answer.status, answer.headers["x-path"], answer.body) == (200, "/projects/", b"body")
    assert frames == [SLOTS]
