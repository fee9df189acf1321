"""The stored text of announcements."""

import pytest

from tests.support.factories import (
    make_announcement,
    make_announcement_flag,
    make_announcement_line,
    make_call,
    make_project,
)
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


def test_flag_belongs_to_a_call_or_a_project():
    for fields in [{}, {"call": make_call(), "project": make_project()}]:
        with refused("announcementflag_is_of_a_call_or_a_project"):
            make_announcement_flag(**fields)
