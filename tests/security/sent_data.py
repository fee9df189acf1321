"""The data of the POST requests in staff.txt, as the browser of a superuser would send them.

A row that is not here sends nothing: whoever may act is told what is lacking.
"""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.projects.imports.support import as_csv, rows
from tests.security.address_tables import Row
from tests.support.accounts import filled_in, form_data, versions_in

Data = dict[str, Any]
DAY = "2019-10-01"
WHY = {"reason": "It was agreed."}

# Forms of a record, as they come but for these fields.
FORMS: dict[str, Data] = {
    "projects_call_add .": {"title": "Another call"},
    "projects_call_change call": {"title": "Another title"},
    "projects_project_change draft": {"title": "Another title"},
    "partners_partner_change partner": {"name": "Another name"},
    "partners_leadpartner_change partner": {"name": "Another name"},
    "partners_membership_change membership": {"source": "Another source"},
    "projects_priority_add .": {"name": "Another priority"},
    "projects_topic_add .": {"name": "Another topic"},
    "projects_topic_change topic": {"name": "Another name"},
    "auth_user_add .": {"username": "another"},
    "auth_user_change idle": {"first_name": "Ida"},
    "auth_group_add .": {"name": "Another role"},
    "auth_group_change special": {"name": "Another name"},
}

# Pages that ask before they act: the version that they showed goes back with the answer.
ACTS: dict[str, Callable[[Any], Data]] = {
    "projects_call_delete draft_call": lambda world: {},
    "projects_call_publish draft_call": lambda world: {"what": "page"},
    "projects_call_publish settled": lambda world: {"what": "results"},
    "projects_call_cancel_publication past": lambda world: {},
    "projects_project_cancel_publication tomorrow": lambda world: {},
    "projects_call_unpublish past": lambda world: {"what": "results"} | WHY,
    "projects_call_copy_setup?earlier={past} draft_call": lambda world: {},
    "projects_call_decision to_decide": lambda world: {
        f"{world.to_be_decided.pk}-outcome": "funded",
        f"{world.to_be_decided.pk}-award_eur": "2",
    },
    "projects_call_apply_decision to_decide": lambda world: {},
    "projects_call_reverse_decision settled": lambda world: WHY,
    "projects_call_fund_from_reserve settled": lambda world: {
        "project": world.reserve.pk,
        "award_eur": "1",
    },
    "projects_call_correct_reason settled": lambda world: (
        {"project": world.reserve.pk, "text": "Too vague."} | WHY
    ),
    "projects_call_application_form draft_call": lambda world: {},
    "projects_call_outbox settled": lambda world: {"_write": "1"},
    "projects_call_send_letters past": lambda world: {},
    "projects_call_edit_letter past,waiting": lambda world: {"subject": "PSF", "text": "Text"},
    "projects_call_cancel_letter past,waiting": lambda world: {"why": "An error."},
    "projects_call_replace_letter past,sent": lambda world: WHY,
    "projects_call_assessment call": lambda world: {
        "projects": [world.unassigned.pk],
        "assessors": [world.account_outs.pk],
        "planned": f"{world.unassigned.pk}-{world.account_outs.pk}",
    },
    "projects_project_consensus assessed": lambda world: {
        "text": "Agreed.",
        "recommendation": "fund",
    },
    "projects_assessment_declare fresh": lambda world: {"declaration": "none"},
    "projects_assessment_change second": lambda world: {"version": world.second.version},
    "projects_assessment_reopen mine": lambda world: WHY,
    "projects_assessment_remove_assessor second": lambda world: WHY,
    "projects_project_publish draft": lambda world: {},
    "projects_project_unpublish public": lambda world: WHY,
    "projects_project_unpublish tomorrow": lambda world: WHY,
    "projects_project_delete submitted": lambda world: {},
    "projects_project_change_status?project={submitted}&to=eligible .": lambda world: {},
    "projects_project_change_status?project={submitted}.{winner}&to=withdrawn .": (
        lambda world: WHY
    ),
    "projects_project_rule rejected,=states": lambda world: WHY,
    "projects_project_post_award_action public,=repay": lambda world: {
        "day": DAY,
        "amount_eur": "1",
        "why": "Not used.",
    },
    "projects_project_post_award_action public,=report": lambda world: {"kind": "final"},
    "projects_project_post_award_action public,=amend": lambda world: {
        "agreed_on": DAY,
        "words": "Another account.",
    },
    "projects_project_post_award_row public,=delete-instalment,instalment": lambda world: {},
    "projects_project_post_award_row public,=pay,instalment": lambda world: {
        "paid_on": DAY,
        "paid_eur": "30000",
        "condition_met_on": DAY,
    },
    "projects_project_post_award_row public,=receive,report": lambda world: {"received_on": DAY},
    "projects_project_post_award_row public,=delete-document,document": lambda world: {},
    "projects_project_post_award_row public,=publish-document,document": lambda world: {},
    "projects_project_post_award_row public,=unpublish-document,shown": lambda world: {},
    "projects_project_post_award_row public,=publish-output,output": lambda world: {},
    "partners_partner_delete idle_partner": lambda world: {},
    "partners_partner_duplicates .": lambda world: {"pair": world.pair.pk},
    "partners_partner_undo merger": lambda world: {},
    "partners_partner_choose idle_partner": lambda world: {"other": world.other_partner.pk},
    "partners_partner_merge idle_partner,other_partner": lambda world: {},
    "partners_membership_delete membership": lambda world: {},
    "projects_priority_delete priority": lambda world: {},
    "projects_topic_delete topic": lambda world: {},
    "auth_user_delete idle": lambda world: {},
    "auth_user_end_sessions idle": lambda world: {},
    "auth_user_remove_factors idle": lambda world: {},
    "auth_group_delete special": lambda world: {},
}

