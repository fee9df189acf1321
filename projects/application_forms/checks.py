"""The formulas of the application form: states of cells, sums, and the rules of the call in words.

The words are those of `projects.eligibility.rules`. The formulas work alike in Excel, LibreOffice
and OnlyOffice, in every language: no COUNTIF and no MATCH on typed texts, which have wildcards; no
TEXT and no joined fractions, which follow the language; amounts are counted in cents.
"""

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
    Form,
    FormField,
    FormSheet,
    row_of,
)
from projects.eligibility.rules import rules_of
from projects.models import RuleKey
from projects.models.application_forms import COSTS, SHARES
from psf.text.numbers import NO_BREAK

REQUIRED, TOO_MANY = "required", "too many"  # states of cells
LAST_ROW = FIRST_ROW + MOST_PARTNERS  # of a table, counted from 1
# The columns of the budget, counted from 0: number, name, costs, shares, sum of the costs, grant.
FIRST_COST, FIRST_SHARE = 2, 2 + len(COSTS)
ALL_COSTS = FIRST_SHARE + len(SHARES)
GRANT = ALL_COSTS + 1


def letter_of(column: int) -> str:
    """The letters of a column that is counted from 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _is_empty(cell: str) -> str:
    """Whether a cell has nothing but blanks, no-break spaces and ends of lines."""
    return f'LEN(TRIM(SUBSTITUTE(SUBSTITUTE({cell},CHAR(10),""),"\N{NO-BREAK SPACE}","")))=0'


def empty_state(field: FormField) -> str:
    return REQUIRED if field.required else ""


def state_of(field: FormField, cell: str) -> str:
    """ "required", "1970 of 2000 characters", "1050 of 1000 characters: 50 too many" or nothing."""
    filled = '""'
    if most := field.limit:
        excess = f'IF(LEN({cell})>{most},": "&(LEN({cell})-{most})&" {TOO_MANY}","")'
        filled = f'LEN({cell})&" of {most} characters"&{excess}'
    return f'=IF({_is_empty(cell)},"{empty_state(field)}",{filled})'


def state_of_partner(sheet: FormSheet, row: int, *, is_lead: bool) -> str:
    """Whether a row of a partner lacks its name or country, or has a text that is too long."""
    cells = {field: f"{letter_of(n)}{row}" for n, field in enumerate(sheet.fields, start=1)}
    missing = ",".join(_is_empty(cell) for field, cell in cells.items() if field.required)
    long = ",".join(f"LEN({cell})>{field.limit}" for field, cell in cells.items() if field.limit)
    first, *_between, last = cells.values()
    used = "TRUE" if is_lead else f"SUMPRODUCT((LEN({first}:{last})>0)*1)>0"
    states = f'IF(OR({missing}),"{REQUIRED}",IF(OR({long}),"a text has {TOO_MANY}",""))'
    return f'=IF({used},{states},"")'


def sums_of_partner(row: int) -> tuple[str, str, str]:
    """The costs, the grant and the name of the partner of a row of the budget."""
    costs = f"{letter_of(FIRST_COST)}{row}:{letter_of(FIRST_SHARE - 1)}{row}"
    shares = f"{letter_of(FIRST_SHARE)}{row}:{letter_of(ALL_COSTS - 1)}{row}"
    name = f"{PARTNERS}!B{row}"
    return (
        f"=SUM({costs})",
        f"={letter_of(ALL_COSTS)}{row}-SUM({shares})",
        f'=IF(LEN({name})=0,"",{name})',
    )


def sum_of_column(column: int) -> str:
    letter = letter_of(column)
    return f"=SUM({letter}{FIRST_ROW + 1}:{letter}{LAST_ROW})"


# The hidden table of countries, one row for each, in the order of their codes. Its last row has the
# codes that count, the number and the codes that do not count, and the country of the lead partner.
# `^` is the cell above, `#` the row, `$` the last row.
COUNTRY_FORMULAS = {
    "present": "=IF(SUMPRODUCT(({chosen}={name}#)*1)>0,1,0)",
    "counted": '={counted}^&IF(AND({present}#=1,{status}#="member"),'
    'IF(LEN({counted}^)=0,"",", ")&{code}#,"")',
    "number": '={number}^+IF(AND({present}#=1,{status}#<>"member"),1,0)',
    "excluded": '={excluded}^&IF(AND({present}#=1,{status}#<>"member"),IF({number}#=1,"",'
    'IF({number}#={number}$," and ",", "))&{code}#&" ("&{status}#&")","")',
    "lead": '={lead}^&IF({of_lead}={name}#,{code}#&": "&{status}#,"")',
}
COLUMNS = ["code", "name", "status", *COUNTRY_FORMULAS]
# Amounts in cents and in words, and days in words, in cells below the table of countries.
HELPERS = {
    "requested": "ROUND({sum_of_grants}*100,0)",
    "total": "ROUND({sum_of_costs}*100,0)",
    "own": "{total}-{requested}",
    "needed": "ROUND({total}*{percent}/100,0)",
    "months": "(YEAR({end})-YEAR({start}))*12+MONTH({end})-MONTH({start})"
    "+IF(DAY({end})>=DAY({start}),1,0)",
}
EUR = (
    'IF({c}<0,"-","")&IF(ABS({c})>=100000000,INT(ABS({c})/100000000)&"~"&RIGHT("00"&{t},3)&"~"&'
    'RIGHT("00"&{u},3),IF(ABS({c})>=100000,{t}&"~"&RIGHT("00"&{u},3),{u}))'
    '&IF(MOD(ABS({c}),100)=0,"","."&RIGHT("0"&MOD(ABS({c}),100),2))&"~EUR"'
).replace("~", NO_BREAK)
DAY_IN_WORDS = 'DAY({day})&" "&CHOOSE(MONTH({day}),{months_of_the_year})&" "&YEAR({day})'


class RuleFormulas(NamedTuple):
    """A rule in formulas: when it can be checked, else what is missing; the working; if met."""

    is_known: str
    missing: str
    working: str
    is_met: str


CHECKS = {
    RuleKey.STATES: RuleFormulas(
        "{closing_is_known}",
        "The closing day of the call is not known.",
        '"Counted: "&IF(LEN({counted})=0,"none",{counted})&"."'
        '&IF(LEN({excluded})=0,""," Not counted: "&{excluded}&".")',
        """SUMPRODUCT(({all_present}=1)*({all_status}="member"))>={least}""",
    ),
    RuleKey.LEAD: RuleFormulas(
        "TRUE",
        "",
        'IF(LEN({lead})=0,"The lead partner is missing.",{lead})',
        'RIGHT({lead},8)=": member"',
    ),
    RuleKey.GRANT: RuleFormulas(
        "{budget_is_filled}",
        "The amount requested is missing.",
        '{requested_words}&" requested."',
        "AND({requested}>={floor},{requested}<={ceiling})",
    ),
    RuleKey.COFUNDING: RuleFormulas(
        "{budget_is_filled}",
        "The total budget or the amount requested is missing.",
        '"Co-funding: "&{own_words}&" of "&{total_words}&"."'
        '&IF({own}>={needed},""," At least "&{needed_words}&" is needed.")',
        "{own}>={needed}",
    ),
    RuleKey.DURATION: RuleFormulas(
        "AND(LEN({start})>0,LEN({end})>0)",
        "The start or the end is missing.",
        '{months}&IF({months}=1," month: "," months: ")'
        '&IF({start}={end},"",{start_words}&" to ")&{end_words}&"."',
        "AND({start}<={end},{months}<={most_months})",
    ),
}


class CheckLine(NamedTuple):
    """A line of the sheet of checks: what is checked, the working, and the verdict."""

    label: str
    working: str
    verdict: str


class Checks:
    """The sheet of checks of one form, and the hidden cells behind it, from column `first` on."""

    def __init__(self, form: Form, first: int) -> None:
        self.form = form
        self.countries = list(Country.objects.prefetch_related("memberships").order_by("code"))
        self.letters = {name: letter_of(first + n) for n, name in enumerate(COLUMNS)}
        country = next(
            letter_of(n)
            for n, field in enumerate(form.sheet(PARTNERS).fields, start=1)
            if field.key == "partner_country"
        )
        self.of_lead = f"{PARTNERS}!${country}${FIRST_ROW + 1}"
        self.chosen = f"{self.of_lead}:${country}${LAST_ROW}"
        self.names = self._inputs()
        self.helpers: list[str] = []
        for name, formula in HELPERS.items():
            self._add_helper(name, formula)
        for name in ["requested", "total", "own", "needed"]:
            cents = self.names[name]
            units, thousands = (
                f"MOD(INT(ABS({cents})/100),1000)",
                f"MOD(INT(ABS({cents})/100000),1000)",
            )
            self._add_helper(f"{name}_words", EUR.format(c=cents, t=thousands, u=units))
        months = ",".join(f'"{MONTHS[month]}"' for month in range(1, 13))
        for name in ["start", "end"]:
            day = self.names[name]
            words = DAY_IN_WORDS.format(day=day, months_of_the_year=months)
            self._add_helper(f"{name}_words", words)

    def _inputs(self) -> dict[str, str]:
        """The cells and numbers that formulas name."""
        call, last = self.form.call, len(self.countries)
        column = {name: f"{LISTS}!${letter}$" for name, letter in self.letters.items()}
        first, last_amount = letter_of(FIRST_COST), letter_of(ALL_COSTS - 1)
        amounts = f"{BUDGET}!${first}${FIRST_ROW + 1}:${last_amount}${LAST_ROW}"
        ceiling = 10**15 if call.ceiling_eur is None else int(call.ceiling_eur * 100)
        return {
            **{name: f"{column[name]}{last}" for name in ["counted", "excluded", "lead"]},
            "all_present": f"{column['present']}1:${self.letters['present']}${last}",
            "all_status": f"{column['status']}1:${self.letters['status']}${last}",
            "closing_is_known": "TRUE" if call.closing_day() else "FALSE",
            "least": str(call.min_member_states),
            "floor": str(int((call.floor_eur or 0) * 100)),
            "ceiling": str(ceiling),
            "percent": str(call.min_cofunding_percent or 0),
            "most_months": str(call.max_months),
            "budget_is_filled": f"COUNT({amounts})>0",
            "sum_of_costs": f"{BUDGET}!${letter_of(ALL_COSTS)}${LAST_ROW + 1}",
            "sum_of_grants": f"{BUDGET}!${letter_of(GRANT)}${LAST_ROW + 1}",
            "start": self._cell_of("starts_on"),
            "end": self._cell_of("ends_on"),
        }

    def _cell_of(self, key: str) -> str:
        fields = self.form.sheet(PROJECT).fields
        place = next(n for n, field in enumerate(fields) if field.key == key)
        return f"{PROJECT}!$B${row_of(place) + 1}"

    def _add_helper(self, name: str, formula: str) -> None:
        self.helpers.append(f"={formula.format(**self.names)}")
        self.names[name] = (
            f"{LISTS}!${self.letters['code']}${len(self.countries) + len(self.helpers)}"
        )

    def hidden_rows(self) -> list[list[str]]:
        """The table of countries, then the helping cells."""
        day = self.form.call.closing_day()
        rows = []
        for number, country in enumerate(self.countries, start=1):
            membership = country.membership_on(day) if day else None
            words = str(membership.get_status_display()) if membership else _("not a member")
            formulas = [self._of_country(name, number) for name in COUNTRY_FORMULAS]
            rows.append([country.code, country.name, words, *formulas])
        return [*rows, *([formula] for formula in self.helpers)]

    def _of_country(self, name: str, row: int) -> str:
        names = {**self.letters, "chosen": self.chosen, "of_lead": self.of_lead}
        formula = COUNTRY_FORMULAS[name]
        nothing = "0" if name == "number" else '""'
        above = f"{self.letters[name]}{row - 1}" if row > 1 else nothing
        formula = formula.replace(f"{{{name}}}^", above).replace("#", str(row))
        return formula.replace("}$", f"}}{len(self.countries)}").format(**names)

    def lines(self) -> list[CheckLine]:
        """The rules of the call, what is missing or too long, and whether the form is ready."""
        lines = []
        for rule in rules_of(self.form.call):
            is_known, missing, working, met = CHECKS[rule.key]
            line = (
                f'=IF({is_known},{working},"{missing}")',
                f'=IF({is_known},IF({met},"met","not met"),"cannot be checked")',
            )
            lines.append(CheckLine(rule.label, *(formula.format(**self.names) for formula in line)))
        length = len(TOO_MANY)
        missing = self._number_of_states(f'{{cells}}="{REQUIRED}"')
        long = self._number_of_states(f'RIGHT({{cells}},{length})="{TOO_MANY}"')
        lines.append(_none_of(missing, _("Required cells"), "is empty", "are empty"))
        lines.append(_none_of(long, _("Long texts"), "is too long", "are too long"))
        verdicts = f"C{FIRST_ROW + 1}:C{row_of(len(lines))}"
        ready = f'=IF(SUMPRODUCT(({verdicts}="met")*1)={len(lines)},"yes","no")'
        return [*lines, CheckLine(_("Ready to send"), '=""', ready)]

    def _number_of_states(self, condition: str) -> str:
        """The number of states of all sheets that meet a condition."""
        counts = []
        for sheet in self.form.sheets:
            letter, last = "C", row_of(len(sheet.fields))
            if sheet.is_table:
                letter, last = letter_of(len(sheet.fields) + 1), LAST_ROW
            cells = f"{sheet.name}!${letter}${FIRST_ROW + 1}:${letter}${last}"
            if sheet.name != BUDGET:
                counts.append(f"SUMPRODUCT(({condition.format(cells=cells)})*1)")
        return "+".join(counts)


def _none_of(number: str, label: str, singular: str, plural: str) -> CheckLine:
    words = f'({number})&IF(({number})=1," {singular}"," {plural}")'
    verdict = f'=IF(({number})=0,"met","not met")'
    return CheckLine(label, f'=IF(({number})=0,"none",{words})', verdict)
