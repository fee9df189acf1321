"""The pictures of records for shared links, and the icons at the root."""

import re
import struct

import pytest

from psf.site.share_pictures import PICTURED
from tests.support.factories import make_call, make_country, make_partner, make_public_project
from tests.support.hidden_records import words

pytestmark = pytest.mark.django_db


def words_on(kind, slug):
    records, say = PICTURED[kind]
    return say(records().get(slug=slug))


def test_picture_has_the_size_that_networks_expect_and_the_words_of_the_record(client):
    project = make_public_project(
        make_partner(country="LV"),
        title="Ūdens & вода " * 20,
        call=make_call(title="PSF 2031", slug="psf-2031"),
    )
    make_country("FI").partnerships.create(project=project, position=2)
    make_call(title="Without a deadline", slug="open", closes_at=None)

    for page in [project.get_absolute_url(), "/calls/psf-2031/", "/countries/lv/"]:
        response = client.get(f"{page}picture/")
        assert response["Content-Type"] == "image/png"
        assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
        assert re.search(f'og:image" content="[^"]*{page}picture/"', words(client.get(page)))
    assert words_on("projects", project.slug) == (
        "PSF 2031 · Funded project",
        "Latvia (lead), Finland",
    )
    assert words_on("countries", "lv") == ("Country", "Projects: 1. Led: 1.")
    assert words_on("calls", "psf-2031")[1].startswith("Deadline: ")
    assert words_on("calls", "open") == ("Call for projects", "")
    make_country("FR")
    assert client.get("/countries/fr/picture/").status_code == 404


@pytest.mark.parametrize("name", ["favicon.ico", "apple-touch-icon.png"])
def test_browsers_find_the_icons_at_the_root(client, name):
    response = client.get(f"/{name}")
    assert response.status_code == 200
    assert b"".join(response).startswith((b"\x89PNG", b"\0\0\1\0"))
    response.close()
