"""The formulas of the application form: states of cells, sums, and the rules of the call in words.

The words are those of `projects.eligibility.rules`. The formulas work alike in Excel, LibreOffice
and OnlyOffice, in every language: no COUNTIF and no MATCH on typed texts, which have wildcards; no
TEXT and no joined fractions, which follow the language; amounts are counted in cents.
"""

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


def state_of(field: FormField, cell: str) -> str:
    """ "required", "1970 of 2000 characters", "1050 of 1000 characters: 50 too many" or nothing."""
    filled = '""'
    if most := field.limit:
        excess = f'IF(LEN({cell})>{most},": "&(LEN({cell})-{most})&" {TOO_MANY}","")'
        filled = f'LEN({cell})&" of {most} characters"&{excess}'
    return f'=IF({_is_empty(cell)},"{REQUIRED if field.required else ""}",{filled})'


def state_of_partner(sheet: FormSheet, row: int, *, is_lead: bool) -> str:
    """Whether a row of a partner lacks its name or country, or has a text that is too long."""
    cells = {field: f"{letter_of(n)}{row}" for n, field in enumerate(sheet.fields, start=1)}
    missing = ",".join(_is_empty(cell) for field, cell in cells.items() if field.required)
    long = ",".join(f"LEN({cell})>{field.limit}" for field, cell in cells.items() if field.limit)
    first, *_between, last = cells.values()
    used = "TRUE" if is_lead else f"SUMPRODUCT((LEN({first}:{last})>0)*1)>0"
    states = f'IF(OR({missing}),"{REQUIRED}",IF(OR({long}),"a text has {TOO_MANY}",""))'
    return f'=IF({used},{states},"")'


def sums_of_partner(row: int) -> dict[int, str]:
    """The name, the costs and the grant of the partner of a row of the budget, by column."""
    costs = f"{letter_of(FIRST_COST)}{row}:{letter_of(FIRST_SHARE - 1)}{row}"
    shares = f"{letter_of(FIRST_SHARE)}{row}:{letter_of(ALL_COSTS - 1)}{row}"
    return {
        1: f'=IF(LEN({PARTNERS}!B{row})=0,"",{PARTNERS}!B{row})',
        ALL_COSTS: f"=SUM({costs})",
        GRANT: f"={letter_of(ALL_COSTS)}{row}-SUM({shares})",
    }


