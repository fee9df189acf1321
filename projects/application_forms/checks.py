"""The formulas of the application form: states of cells, sums, and the rules of the call in words.

The words are those of `projects.eligibility.rules`. The formulas work alike in Excel, LibreOffice
and OnlyOffice, in every language: no COUNTIF and no MATCH on typed texts, which have wildcards; no
TEXT and no joined fractions, which follow the language; amounts are counted in cents.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from partners.models import Country
from projects.application_forms.layout import (
    BUDGET,
    FIRST_ROW,
    LISTS,
    MOST_PARTNERS,
    PARTNERS,
    PROJECT,
    Field,
    Form,
    FormSheet,
    row_of,
)
from projects.eligibility.rules import Verdict, rules_of
from projects.models import RuleKey
from projects.models.application_forms import COSTS, SHARES
from psf.text.numbers import NO_BREAK

AMOUNTS = ["requested", "total", "own", "needed"]
LAST_ROW = FIRST_ROW + MOST_PARTNERS  # of a table, counted from 1


MET, BROKEN, UNKNOWN = (
    f'"{verdict.label}"' for verdict in [Verdict.MET, Verdict.BROKEN, Verdict.UNKNOWN]
)
REQUIRED, TOO_MANY = "required", "too many"  # states of cells


class Line(NamedTuple):
    """A line of the sheet of checks: what is checked, the working, and the verdict."""

    label: str
    working: str
    verdict: str


def letter_of(column: int) -> str:
    """The letters of a column that is counted from 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def quoted(text: object) -> str:
    """A text in a formula."""
    return '"' + str(text).replace('"', '""') + '"'


def _is_empty(cell: str) -> str:
    """Whether a cell has nothing but blanks and ends of lines."""
    return f'LEN(TRIM(SUBSTITUTE(SUBSTITUTE({cell},CHAR(10),""),"{NO_BREAK}","")))=0'


def empty_state(field: Field) -> str:
    return REQUIRED if field.required else ""


def state_of(field: Field, cell: str) -> str:
    """ "required", "1970 of 2000 characters", "1050 of 1000 characters: 50 too many" or nothing."""
    filled = '""'
    if field.limit:
        of = quoted(_(" of %(limit)d characters") % {"limit": field.limit})
        excess = f'": "&(LEN({cell})-{field.limit})&{quoted(f" {TOO_MANY}")}'
        filled = f'LEN({cell})&{of}&IF(LEN({cell})>{field.limit},{excess},"")'
    return f"=IF({_is_empty(cell)},{quoted(empty_state(field))},{filled})"


def state_of_partner(sheet: FormSheet, row: int, *, is_lead: bool) -> str:
    """Whether a row of a partner lacks its name or country, or has a text that is too long."""
    letters = {field.key: letter_of(place) for place, field in enumerate(sheet.fields, start=1)}
    first, last = letter_of(1), letter_of(len(sheet.fields))
    required = [f"{letters[field.key]}{row}" for field in sheet.fields if field.required]
    missing = f"OR({','.join(map(_is_empty, required))})"
    too_long = [
        f"LEN({letters[field.key]}{row})>{field.limit}" for field in sheet.fields if field.limit
    ]
    used = "TRUE" if is_lead else f"SUMPRODUCT((LEN({first}{row}:{last}{row})>0)*1)>0"
    return (
        f"=IF({used},IF({missing},{quoted(REQUIRED)},"
        f'IF(OR({",".join(too_long)}),{quoted(f"a text has {TOO_MANY}")},"")),"")'
    )


def sums_of_partner(row: int, costs: int, fields: int) -> tuple[str, str, str]:
    """The costs, the grant and the name of the partner of a row of the budget."""
    total = letter_of(fields + 1)
    shares = f"{letter_of(costs + 1)}{row}:{letter_of(fields)}{row}"
    return (
        f"=SUM(B{row}:{letter_of(costs)}{row})",
        f"={total}{row}-SUM({shares})",
        f'=IF(LEN({PARTNERS}!B{row})=0,"",{PARTNERS}!B{row})',
    )


