"""The titles of findings: sentences that the numbers prove. "" if there is nothing to say."""

from collections.abc import Mapping

from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from psf.text.numbers_and_amounts import number, number_word
from psf.text.phrases import join_names

# More names than these are counted and not named.
MAX_NAMES = 2


def leaders(numbers: Mapping[str, int]) -> tuple[list[str], int]:
    """The names with the highest number, and this number."""
    most = max(numbers.values(), default=0)
    return [name for name, value in numbers.items() if value == most], most


def countries_title(projects: Mapping[str, int], led_by: Mapping[str, int], total: int) -> str:
    """The title for the projects of each country, and for those that it led.

    One country or one project leaves nothing to compare.
    """
    if len(projects) < 2 or total < 2:
        return ""
    names, most = leaders(projects)
    values = {
        "names": _names(names, _("countries")),
        "number": number(most),
        "total": number(total),
    }
    if len(names) > 1:
        return _("%(names)s took part in %(number)s of %(total)s projects each") % values
    led_most, led = leaders(led_by)
    if led and led_most == names:
        text = _(
            "%(names)s took part in %(number)s of %(total)s projects, more than any other "
            "country, and led most: %(led)s"
        )
        return text % {**values, "led": number(led)}
    text = _("%(names)s took part in %(number)s of %(total)s projects, more than any other country")
    return text % values


def pairs_title(pairs: Mapping[tuple[str, str], int]) -> str:
    """The title for the shared projects of pairs of names."""
    names, most = leaders({join_names(pair): value for pair, value in pairs.items()})
    if not most:
        return ""
    projects = ngettext("%(number)s project", "%(number)s projects", most)
    projects %= {"number": number(most)}
    values = {"names": names[0], "number": number_word(len(names)), "projects": projects}
    if len(names) == 1:
        return _("%(names)s work together most: %(projects)s") % values
    if len(names) > MAX_NAMES:
        text = _("%(number)s pairs of countries work together most: %(projects)s each")
        return capfirst(text % values)
    values["others"] = names[1]
    return _("%(names)s, and %(others)s, work together most: %(projects)s each") % values


def attendance_title(calls_of: Mapping[str, int], calls: int, last: Mapping[str, int]) -> str:
    """The title for the number of calls with projects of each country.

    `calls` is the number of calls with projects. `last` are former members with the year of
    their last call.
    """
    names, most = leaders(calls_of)
    if calls < 2 or not most:
        return ""
    values = {"names": _names(names, _("countries")), "number": number(most), "total": calls}
    if most == calls:
        text = _("%(names)s took part in every call that has projects here")
    elif len(names) == 1:
        text = _("%(names)s took part in %(number)s of %(total)s calls that have projects here")
    else:
        text = _(
            "%(names)s each took part in %(number)s of %(total)s calls that have projects here"
        )
    title = text % values
    if last:
        years = [
            _("%(name)s last in %(year)s") % {"name": name, "year": year}
            for name, year in last.items()
        ]
        title += "; " + join_names(years)
    return title


def topics_title(topics: Mapping[str, int], total: int) -> str:
    names, most = leaders(topics)
    if most < 2:
        return ""
    values = {"names": _names(names, _("topics")), "number": number(most), "total": number(total)}
    if len(names) == 1:
        return _("%(names)s is the most frequent topic: %(number)s of %(total)s projects") % values
    if len(names) > MAX_NAMES:
        return _("%(names)s are the most frequent: %(number)s of %(total)s projects each") % values
    text = _("%(names)s are the most frequent topics: %(number)s of %(total)s projects each")
    return text % values


def _names(names: list[str], kind: str) -> str:
    """One or two names, or how many there are: "Five countries"."""
    if len(names) <= MAX_NAMES:
        return join_names(names)
    return capfirst(f"{number_word(len(names))} {kind}")


def most_often(shared: Mapping[str, int]) -> list[tuple[str, int, int]]:
    """The countries with most and with second most shared projects: names, how many, projects.

    Up to three names, or their number in words. One shared project is not often.
    """
    often = sorted({value for value in shared.values() if value > 1}, reverse=True)
    groups = [(rank, [name for name in shared if shared[name] == rank]) for rank in often[:2]]
    return [
        (
            join_names(names)
            if len(names) <= 3
            else _("%(number)s countries") % {"number": number_word(len(names))},
            len(names),
            rank,
        )
        for rank, names in groups
    ]
