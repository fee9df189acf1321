"""The formulas of the application form: states of cells, sums, and the rules of the call in words.

The words are those of `projects.eligibility.rules`. The formulas work alike in Excel, LibreOffice
and OnlyOffice, in every language: no COUNTIF and no MATCH on typed texts, which have wildcards; no
TEXT and no joined fractions, which follow the language; amounts are counted in cents.
"""

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from projects.application_forms.layout import (
    BUDGET,
    FIRST_ROW,
    LISTS,
    MOST_PARTNERS,
    PARTNERS,
    Form,
    FormField,
    FormSheet,
    row_of,
)
from projects.eligibility.rules import check_rules
from projects.models import RuleKey
from projects.models.application_forms import COSTS, SHARES
from psf.text.numbers_and_amounts import NO_BREAK

REQUIRED, TOO_MANY = "required", "too many"  # states of cells
# The columns of the budget, counted from 0: number, name, costs, shares, sum of the costs, grant.
FIRST_COST = 2
ALL_COSTS = FIRST_COST + len(COSTS) + len(SHARES)
GRANT = ALL_COSTS + 1

Place = tuple[str, int, int]  # sheet, row and column, counted from 0
Formula = tuple[str, str]  # with its result in an empty form


def cell_address(row: int, column: int) -> str:
    """The address of a cell that is counted from 0, such as B4."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column))


def range_of(first: Place, last: Place | None = None) -> str:
    """The cells from the first to the last for a name or a formula: Project!$B$4:$B$6."""
    from xlsxwriter.utility import xl_range_formula

    return str(xl_range_formula(*first, *(last or first)[1:]))


def _is_empty(cell: str) -> str:
    """Whether a cell has nothing but blanks, no-break spaces and ends of lines."""
    return f'LEN(TRIM(SUBSTITUTE(SUBSTITUTE({cell},CHAR(10),""),"\N{NO-BREAK SPACE}","")))=0'


def state_formula(field: FormField, cell: str) -> str:
    """ "required", "1970 of 2000 characters", "1050 of 1000 characters: 50 too many" or nothing."""
    filled = '""'
    if most := field.limit:
        excess = f'IF(LEN({cell})>{most},": "&(LEN({cell})-{most})&" {TOO_MANY}","")'
        filled = f'LEN({cell})&" of {most} characters"&{excess}'
    return f'=IF({_is_empty(cell)},"{REQUIRED if field.required else ""}",{filled})'


def heads(sheet: FormSheet) -> dict[int, tuple[str, int]]:
    """Label and width of the columns of a table that are calculated."""
    if sheet.name == BUDGET:
        return {1: (_("Partner"), 34), ALL_COSTS: (_("Costs"), 16), GRANT: (_("Grant asked"), 16)}
    return {len(sheet.fields) + 1: (_("State"), 24)}


def formulas(sheet: FormSheet, row: int) -> dict[int, tuple[str, str, str | int]]:
    """What is calculated in the row of a partner, by column: format, formula, result if empty.

    Name, costs and grant; or whether name or country are missing, or a text is too long.
    """
    cells = [
        cell_address(row, column) for column, _field in enumerate(sheet.fields, sheet.first_column)
    ]
    first, last_cost, first_share, last = cells[0], *cells[len(COSTS) - 1 :][:2], cells[-1]
    if sheet.name == BUDGET:
        name = f"{PARTNERS}!{cell_address(row, 1)}"
        return {
            1: ("note", f'=IF(LEN({name})=0,"",{name})', ""),
            ALL_COSTS: ("sum", f"=SUM({first}:{last_cost})", 0),
            GRANT: ("sum", f"={cell_address(row, ALL_COSTS)}-SUM({first_share}:{last})", 0),
        }
    fields, is_lead = [*zip(sheet.fields, cells, strict=True)], row == FIRST_ROW
    missing = ",".join(_is_empty(cell) for field, cell in fields if field.required)
    long = ",".join(f"LEN({cell})>{field.limit}" for field, cell in fields if field.limit)
    used = "TRUE" if is_lead else f"SUMPRODUCT((LEN({first}:{last})>0)*1)>0"
    states = f'IF(OR({missing}),"{REQUIRED}",IF(OR({long}),"a text has {TOO_MANY}",""))'
    return {len(cells) + 1: ("state", f'=IF({used},{states},"")', REQUIRED if is_lead else "")}


def sums_of_columns() -> dict[int, str]:
    """The sums below the budget, by column."""
    ends = FIRST_ROW, FIRST_ROW + MOST_PARTNERS - 1
    columns = range(FIRST_COST, GRANT + 1)
    return {n: f"=SUM({':'.join(cell_address(row, n) for row in ends)})" for n in columns}


# The hidden table of countries in the order of their codes: A code, B name, C membership. Its last
# row has the codes that count, the number and the codes that do not count, and the country of the
# lead partner. `#` is the row, `^` the row above, `$` the last row.
COUNTRY_FORMULAS = [
    "=IF(SUMPRODUCT((check_countries=B#)*1)>0,1,0)",
    '=E^&IF(AND(D#=1,C#="member"),IF(LEN(E^)=0,"",", ")&A#,"")',
    '=F^+IF(AND(D#=1,C#<>"member"),1,0)',
    '=G^&IF(AND(D#=1,C#<>"member"),IF(F#=1,"",IF(F#=F$," and ",", "))&A#&" ("&C#&")","")',
    '=H^&IF(check_country_of_lead=B#,A#&": "&C#,"")',
]
TABLE_WIDTH = 3 + len(COUNTRY_FORMULAS)
# Amounts in cents, and months, in named cells below the table of countries.
AMOUNTS = {
    "check_requested": "=ROUND(check_sum_of_grants*100,0)",
    "check_total": "=ROUND(check_sum_of_costs*100,0)",
    "check_own": "=check_total-check_requested",
    "check_needed": "=ROUND(check_total*check_percent/100,0)",
}
MONTHS_BETWEEN = (
    "=(YEAR(check_end)-YEAR(check_start))*12+MONTH(check_end)-MONTH(check_start)"
    "+IF(DAY(check_end)>=DAY(check_start),1,0)"
)


def _eur_in_words(cents: str) -> str:
    """An amount as the program writes it, without a function that follows the language."""
    units, thousands = (f"MOD(INT(ABS({cents})/{size}),1000)" for size in [100, 100000])
    words = (
        f'=IF({cents}<0,"-","")&IF(ABS({cents})>=100000000,INT(ABS({cents})/100000000)&"~"&'
        f'RIGHT("00"&{thousands},3)&"~"&RIGHT("00"&{units},3),IF(ABS({cents})>=100000,'
        f'{thousands}&"~"&RIGHT("00"&{units},3),{units}))'
        f'&IF(MOD(ABS({cents}),100)=0,"","."&RIGHT("0"&MOD(ABS({cents}),100),2))&"~EUR"'
    )
    return words.replace("~", NO_BREAK)


def _day_in_words(day: str) -> str:
    months = ",".join(f'"{MONTHS[month]}"' for month in range(1, 13))
    return f'=DAY({day})&" "&CHOOSE(MONTH({day}),{months})&" "&YEAR({day})'


# A rule in formulas: when it can be checked, else what is missing; the working; whether it is met.
CLOSING = "check_closing_is_known", "The closing day of the call is not known."
CHECKS = {
    RuleKey.STATES: (
        *CLOSING,
        (
            '"Counted: "&IF(LEN(check_counted)=0,"none",check_counted)&"."'
            '&IF(LEN(check_excluded)=0,""," Not counted: "&check_excluded&".")'
        ),
        'SUMPRODUCT((check_present=1)*(check_memberships="member"))>=check_least',
    ),
    RuleKey.LEAD: (
        *CLOSING,
        'IF(LEN(check_lead)=0,"The lead partner is missing.",check_lead)',
        'RIGHT(check_lead,8)=": member"',
    ),
    RuleKey.GRANT: (
        "COUNT(check_amounts)>0",
        "The amount requested is missing.",
        'check_requested_words&" requested."',
        "AND(check_requested>=check_floor,check_requested<=check_ceiling)",
    ),
    RuleKey.COFUNDING: (
        "COUNT(check_amounts)>0",
        "The total budget or the amount requested is missing.",
        (
            '"Co-funding: "&check_own_words&" of "&check_total_words&"."'
            '&IF(check_own>=check_needed,""," At least "&check_needed_words&" is needed.")'
        ),
        "check_own>=check_needed",
    ),
    RuleKey.DURATION: (
        "AND(LEN(check_start)>0,LEN(check_end)>0)",
        "The start or the end is missing.",
        (
            'check_months&IF(check_months=1," month: "," months: ")'
            '&IF(check_start=check_end,"",check_start_words&" to ")&check_end_words&"."'
        ),
        "AND(check_start<=check_end,check_months<=check_most_months)",
    ),
}


def names_of(form: Form, countries: int) -> dict[str, str]:
    """What the names in formulas mean: cells to fill in, cells of the table, rules of the call.

    The first row of the table of countries is empty.
    """
    call, last, sums = form.call, countries, FIRST_ROW + MOST_PARTNERS
    at = {
        (field.key, number): (sheet.name, row, column)
        for sheet in form.sheets
        for row, column, field, number in sheet.cells()
    }
    meanings: dict[str, object] = {
        "start": range_of(at["starts_on", 0]),
        "end": range_of(at["ends_on", 0]),
        "countries": range_of(at["partner_country", 1], at["partner_country", MOST_PARTNERS]),
        "country_of_lead": range_of(at["partner_country", 1]),
        "amounts": range_of(at[COSTS[0], 1], at[SHARES[-1], MOST_PARTNERS]),
        "sum_of_costs": range_of((BUDGET, sums, ALL_COSTS)),
        "sum_of_grants": range_of((BUDGET, sums, GRANT)),
        "memberships": range_of((LISTS, 1, 2), (LISTS, last, 2)),
        "present": range_of((LISTS, 1, 3), (LISTS, last, 3)),
        "counted": range_of((LISTS, last, 4)),
        "excluded": range_of((LISTS, last, 6)),
        "lead": range_of((LISTS, last, 7)),
        "least": call.min_member_states,
        "floor": int((call.floor_eur or 0) * 100),
        "ceiling": 10**15 if call.ceiling_eur is None else int(call.ceiling_eur * 100),
        "percent": call.min_cofunding_percent or 0,
        "most_months": call.max_months or 0,
        "closing_is_known": "TRUE" if call.closing_day() else "FALSE",
    }
    return {f"check_{name}": f"={meaning}" for name, meaning in meanings.items()}


def helpers() -> dict[str, str]:
    """The formulas of the named cells below the table of countries."""
    eur = {f"{name}_words": _eur_in_words(name) for name in AMOUNTS}
    days = {f"{name}_words": _day_in_words(name) for name in ["check_start", "check_end"]}
    return AMOUNTS | eur | days | {"check_months": MONTHS_BETWEEN}


def country_rows(form: Form) -> list[tuple[list[str], list[str]]]:
    """The texts and formulas of the table of countries, from its second row on."""
    day, last, rows = form.call.closing_day(), str(len(form.countries) + 1), []
    for row, (code, country) in enumerate(sorted(form.countries.items()), start=2):
        membership = country.membership_on(day) if day else None
        words = str(membership.get_status_display()) if membership else _("not a member")
        formulas_ = [
            formula.replace("#", str(row)).replace("^", str(row - 1)).replace("$", last)
            for formula in COUNTRY_FORMULAS
        ]
        rows.append(([code, country.name, words], formulas_))
    return rows


def check_lines(form: Form) -> list[tuple[str, Formula, Formula]]:
    """Label, working and verdict of each rule, of what is missing or too long, and of the form."""
    lines: list[tuple[str, Formula, Formula]] = []
    for finding in check_rules(form.application_of({})):
        is_known, missing, working, met = CHECKS[finding.rule.key]
        counted = f'=IF({is_known},{working},"{missing}")'
        verdict = f'=IF({is_known},IF({met},"met","not met"),"cannot be checked")'
        results = finding.working, str(finding.verdict.label)
        lines.append((finding.rule.label, (counted, results[0]), (verdict, results[1])))
    sheets = [sheet for sheet in form.sheets if sheet.name != BUDGET]
    in_empty = _("%(number)d are empty") % {
        "number": 1  # the row of the lead partner
        + sum(field.required for sheet in sheets if not sheet.is_table for field in sheet.fields)
    }
    for label, condition, what, words, verdict in [
        (_("Required cells"), f'{{}}="{REQUIRED}"', "empty", in_empty, "not met"),
        (_("Long texts"), f'RIGHT({{}},{len(TOO_MANY)})="{TOO_MANY}"', "too long", "none", "met"),
    ]:
        counts = [f"SUMPRODUCT(({condition.format(_states_of(sheet))})*1)" for sheet in sheets]
        number = f"({'+'.join(counts)})"
        counted = f'=IF({number}=0,"none",{number}&IF({number}=1," is "," are ")&"{what}")'
        lines.append((label, (counted, words), (f'=IF({number}=0,"met","not met")', verdict)))
    verdicts = f"C{FIRST_ROW + 1}:C{row_of(len(lines))}"
    ready = f'=IF(SUMPRODUCT(({verdicts}="met")*1)={len(lines)},"yes","no")'
    return [*lines, (_("Ready to send"), ('=""', ""), (ready, "no"))]


def _states_of(sheet: FormSheet) -> str:
    """The cells with the states of a sheet."""
    last = max(row for row, *_field in sheet.cells())
    column = len(sheet.fields) + 1 if sheet.is_table else 2
    return range_of((sheet.name, FIRST_ROW, column), (sheet.name, last, column))