def sum_of_column(column: int, first: int, last: int) -> str:
    letter = letter_of(column)
    return f"=SUM({letter}{first}:{letter}{last})"


class Countries:
    """The hidden table behind the member states, one row for each country in the order of codes.

    Columns: code, name, membership on the closing day, whether a partner takes part for it, the
    codes counted so far, the number and the codes not counted so far, and the lead partner's
    country. The last row has the results.
    """

    def __init__(self, form: Form, first: int) -> None:
        self.form, self.day = form, form.call.closing_day()
        self.countries = list(Country.objects.prefetch_related("memberships").order_by("code"))
        letters = [letter_of(first + place) for place in range(9)]
        self.code, self.name, self.membership, self.present = letters[:4]
        self.counted, self.number, self.excluded, self.lead, self.cents = letters[4:]
        column = place_of(form.sheet(PARTNERS), "partner_country")
        letter = letter_of(column)
        self.chosen = f"{PARTNERS}!${letter}${FIRST_ROW + 1}:${letter}${LAST_ROW}"
        self.chosen_by_lead = f"{PARTNERS}!${letter}${FIRST_ROW + 1}"

    def rows(self) -> Iterator[list[str]]:
        last, amounts = len(self.countries), self._amounts()
        for row, country in enumerate(self.countries, start=1):
            member = country.membership_on(self.day) if self.day else None
            words = str(member.get_status_display()) if member else _("not a member")
            amount = amounts[row - 1 : row] if row <= len(AMOUNTS) else []
            yield [country.code, country.name, words, *self._formulas(row, last), *amount]

    def _formulas(self, row: int, last: int) -> list[str]:
        def above(letter: str, nothing: str) -> str:
            return f"{letter}{row - 1}" if row > 1 else nothing

        code, words = f"{self.code}{row}", f"{self.membership}{row}"
        is_member = f"{words}={quoted(_('member'))}"
        counted, number = above(self.counted, '""'), above(self.number, "0")
        comma = f'IF(LEN({counted})=0,"",", ")'
        place = f"{self.number}{row}"
        separator = f'IF({place}=1,"",IF({place}={self.number}{last},{quoted(_(" and "))},", "))'
        is_excluded = f"AND({self.present}{row}=1,NOT({is_member}))"
        excluded = above(self.excluded, '""')
        lead = f'{code}&": "&{words}'
        return [
            f"=IF(SUMPRODUCT(({self.chosen}={self.name}{row})*1)>0,1,0)",
            f'={counted}&IF(AND({self.present}{row}=1,{is_member}),{comma}&{code},"")',
            f"={number}+IF({is_excluded},1,0)",
            f'={excluded}&IF({is_excluded},{separator}&{code}&" ("&{words}&")","")',
            f'={above(self.lead, quoted(""))}&IF({self.chosen_by_lead}={self.name}{row},{lead},"")',
        ]

    def _amounts(self) -> list[str]:
        """The amounts of the budget in cents, in the order of `AMOUNTS`."""
        row = LAST_ROW + 1
        costs, grant = (letter_of(len(COSTS) + len(SHARES) + place) for place in [1, 2])
        total, requested = (
            f"ROUND({BUDGET}!{costs}{row}*100,0)",
            f"ROUND({BUDGET}!{grant}{row}*100,0)",
        )
        percent = self.form.call.min_cofunding_percent or 0
        return [
            f"={requested}",
            f"={total}",
            f"={total}-{requested}",
            f"=ROUND({total}*{percent}/100,0)",
        ]

    def cents_of(self, amount: str) -> str:
        return f"{LISTS}!${self.cents}${AMOUNTS.index(amount) + 1}"

    def is_budget_filled(self) -> str:
        last = letter_of(len(COSTS) + len(SHARES))
        return f"COUNT({BUDGET}!$B${FIRST_ROW + 1}:${last}${LAST_ROW})>0"

    def column(self, letter: str) -> str:
        return f"{LISTS}!${letter}$1:${letter}${len(self.countries)}"

    def result(self, letter: str) -> str:
        return f"{LISTS}!${letter}${len(self.countries)}"

    def number_counted(self) -> str:
        is_member = f"({self.column(self.membership)}={quoted(_('member'))})"
        return f"SUMPRODUCT(({self.column(self.present)}=1)*{is_member})"


