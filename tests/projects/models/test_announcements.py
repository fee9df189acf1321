"""What is kept of the text of an announcement."""

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


def test_a_line_stands_once_in_its_announcement():
    announcement = make_announcement()
    make_announcement_line(1, announcement=announcement)
    make_announcement_line(2, announcement=announcement)
    make_announcement_line(1)
    with refused("announcementline_once_per_number"):
        make_announcement_line(1, announcement=announcement)


def test_an_announcement_and_its_lines_say_what_they_are():
    line = make_announcement_line(7, text="Latvia: Harbour")
    assert (str(line.announcement), str(line)) == ("News", "7: Latvia: Harbour")


def test_a_flag_is_of_a_call_or_of_a_project():
    for fields in [{}, {"call": make_call(), "project": make_project()}]:
        with refused("announcementflag_is_of_a_call_or_a_project"):
            make_announcement_flag(**fields)
