"""The stored text of announcements."""

import pytest

from tests.support.factories import make_announcement, make_announcement_line
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


def test_line_occurs_once_in_its_announcement():
    announcement = make_announcement()
    make_announcement_line(1, announcement=announcement)
    make_announcement_line(2, announcement=announcement)
    make_announcement_line(1)
    with refused("announcementline_once_per_number"):
        make_announcement_line(1, announcement=announcement)


def test_announcement_and_lines_have_readable_names():
    line = make_announcement_line(7, text="Latvia: Harbour")
    assert (str(line.announcement), str(line)) == ("News", "7: Latvia: Harbour")