def place_of(sheet: FormSheet, key: str) -> int:
    """The column of a field of a table, counted from 0."""
    return next(place for place, field in enumerate(sheet.fields, start=1) if field.key == key)


def cell_of(form: Form, name: str, key: str) -> str:
    """The cell of a field of a sheet that is no table."""
    fields = form.sheet(name).fields
    place = next(place for place, field in enumerate(fields) if field.key == key)
    return f"{name}!$B${row_of(place) + 1}"


def lines_of(form: Form, countries: Countries) -> list[Line]:
    """The rules of the call, what is missing or too long, and whether the form is ready."""
    rules = [(rule.label, CHECKS[rule.key](form, countries)) for rule in rules_of(form.call)]
    lines = [Line(label, f"={working}", f"={verdict}") for label, (working, verdict) in rules]
    missing = _number_of_states(form, lambda cells: f"{cells}={quoted(REQUIRED)}")
    long = _number_of_states(
        form, lambda cells: f"RIGHT({cells},{len(TOO_MANY)})={quoted(TOO_MANY)}"
    )
    lines.append(_none_of(missing, _("Required cells"), _("1 is empty"), _(" are empty")))
    lines.append(_none_of(long, _("Long texts"), _("1 is too long"), _(" are too long")))
    verdicts = f"C{FIRST_ROW + 1}:C{row_of(len(lines))}"
    is_ready = f"SUMPRODUCT(({verdicts}={MET})*1)={len(lines)}"
    answer = f"=IF({is_ready},{quoted(_('yes'))},{quoted(_('no'))})"
    return [*lines, Line(_("Ready to send"), '=""', answer)]


def _number_of_states(form: Form, condition: Callable[[str], str]) -> str:
    """The number of states of all sheets that meet a condition."""
    counts = []
    for sheet in form.sheets:
        if sheet.name == BUDGET or not sheet.fields:
            continue
        letter, last = "C", row_of(len(sheet.fields) - 1) + 1
        if sheet.is_table:
            letter, last = letter_of(len(sheet.fields) + 1), LAST_ROW
        cells = f"{sheet.name}!${letter}${FIRST_ROW + 1}:${letter}${last}"
        counts.append(f"SUMPRODUCT(({condition(cells)})*1)")
    return "+".join(counts)


def _none_of(number: str, label: str, singular: str, plural: str) -> Line:
    words = f"IF(({number})=1,{quoted(singular)},({number})&{quoted(plural)})"
    return Line(
        label, f"=IF(({number})=0,{quoted(_('none'))},{words})", f"={_met(f'({number})=0')}"
    )


def _met(condition: str) -> str:
    return f"IF({condition},{MET},{BROKEN})"


def _if_known(is_known: str, missing: str, working: str, verdict: str) -> tuple[str, str]:
    """The working and the verdict, or the sentence that says what is missing."""
    return f"IF({is_known},{working},{quoted(missing)})", f"IF({is_known},{verdict},{UNKNOWN})"


def _check_states(form: Form, countries: Countries) -> tuple[str, str]:
    counted, excluded = countries.result(countries.counted), countries.result(countries.excluded)
    none, some = quoted(_("none")), quoted(_(" Not counted: "))
    codes = f"IF(LEN({counted})=0,{none},{counted})"
    rest = f'IF(LEN({excluded})=0,"",{some}&{excluded}&".")'
    least = form.call.min_member_states or 0
    working = f'{quoted(_("Counted: "))}&{codes}&"."&{rest}'
    is_known = "TRUE" if countries.day else "FALSE"
    missing = _("The closing day of the call is not known.")
    return _if_known(is_known, missing, working, _met(f"{countries.number_counted()}>={least}"))


