"""Facts about a call in running text: numbers of applications, ceiling, decision, deadline."""

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

from projects.announcements.amounts import CURRENCY, find_amounts
from projects.announcements.numbers import MONTH, Day, Number, find_days, find_numbers, read_clock

LONGEST_SENTENCE = 2000  # characters: a longer one is read by people only
SENTENCE_END = re.compile(r"(?<=[.!?])[\s\u00a0]{1,20}(?=[\w“\u2018\"'(€])")
NOUN = re.compile(r"\b(?:applications?|proposals?|submissions?|bids)\b", re.IGNORECASE)
CAME_IN = re.compile(
    r"\b(?:receiv|submitt|sent in|handed in|came in|applied|registered|attracted|got)\w{0,4}\b",
    re.I,
)
OUT_OF = re.compile(
    r"\b(?:out of|from among|among|from a total of|from|of)\W{1,3}(?:the |all |a total of )?\Z",
    re.I,
)
# "7 out of 43 were awarded": the verb belongs to 7, not to 43. "A total of 7" is not a whole.
WHOLE = re.compile(
    r"\b(?:out of|from|among|(?<!total )(?<!number )(?<!maximum )of)\W{1,3}"
    r"(?:the |these |those |all |all the )?\Z",
    re.IGNORECASE,
)
ELIGIBLE = re.compile(r"(?<!not )(?<!non-)\beligible\b", re.IGNORECASE)
NEXT_ELIGIBLE = re.compile(r"\W{0,3}(?:\w+\W{1,3}){0,3}?eligible\b", re.IGNORECASE)
CHOSEN = re.compile(
    r"\b(?:chosen|chose|selected|select|selects|awarded|rewarded|funded|fund|funds|approved|approve|granted|"
    r"supported|(?:decided|agreed) to support|"
    r"(?:receive|receives|received|get|given|allocated|awards?)\s{1,3}(?:\w+\s{1,3})?"
    r"(?:funding|support|grants?))\b",
    re.IGNORECASE,
)
WHITTLED = re.compile(r"\b(?:whittled|narrowed) down\b", re.IGNORECASE)  # from many to few
NEXT_CHOSEN = re.compile(rf"\W{{1,3}}(?={CHOSEN.pattern})", re.IGNORECASE)
PART_OF = re.compile(r"\bof (?:the |these |those |all |all the |a total of )?\Z", re.IGNORECASE)
NOT_A_COUNT = re.compile(
    r"[\s\u00a0-]{0,3}(?:%|per ?cent|eur|€|euro|k\b|thousand|million|months?\b|years?\b|days?\b"
    r"|weeks?\b|countr|member|states?\b|priorit|partner|organi[sz]ation|times\b"
    rf"|(?:{MONTH})\b|st\b|nd\b|rd\b|th\b|:\d)",
    re.IGNORECASE,
)
MONEY_BEFORE = re.compile(r"(?:eur|€|euros?|psf|call)[\s\u00a0]{0,3}\Z", re.IGNORECASE)
ENDS_THERE = re.compile(
    r"\s{0,3}(?:[.,;)]|\Z|(?:on|at|in)\b|of (?:them|these|those)\b|for (?:funding|support)\b)",
    re.IGNORECASE,
)
JUST_CHOSEN = re.compile(rf"{CHOSEN.pattern}\W{{1,3}}\Z", re.IGNORECASE)  # "approved" five
PROJECTS = re.compile(r"\W{0,3}(?:\w+\W{1,3}){0,5}?projects?\b", re.IGNORECASE)
BE = re.compile(
    r"\W{0,3}(?:of (?:them|these|which|those)\W{1,3})?"
    r"(?:were|was|are|have been|has been|had been|will|to be)\b",
    re.IGNORECASE,
)
CEILING = re.compile(
    r"\b(?:up to|at most|no(?:t)? more than|a maximum of|maximum of|maximum|max\.?|not exceeding|"
    r"ceiling of|(?:between|from)\W{1,3}(?:EUR|€)?[\d .,\u00a0]{1,12}(?:EUR|€)?\s?(?:and|to))"
    r"[\s\u00a0]{1,5}",
    re.IGNORECASE,
)
MAXIMUM_IS = re.compile(
    r"\b(?:maximum|ceiling)\b[^.:;]{0,60}?\b(?:is|was|of)[\s\u00a0]{1,5}(?=\d|€|[TKM]?EUR)",
    re.IGNORECASE,
)
AT_MOST = re.compile(r"[\s\u00a0]{1,3}(?:at (?:the )?most|maximum|as a maximum)\b", re.IGNORECASE)
# The sum of several grants is not a ceiling of each grant.
SUM = re.compile(
    r"\b(?:total|altogether|overall|in all|budgets?|together|per year|a year|annual(?:ly)?"
    r"|available|per (?:month|partner|participant|person|organi[sz]ation))\b|/\s?(?:year|month)\b",
    re.IGNORECASE,
)
EACH = re.compile(r"\b(?:each|(?:per|every|a|one|any) project)\b", re.IGNORECASE)
NEAR = 40  # characters around an amount
# A number for several years does not describe this call.
APPROXIMATE = re.compile(
    r"\b(?:more than|over|about|around|approximately|approx\.?|nearly|almost|some|circa|ca\.?"
    r"|at least|up to|fewer than|less than|close to|between \S{1,20} and)\W{1,3}\Z",
    re.IGNORECASE,
)
SO_FAR = re.compile(r"\b(?:since|over the years|so far|to date)\b", re.IGNORECASE)
BODY = re.compile(r"\b(?:Committee of Senior Officials|CSO)\b")
OTHER_BODY = re.compile(
    r"\b(?:decided|chosen|selected|approved|awarded|taken|made) by (?:the |our |its )?"
    r"([A-Z][\w’'-]{1,40}(?:\s(?:of|for|the|and|[A-Z][\w’'-]{1,40})){0,10})"
)
DEADLINE = re.compile(
    r"\b(?:deadline|clos(?:es|ed|ing)|until|no later than|at the latest|submitted by|apply by|"
    r"applications? by)\b",
    re.IGNORECASE,
)