def sum_of_column(column: int) -> str:
    letter = letter_of(column)
    return f"=SUM({letter}{FIRST_ROW + 1}:{letter}{LAST_ROW})"


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
CHECKS = {
    RuleKey.STATES: (
        "check_closing_is_known",
        "The closing day of the call is not known.",
        (
            '"Counted: "&IF(LEN(check_counted)=0,"none",check_counted)&"."'
            '&IF(LEN(check_excluded)=0,""," Not counted: "&check_excluded&".")'
        ),
        'SUMPRODUCT((check_present=1)*(check_memberships="member"))>=check_least',
    ),
    RuleKey.LEAD: (
        "TRUE",
        "",
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
    """What the names in formulas mean: cells to fill in, cells of the table, rules of the call."""
    call, last = form.call, countries + 1  # the first row of the table is empty
    column = letter_of(1 + form.sheet(PARTNERS).place_of("partner_country"))
    amounts = f"${letter_of(FIRST_COST)}${FIRST_ROW + 1}:${letter_of(ALL_COSTS - 1)}${LAST_ROW}"
    days = {
        name: f"{PROJECT}!$B${row_of(form.sheet(PROJECT).place_of(f'{name}s_on')) + 1}"
        for name in ["start", "end"]
    }
    limits = {
        "least": call.min_member_states,
        "floor": int((call.floor_eur or 0) * 100),
        "ceiling": 10**15 if call.ceiling_eur is None else int(call.ceiling_eur * 100),
        "percent": call.min_cofunding_percent or 0,
        "most_months": call.max_months or 0,
        "closing_is_known": "TRUE" if call.closing_day() else "FALSE",
    }
    cells = {
        "countries": f"{PARTNERS}!${column}${FIRST_ROW + 1}:${column}${LAST_ROW}",
        "country_of_lead": f"{PARTNERS}!${column}${FIRST_ROW + 1}",
        "memberships": f"{LISTS}!$C$2:$C${last}",
        "present": f"{LISTS}!$D$2:$D${last}",
        "counted": f"{LISTS}!$E${last}",
        "excluded": f"{LISTS}!$G${last}",
        "lead": f"{LISTS}!$H${last}",
        "amounts": f"{BUDGET}!{amounts}",
        "sum_of_costs": f"{BUDGET}!${letter_of(ALL_COSTS)}${LAST_ROW + 1}",
        "sum_of_grants": f"{BUDGET}!${letter_of(GRANT)}${LAST_ROW + 1}",
    }
    return {f"check_{name}": f"={value}" for name, value in (cells | days | limits).items()}


def helpers() -> dict[str, str]:
    """The formulas of the named cells below the table of countries."""
    eur = {f"{name}_words": _eur_in_words(name) for name in AMOUNTS}
    days = {f"{name}_words": _day_in_words(name) for name in ["check_start", "check_end"]}
    return AMOUNTS | eur | days | {"check_months": MONTHS_BETWEEN}


def country_rows(form: Form) -> list[tuple[list[str], list[str]]]:
    """The texts and formulas of the table of countries, from its second row on."""
    countries = list(Country.objects.prefetch_related("memberships").order_by("code"))
    day, last = form.call.closing_day(), str(len(countries) + 1)
    rows = []
    for row, country in enumerate(countries, start=2):
        membership = country.membership_on(day) if day else None
        words = str(membership.get_status_display()) if membership else _("not a member")
        formulas = [
            formula.replace("#", str(row)).replace("^", str(row - 1)).replace("$", last)
            for formula in COUNTRY_FORMULAS
        ]
        rows.append(([country.code, country.name, words], formulas))
    return rows


def check_lines(form: Form) -> list[tuple[str, str, str]]:
    """Label, working and verdict of each rule, of what is missing or too long, and of the form."""
    lines = []
    for rule in rules_of(form.call):
        is_known, missing, working, met = CHECKS[rule.key]
        verdict = f'=IF({is_known},IF({met},"met","not met"),"cannot be checked")'
        lines.append((rule.label, f'=IF({is_known},{working},"{missing}")', verdict))
    for label, condition, words in [
        (_("Required cells"), f'{{cells}}="{REQUIRED}"', "empty"),
        (_("Long texts"), f'RIGHT({{cells}},{len(TOO_MANY)})="{TOO_MANY}"', "too long"),
    ]:
        number = _number_of_states(form, condition)
        counted = f'{number}&IF({number}=1," is "," are ")&"{words}"'
        verdict = f'=IF({number}=0,"met","not met")'
        lines.append((label, f'=IF({number}=0,"none",{counted})', verdict))
    verdicts = f"C{FIRST_ROW + 1}:C{row_of(len(lines))}"
    ready = f'=IF(SUMPRODUCT(({verdicts}="met")*1)={len(lines)},"yes","no")'
    return [*lines, (_("Ready to send"), '=""', ready)]


def _number_of_states(form: Form, condition: str) -> str:
    """The number of states of all sheets that meet a condition."""
    counts = []
    for sheet in (sheet for sheet in form.sheets if sheet.name != BUDGET):
        letter, last = "C", row_of(len(sheet.fields))
        if sheet.is_table:
            letter, last = letter_of(len(sheet.fields) + 1), LAST_ROW
        cells = f"{sheet.name}!${letter}${FIRST_ROW + 1}:${letter}${last}"
        counts.append(f"SUMPRODUCT(({condition.format(cells=cells)})*1)")
    return f"({'+'.join(counts)})"