def _check_lead(form: Form, countries: Countries) -> tuple[str, str]:
    words = countries.result(countries.lead)
    ending = f": {_('member')}"
    is_member = f"RIGHT({words},{len(ending)})={quoted(ending)}"
    missing = quoted(_("The lead partner is missing."))
    return f"IF(LEN({words})=0,{missing},{words})", _met(is_member)


def _check_grant(form: Form, countries: Countries) -> tuple[str, str]:
    requested = countries.cents_of("requested")
    least, most = form.call.floor_eur or 0, form.call.ceiling_eur
    limits = [f"{requested}>={int(least * 100)}"]
    if most is not None:
        limits.append(f"{requested}<={int(most * 100)}")
    working = f"{_words_of(requested)}&{quoted(_(' requested.'))}"
    missing = _("The amount requested is missing.")
    return _if_known(
        countries.is_budget_filled(), missing, working, _met(f"AND({','.join(limits)})")
    )


def _check_cofunding(form: Form, countries: Countries) -> tuple[str, str]:
    own, total, needed = map(countries.cents_of, ["own", "total", "needed"])
    working = (
        f"{quoted(_('Co-funding: '))}&{_words_of(own)}&{quoted(_(' of '))}&{_words_of(total)}"
        f'&"."&IF({own}>={needed},"",{quoted(_(" At least "))}&{_words_of(needed)}'
        f"&{quoted(_(' is needed.'))})"
    )
    missing = _("The total budget or the amount requested is missing.")
    return _if_known(countries.is_budget_filled(), missing, working, _met(f"{own}>={needed}"))


def _check_duration(form: Form, countries: Countries) -> tuple[str, str]:
    first, last = (cell_of(form, PROJECT, key) for key in ["starts_on", "ends_on"])
    whole = f"(YEAR({last})-YEAR({first}))*12+MONTH({last})-MONTH({first})"
    months = f"({whole}+IF(DAY({last})>=DAY({first}),1,0))"
    period = f'IF({first}={last},"",{_day_words(first)}&{quoted(_(" to "))})&{_day_words(last)}'
    unit = f"IF({months}=1,{quoted(_(' month: '))},{quoted(_(' months: '))})"
    is_known = f"AND(LEN({first})>0,LEN({last})>0)"
    missing = _("The start or the end is missing.")
    within = f"AND({first}<={last},{months}<={form.call.max_months})"
    return _if_known(is_known, missing, f'{months}&{unit}&{period}&"."', _met(within))


CHECKS = {
    RuleKey.STATES: _check_states,
    RuleKey.LEAD: _check_lead,
    RuleKey.GRANT: _check_grant,
    RuleKey.COFUNDING: _check_cofunding,
    RuleKey.DURATION: _check_duration,
}


def _day_words(cell: str) -> str:
    """A day in words, in every language of the program: 31 August 2027."""
    months = ",".join(quoted(MONTHS[month]) for month in range(1, 13))
    return f'DAY({cell})&" "&CHOOSE(MONTH({cell}),{months})&" "&YEAR({cell})'


def _words_of(cents: str) -> str:
    """An amount as `psf.text.numbers.eur` writes it, from a cell with cents."""
    space = f'"{NO_BREAK}"'
    positive = f"ABS({cents})"
    units = f"MOD(INT({positive}/100),1000)"
    thousands = f"MOD(INT({positive}/100000),1000)"
    millions = f"INT({positive}/100000000)"

    def group(number: str) -> str:
        return f'{space}&RIGHT("00"&{number},3)'

    whole = (
        f"IF({millions}>0,{millions}&{group(thousands)}&{group(units)},"
        f"IF({thousands}>0,{thousands}&{group(units)},{units}))"
    )
    rest = f'IF(MOD({positive},100)=0,"","."&RIGHT("0"&MOD({positive},100),2))'
    return f'IF({cents}<0,"-","")&{whole}&{rest}&"{NO_BREAK}EUR"'