EXTENDED = re.compile(r"\b(?:extended|prolonged|postponed|moved)\b", re.IGNORECASE)


class CallFact(NamedTuple):
    """A statement about the call: the field, its value, and the words of the text."""

    field: str
    value: int | str | Decimal | date | time | None
    words: str


def find_facts(text: str) -> Iterator[CallFact]:
    """Yield the facts of one paragraph. A deadline is None if its day is not certain."""
    for sentence in SENTENCE_END.split(text):
        if len(sentence) > LONGEST_SENTENCE:
            continue
        yield from _counts(sentence)
        yield from _amounts(sentence)
        yield from _body(sentence)
        yield from _deadline(sentence)


def _counts(sentence: str) -> Iterator[CallFact]:
    if SO_FAR.search(sentence):
        return
    numbers = [number for number in find_numbers(sentence) if _may_count(sentence, number)]
    starts = [*(number.start for number in numbers[1:]), len(sentence)]
    for number, end in zip(numbers, starts, strict=False):
        field = _field_of(sentence, number, sentence[number.end : end])
        before = sentence[max(0, number.start - NEAR) : number.start]
        if field and (approximate := APPROXIMATE.search(before)):
            words = f"{approximate[0]}{sentence[number.start : number.end]}"
            yield CallFact("number_not_certain", None, words)
        elif field:
            yield CallFact(field, number.value, sentence.strip())


def _may_count(sentence: str, number: Number) -> bool:
    before, after = sentence[max(0, number.start - 12) : number.start], sentence[number.end :]
    is_year = 1990 <= number.value <= 2099 and sentence[number.start].isdigit()
    return not (is_year or NOT_A_COUNT.match(after[:30]) or MONEY_BEFORE.search(before))


