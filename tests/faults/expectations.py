"""The answers that readers and staff may get while something fails."""

import time
from contextlib import AbstractContextManager

from tests.faults.site import Answer, Site, statuses


def only_pages(found: list[Answer]) -> None:
    wrong = [answer for answer in found if not answer.is_page_or_promise()]
    assert not wrong, f"{statuses(found)}: {wrong[0].text[:200]}"


def sentence(answer: Answer) -> None:
    assert answer.status == 503, answer.status
    assert "Nothing was saved" in answer.text, answer.text[:500]


def outage(site: Site, fault: AbstractContextManager[None], seconds: float) -> str:
    """Readers get pages or 503, staff a sentence, static files and health answer at once."""
    for address in ["/", "/projects/"]:
        site.ask(address)
    with site.readers(addresses=["/", "/projects/", "/calls/", "/projects/?q=river"]) as found:
        with fault:
            end = time.monotonic() + seconds
            time.sleep(1.5)
            sentence(site.ask("/admin/", staff=True))
            while time.monotonic() < end:
                for address in ["/static/psf/site.css", "/healthz"]:
                    answer = site.ask(address)
                    assert answer.status == 200, (address, answer.status)
                    assert answer.seconds < 3, (address, answer.seconds)
                time.sleep(0.5)
            ready = site.ask("/readyz")
            assert ready.status == 503, (ready.status, ready.text)
        recovered = site.wait_until_ready(20)
    only_pages(found)
    time.sleep(2)  # both workers have noticed that the database is back
    saved = site.save(site.records[0], "after")
    assert saved.status == 302, (saved.status, saved.text[:500])
    return f"{statuses(found)}; ready again after {recovered:.1f} s"
