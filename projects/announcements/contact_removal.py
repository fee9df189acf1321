"""Leaves out contact data of persons: addresses, telephone numbers, and the names beside them."""

import re

LEFT_OUT = "[personal data left out]"  # in the place of a line

# Bounded repetition only, so that a hostile line cannot cause backtracking.
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TELEPHONE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax)\b[.:]{0,2}\s{0,3}\+?"
    r"|\+|(?<!\d)(?<!\d[ \u00a0\u202f])00(?=[1-9]))"
    r"\d(?:[ \u00a0()./-]{0,3}\d){6,14}",
    re.IGNORECASE,
)
CONTACT = re.compile(
    r"\W{0,20}(?:(?:press |media )?contacts?(?: persons?| details| information)?"
    r"|project (?:manager|officer)s?|e-?mail|tel|telephone|phone|mobile|fax)"
    r"(?:\s{0,3}[.:]|\s{1,3}[–-]\s|\W{0,9}\Z)",
    re.IGNORECASE,
)
NAME = r"[A-ZÀ-ŽА-Я][\w’'-]{1,30}"
FULL_NAME = (
    rf"(?:(?:Mr|Mrs|Ms|Mx|Dr|Prof)\b\.? )?(?:{NAME}|[A-ZÀ-Ž]\.)"
    rf"(?: (?:{NAME}|[A-ZÀ-Ž]\.|v[ao]n|de[rnl]?|af)){{1,3}}"
)
PERSON = re.compile(rf"\W{{0,9}}{FULL_NAME}(?:, [a-z][a-z ]{{2,40}})?\W{{0,9}}")
TO_ASK = re.compile(
    rf"\b(?:[Cc]ontact|[Rr]each|[Aa]sk|[Ww]rite to) {FULL_NAME}"
    r"|[\s,;(–-](?i:contact(?: persons?)?)\s?:"
    r"|\b(?:[Cc]ontact|[Ii]nformation|[Qq]uestions?|[Ee]nquir\w{1,4})\b.{0,300}"
    rf"\b(?:Mr|Mrs|Ms|Mx)\b\.? {NAME}"
)


def has_personal_data(text: str) -> bool:
    """Whether the text has an address, a telephone number, or a person to contact."""
    found = [pattern.search(text) for pattern in [ADDRESS, TELEPHONE, TO_ASK]]
    return any([*found, CONTACT.match(text)])


def without_personal_data(lines: list[str]) -> list[str]:
    """The lines, with `LEFT_OUT` in the place of each line that has personal data.

    The name of a person on a line of its own is left out above such a line, directly below it,
    and below a label such as "Contact person:".
    """
    cleaned = [LEFT_OUT if has_personal_data(line) else line for line in lines]
    for step in [1, -1]:  # down, then up
        is_near = is_asked = False  # beside such a line, and below a label
        for number in range(len(lines))[::step]:
            if cleaned[number].strip():
                if is_near and PERSON.fullmatch(cleaned[number]):
                    cleaned[number] = LEFT_OUT
                is_near = cleaned[number] == LEFT_OUT
                is_asked = CONTACT.fullmatch(lines[number].strip()) is not None
            elif step > 0:
                is_near &= is_asked
    return cleaned