def _field_of(sentence: str, number: Number, after: str) -> str | None:
    """Return "received", "eligible" or "funded", or None if the number counts something else."""
    before = sentence[max(0, number.start - 80) : number.start]
    before = before[max(before.rfind(","), before.rfind(";")) + 1 :]
    noun = NOUN.search(after[:70])
    came_in = CAME_IN.search(after) or CAME_IN.search(before) or OUT_OF.search(before[-30:])
    came_in = came_in or WHITTLED.search(after)
    if NEXT_ELIGIBLE.match(after[:60]) or (noun and _are_eligible(after[noun.end() :])):
        return "eligible"
    if noun and came_in:
        return "received"
    if re.match(r"\W{1,3}(?:were )?(?:received|submitted)\b", after):
        return "received"
    if WHOLE.search(before[-40:]):
        return None
    if PART_OF.search(after):  # "8 of the 55 applications submitted were selected"
        return _field_of_part(before, sentence[number.end :])
    if CHOSEN.search(after):
        chosen = BE.match(after) or PROJECTS.match(after) or noun or NEXT_CHOSEN.match(after)
        return "funded" if chosen else None
    if JUST_CHOSEN.search(before) and ENDS_THERE.match(after):
        return "funded"
    counted = PROJECTS.match(after) or noun
    chosen_before = CHOSEN.search(before) or WHITTLED.search(before)
    return "funded" if counted and chosen_before else None


def _field_of_part(before: str, rest: str) -> str | None:
    if CHOSEN.search(before) or CHOSEN.search(rest):
        return "funded"
    return "eligible" if ELIGIBLE.search(rest) else None


def _are_eligible(rest: str) -> bool:
    """Whether "were eligible" follows within a few words."""
    return bool(ELIGIBLE.search(rest[:40]) and BE.match(rest))


def _amounts(sentence: str) -> Iterator[CallFact]:
    """Yield ceilings, and the words of every other amount as `unread_amount`."""
    cues = [match.span() for words in [CEILING, MAXIMUM_IS] for match in words.finditer(sentence)]
    amounts = list(find_amounts(sentence))
    for amount in amounts:
        if any(start < amount.start < end for start, end in cues):
            continue  # the lower end of a range, or a number before the verb
        start = min([amount.start, *(start for start, end in cues if end == amount.start)])
        at_most = AT_MOST.match(sentence, amount.end)
        end = at_most.end() if at_most else amount.end
        is_ceiling = amount.value is not None and (start < amount.start or at_most)
        if is_ceiling and not _is_sum(sentence, start, end):
            yield CallFact("ceiling_eur", amount.value, sentence[start:end][:60])
        else:
            yield CallFact("unread_amount", None, sentence[start:end][:60])
    for start, end in cues:
        words = sentence[start : end + NEAR]
        if CURRENCY.search(words) and not any(
            start <= amount.start < end + NEAR for amount in amounts
        ):
            yield CallFact("unread_amount", None, words)


def _is_sum(sentence: str, start: int, end: int) -> bool:
    """Whether the amount may be the sum of several grants."""
    around = f"{sentence[max(0, start - NEAR) : start]} {sentence[end : end + NEAR]}"
    return bool(SUM.search(around)) and not EACH.search(sentence)


def _body(sentence: str) -> Iterator[CallFact]:
    is_decision = CHOSEN.search(sentence) or WHITTLED.search(sentence) or "deci" in sentence
    match = BODY.search(sentence) if is_decision else None
    if match:
        yield CallFact("decided_by", match.group(), sentence.strip())
    elif other_body := OTHER_BODY.search(sentence):
        yield CallFact("decided_by", other_body.group(1), sentence.strip())


def first_day(text: str) -> Day | None:
    """The first day of the text; without a date if the text moves it to another day."""
    days = find_days(text)
    if len({day.day for day in days}) > 1 and EXTENDED.search(text):
        return days[0]._replace(day=None, text=text.strip()[:100])
    return next(iter(days), None)


def _deadline(sentence: str) -> Iterator[CallFact]:
    deadline = DEADLINE.search(sentence)
    words = sentence[deadline.start() :] if deadline else ""
    day = first_day(words)
    if not day:
        return
    yield CallFact("deadline", day.day, day.text)
    clock = read_clock(words[day.end : day.end + 40]) or read_clock(
        words[: day.end - len(day.text)]
    )
    if clock and day.day:
        yield CallFact("deadline_time", clock, day.text)
