"""Splits a text into blocks: each call and each project."""

from dataclasses import dataclass, field
from itertools import dropwhile

from projects.announcements.labels import Label
from projects.announcements.line_marks import Mark

NOWHERE = 10**9
MOST_AHEAD = 50  # lines between a title and the first row of its list
OF_THE_CALL = {
    *[Label.CALL_PRIORITY, Label.RECEIVED, Label.ELIGIBLE, Label.FUNDED],
    *[Label.CEILING, Label.DECIDED_BY, Label.DEADLINE],
}


@dataclass
class Block:
    """The lines about one call itself, or about one project."""

    is_project: bool
    marks: list[Mark] = field(default_factory=list)
    title: Mark | None = None  # a title without a label

    def is_one_line(self) -> bool:
        return bool(self.marks) and self.marks[0].one_line is not None


class _Splitter:
    """Walks through the marks once and opens a block for each call or project."""

    def __init__(self, marks: list[Mark]) -> None:
        self.marks = marks
        self.blocks: list[Block] = [Block(is_project=False)]
        self.head_labels: set[Label] = set()  # of the current project
        self.body = False
        lead = self._first(Label.LEAD)
        self.has_leads = lead < NOWHERE
        self.priority_first = self._first(Label.PRIORITY) < lead
        self.titles_lead = 0 < lead < NOWHERE and marks[lead - 1].may_be_a_title()
        self.in_list = False
        for index, mark in enumerate(marks):
            mark.years = mark.years and self._begins_with_years(index)
        self.titles = titles_above_lists(marks)

    def _first(self, label: Label) -> int:
        return next((i for i, mark in enumerate(self.marks) if mark.is_label(label)), NOWHERE)

    def split(self) -> list[Block]:
        for index, mark in enumerate(self.marks):
            if mark.is_call or mark.is_label(Label.CALL):
                self._open(is_project=False)
            elif mark.one_line:
                self._open(is_project=True)
            elif mark.heads_a_project():
                self._head(index, mark)
            elif self.blocks[-1].is_one_line():
                self._open(is_project=False)
            elif index in self.titles or self._is_title(index, mark):
                if (
                    index in self.titles
                    or self.body
                    or Label.TITLE in self.head_labels
                    or not self._in_project()
                ):
                    self._open(is_project=True)
                self.blocks[-1].title = mark
                self.head_labels.add(Label.TITLE)
            elif self._in_project() and not (mark.is_label(*OF_THE_CALL)):
                self.body = True
                self.in_list = mark.is_label(Label.PARTNERS) or (
                    self.in_list and not mark.is_sentence() and not mark.label
                )
            self.blocks[-1].marks.append(mark)
        return self.blocks

    def _begins_with_years(self, index: int) -> bool:
        """Whether the years belong to a title, and not to the description of a project.

        Next to projects with lead partners, a project without one has a row of partners at least.
        """
        if not self.has_leads:
            return True
        for number, mark in enumerate(self.marks[index + 1 : index + 1 + MOST_AHEAD]):
            if mark.years or mark.is_call or mark.heads_a_project() or mark.label:
                return number == 0 and mark.label is not None and mark.heads_a_project()
            if mark.is_a_row():
                return True
        return False

    def _in_project(self) -> bool:
        return self.blocks[-1].is_project

    def _open(self, is_project: bool) -> None:
        self.blocks.append(Block(is_project))
        self.head_labels, self.body, self.in_list = set(), False, False

    def _head(self, index: int, mark: Mark) -> None:
        """Decide whether a header line belongs to the current project or begins the next."""
        label = mark.label.label if mark.label else Label.TITLE
        before = self.marks[index - 1] if index else None
        if label == Label.PRIORITY and not self._begins_with_priority(index):
            return
        if mark.label and not mark.label.value and before and before.is_label(label):
            return  # the value of the line before it
        if (
            label == Label.LEAD
            and before
            and before.begins_a_list()
            and label not in self.head_labels
        ):
            self.head_labels.add(label)
            return  # the first row of a list that labels its lead partner
        if (
            not self._in_project()
            or label in self.head_labels
            or (self.body and label != Label.COUNTRIES)
        ):
            self._open(is_project=True)
        self.head_labels.add(label)

    def _begins_with_priority(self, index: int) -> bool:
        """Whether a priority may begin a project, not only add to the current one."""
        before = self.marks[index - 1] if index else None
        if before and before.is_label(Label.PRIORITY):
            return False
        following = self._below_priorities(index)[:2]
        leads = following and following[0].is_label(Label.LEAD, Label.COUNTRIES)
        titled = len(following) > 1 and following[0].may_be_a_title()
        titled = titled and following[1].is_label(Label.LEAD, Label.COUNTRIES)
        if not self._in_project():
            return bool(leads or titled or (following and following[0].heads_a_project()))
        if Label.PRIORITY in self.head_labels or not self.body:
            return True
        return bool(leads or (titled and self.priority_first))

    def _is_title(self, index: int, mark: Mark) -> bool:
        """Whether it is a short line, not a sentence, directly above the header of a project."""
        if not mark.may_be_a_title() or index + 1 >= len(self.marks):
            return False
        if self.in_list and self._is_a_partner(index, mark):
            return False
        following = self.marks[index + 1]
        if following.is_label(Label.PRIORITY) and following.is_bare_label():
            following = next(iter(self._below_priorities(index)), following)
            heads = following.is_label(Label.LEAD, Label.COUNTRIES)
        else:
            heads = following.is_label(Label.LEAD, Label.COUNTRIES, Label.PRIORITY)
        return heads and not (
            self._in_project() and not self.body and Label.LEAD in self.head_labels
        )

    def _is_a_partner(self, index: int, mark: Mark) -> bool:
        """Whether the last line of a list is a partner, and not the title of the next project."""
        before = self.marks[index - 1]
        mark.follows_a_list = before.line.number + 1 == mark.line.number
        if mark.names_country or not self.titles_lead:
            return True
        is_below_country = before.entry is not None and before.entry.name is None
        is_like_before = before.is_plain() and not before.names_country
        return mark.follows_a_list and (is_below_country or is_like_before)

    def _below_priorities(self, index: int) -> list[Mark]:
        """Return the next lines without priorities."""
        below = self.marks[index + 1 : index + 12]
        return list(dropwhile(lambda mark: mark.is_label(Label.PRIORITY), below))


