"""Reads the part of an announcement that describes the call."""

from collections.abc import Mapping

from projects.announcements.amounts import amount_at_start
from projects.announcements.call_facts import CEILING, CallFact, find_facts, first_day
from projects.announcements.flags import flag
from projects.announcements.labels import Label
from projects.announcements.line_marks import Mark
from projects.announcements.numbers import read_clock, read_number
from projects.announcements.parsed_text import ParsedCall
from projects.announcements.priorities import Priorities
from projects.models.choices import LineKind

UNREAD = ["unread_amount", "number_not_certain"]  # flags instead of facts


class CallReader:
    """Reads the lines about the call itself, not those about its projects."""

    def __init__(self, call: ParsedCall, priorities: Priorities) -> None:
        self.call = call
        self.priorities = priorities

    def read(self, marks: list[Mark]) -> None:
        for index, mark in enumerate(marks):
            if mark.is_call or mark.is_label(Label.CALL):
                self._read_heading(mark)
            elif mark.label and not mark.indented and not mark.is_label(Label.DETAIL):
                self._read_label(mark, mark.label.label, mark.label.value)
            elif mark.line.number == 1 or (index == 0 and not mark.is_sentence()):
                mark.line.kind = LineKind.TITLE
                self._read_facts(mark)
            else:
                self._read_text(mark)

    def _read_heading(self, mark: Mark) -> None:
        mark.line.kind = LineKind.CALL
        self.call.heading = mark.label.value if mark.label else mark.text
        self.call.line = mark.line.number
        if not mark.label:  # the value of a label is only a title
            self._read_facts(mark)

    def _read_label(self, mark: Mark, label: Label, value: str) -> None:
        mark.line.kind = LineKind.FIGURES
        match label:
            case Label.RECEIVED | Label.ELIGIBLE | Label.FUNDED:
                self._read_count(mark, label.value, value)
            case Label.CEILING:
                self._read_ceiling(mark, value)
            case Label.DECIDED_BY:
                self._set(mark, CallFact("decided_by", value, value))
            case Label.DEADLINE:
                self._read_deadline(mark, value)
            case Label.PRIORITY | Label.CALL_PRIORITY:
                mark.line.kind = LineKind.PRIORITY
                self._add_priorities(self.priorities.read(value))
            case Label.ABOUT | Label.PARTNERS:
                mark.line.kind = LineKind.HEADING
            case _:
                mark.line.kind = LineKind.NOTE

    def _read_count(self, mark: Mark, field: str, value: str) -> None:
        number = read_number(value)
        if number is None:
            self._flag("number_not_certain", mark, {"words": value[:100]})
        self._set(mark, CallFact(field, number, value))

    def _read_ceiling(self, mark: Mark, value: str) -> None:
        amount = amount_at_start(CEILING.sub("", value, count=1) if CEILING.match(value) else value)
        field = "unread_amount" if amount is None else "ceiling_eur"
        self._set(mark, CallFact(field, amount, value))

    def _read_deadline(self, mark: Mark, value: str) -> None:
        day = first_day(value)
        self._set(mark, CallFact("deadline", day and day.day, day.text if day else value))
        if day and day.day and (clock := read_clock(value[day.end :])):
            self._set(mark, CallFact("deadline_time", clock, day.text))

    def _read_text(self, mark: Mark) -> None:
        mark.line.kind = LineKind.CALL_TEXT
        mark.add_to(self.call.paragraphs)
        if mark.indented:
            return  # our own announcement states its facts as labels
        if self._read_facts(mark):
            mark.line.kind = LineKind.FIGURES
        self._add_priorities(self.priorities.named_in(mark.text))

    def _read_facts(self, mark: Mark) -> bool:
        """Read the facts of the line. Return whether there are any."""
        facts = list(find_facts(mark.text))
        for fact in facts:
            self._set(mark, fact)
        return any(fact.field not in UNREAD for fact in facts)

    def _add_priorities(self, names: list[str]) -> None:
        self.call.priorities = list(dict.fromkeys([*self.call.priorities, *names]))

    def _set(self, mark: Mark, fact: CallFact) -> None:
        """Keep the first statement. Flag a later statement that differs."""
        if fact.field in UNREAD:
            self._flag(fact.field, mark, {"words": fact.words.strip()[:100]})
            return
        before: object = getattr(self.call, fact.field)
        if fact.field == "deadline" and fact.value is None:
            self.call.uncertain_days.append((mark.line.number, fact.words))
        elif before is None:
            setattr(self.call, fact.field, fact.value)
            if fact.field == "ceiling_eur":
                self._flag("ceiling", mark, {"words": fact.words[:100]})
        elif before != fact.value and fact.field != "decided_by":
            words = {"field": fact.field, "before": before, "now": fact.value}
            self._flag("contradiction", mark, words)

    def _flag(self, kind: str, mark: Mark, values: Mapping[str, object]) -> None:
        self.call.flags.append(flag(kind, mark.line.number, values))