# What is sent without having been shown anything.
PLAIN: dict[str, Callable[[Any], Data]] = {
    "projects_call_letters_pdf past": lambda world: {},
    "projects_call_import_preview call,brought": lambda world: {"preview": "another"},
    "projects_call_add_applications_preview call,forms": lambda world: {"preview": "another"},
    "projects_call_add_applications call": lambda world: {
        "workbooks": SimpleUploadedFile("form.xlsx", b"no workbook"),
    },
    "projects_call_form_mails call": lambda world: {"mails": world.form_mail.pk, "_hand": ""},
    "projects_call_import call": lambda world: {
        "file": SimpleUploadedFile("projects.csv", as_csv(rows()).encode()),
        "notation": "plain",
    },
    "projects_project_post_award_action public,=document": lambda world: {
        "file": SimpleUploadedFile("report.pdf", b"%PDF-1.7"),
        "title": "Report",
    },
    "projects_project_changelist .": lambda world: {
        "action": "change_status_of_selected",
        "_selected_action": [world.submitted.pk],
    },
}


def prepared(table: list[Row], world: Any, client: Any) -> dict[str, Data]:
    """By the row without its method: what each page showed to a superuser, filled in."""
    found: dict[str, Data] = {}
    for row in table:
        if row.method != "POST":
            continue
        if row.what in FORMS:
            sent = filled_in(client, row.address(world), **FORMS[row.what])
            found[row.what] = confirmed(client, row.address(world), sent)
        elif row.what in ACTS:
            shown = {"version": versions_in(client.get(row.address(world))), "post": "yes"}
            found[row.what] = shown | ACTS[row.what](world)
    return found


def confirmed(client: Client, address: str, sent: Data) -> Data:
    """What is sent after the page that shows what readers will see change, if it comes."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = client.post(address, sent)
        transaction.set_rollback(True)
    client.cookies = cookies
    return form_data(response) if (response.context or {}).get("impact") else sent


def data_of(row: Row, world: Any, shown: dict[str, Data]) -> Data:
    """The data to send. Each call opens a new file."""
    return PLAIN[row.what](world) if row.what in PLAIN else shown.get(row.what, {})