def titles_above_lists(marks: list[Mark]) -> set[int]:
    """Return the indexes of titles of projects with neither years nor a lead partner.

    Such a title is a short line above the description of a project and the heading of its partner
    list. The last short line counts; below another partner list, the first.
    """
    title_indexes: set[int] = set()
    start, is_below_list = 0, False
    for index, mark in enumerate(marks):
        if mark.is_call or mark.is_label(Label.CALL) or mark.one_line:
            start, is_below_list = index + 1, False
        elif mark.heads_a_project() and not mark.is_label(Label.PRIORITY):
            start = NOWHERE
        elif mark.begins_a_list():
            titles = [at for at in range(start, index) if _is_above_words(marks, at)]
            if titles and any(row.is_a_row() for row in marks[index + 1 : index + 4]):
                title_indexes.add(titles[0] if is_below_list else titles[-1])
            start, is_below_list = index + 1, True
    return title_indexes


def _is_above_words(marks: list[Mark], index: int) -> bool:
    below = marks[index + 1]
    is_words = below.is_plain() and not below.may_be_a_title()
    return marks[index].may_be_a_title() and (
        is_words or below.begins_a_list() or below.is_label(Label.ABOUT)
    )


def split_into_blocks(marks: list[Mark]) -> list[Block]:
    """Return the blocks of the text: each call itself, and each project."""
    return _Splitter(marks).split()
