"""The staff page “Agreement and payments”: content, permissions and actions."""

import csv
import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from projects.models import Amendment, Document, Instalment, Output, Project, Report
from projects.post_award.admin.pages import PROJECT_ACTIONS, ROW_ACTIONS
from psf.history.models import ChangeSet
from tests.support import factories
from tests.support.accounts import (
    client_of,
    confirm,
    errors_of,
    make_account,
    save,
    signed_in,
    versions_in,
)
from tests.support.hidden_records import number_of_queries, words

pytestmark = pytest.mark.django_db
DAY = "2019-10-01"


def url_of(project, act="", part=None):
    name = "post_award_row" if part else "post_award_action" if act else "post_award"
    args = [project.pk, *([act] if act else []), *([part.pk] if part else [])]
    return reverse(f"admin:projects_project_{name}", args=args)


def errors_in(response):
    return " ".join(
        str(message) for found in response.context["form"].errors.values() for message in found
    ).replace("\N{NO-BREAK SPACE}", " ")


def client_with(*permissions):
    account = make_account()
    account.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(account)


@pytest.fixture
def project():
    return factories.make_public_project(
        amount_eur=65000, amount_kind="ceiling", ends_on=date(2020, 11, 30)
    )


@pytest.fixture
def signed(project):
    factories.make_agreement(project)
    return project


def do(client, project, act, part=None, **data):
    """Send the form of an action, again if its page shows what readers will see change."""
    response = confirm(client, url_of(project, act, part), data)
    if response.context and response.context["impact"]:
        confirmation = response.context["form"].confirmation
        return confirm(client, url_of(project, act, part), data | {"confirmation": confirmation})
    return response


def everything_of(project):
    """A row of each kind, by the name of its model."""
    document = factories.make_document(project)
    made = [
        factories.make_instalment(project),
        factories.make_report(project),
        document,
        factories.make_output(project, document=document, url="https://example.org/output"),
    ]
    factories.make_repayment(project)
    part = factories.make_partnership(project, country="EE")
    left = {"kind": "left", "partnership": part, "day": date(2020, 1, 1)}
    factories.make_amendment(project, **left)
    ends = {"ends_before": date(2020, 11, 30), "ends_after": date(2021, 3, 31)}
    factories.make_amendment(project, kind="prolonged", **ends)
    amounts = {"amount_before_eur": 59000, "amount_after_eur": 60000}
    factories.make_amendment(project, kind="budget", **amounts)
    return {type(row): row for row in made}


class TestAccess:
    @pytest.mark.parametrize("role", ["Viewer", "Editor"])
    def test_roles_that_only_read_see_no_actions(self, role, signed):
        everything_of(signed)
        response = client_of(role).get(url_of(signed))
        assert response.status_code == 200
        assert "/following/" not in re.sub(r"<nav.*?</nav>", "", words(response))
        assert response.headers["Cache-Control"] == "no-store, private"

    def test_every_action_has_a_page(self, publisher, signed):
        parts = everything_of(signed)
        for act in PROJECT_ACTIONS:
            assert publisher.get(url_of(signed, act)).status_code == 200, act
        for act, (_form, model) in ROW_ACTIONS.items():
            response = publisher.get(url_of(signed, act, parts[model]))
            assert str(parts[model]) in words(response), act

    def test_unknown_actions_and_rows_are_not_found(self, publisher, signed):
        other = factories.make_instalment(factories.make_project(status="funded"))
        for url in [
            url_of(signed, "nosuch"),
            url_of(signed, "pay"),
            url_of(signed, "close", other),
            url_of(signed, "pay", other),
            url_of(signed, "pay").replace(str(signed.pk), "0"),
            url_of(signed).replace(str(signed.pk), "0"),
        ]:
            assert publisher.get(url).status_code == 404, url
        assert publisher.post(url_of(signed)).status_code == 405

    def test_publishing_needs_its_own_permission(self, signed):
        document = factories.make_document(signed)
        client = client_with("view_project", "view_agreement", "manage_awards")
        page = words(client.get(url_of(signed)))
        assert "delete-document" in page and "publish-document" not in page
        assert client.get(url_of(signed, "publish-document", document)).status_code == 403
        assert client.get(url_of(signed, "delete-document", document)).status_code == 200


class TestPage:
    def test_the_page_shows_all_records(self, publisher, signed):
        everything_of(signed)
        page = words(publisher.get(url_of(signed)))
        for sentence in [
            "up to 65 000 EUR",
            "60 000 EUR",
            "30 000 EUR",
            "1. on signature",
            "Interim report",
            "end before: 30 November 2020; since: 31 March 2021",
            "from 59 000 EUR to 60 000 EUR",
            "Estonia, 1 January 2020",
            "100 EUR · Not used.",
            "https://example.org/output",
        ]:
            assert sentence in page, sentence

    def test_a_project_without_award_shows_only_documents(self, publisher):
        project = factories.make_project()
        factories.make_document(project, title="Application form")
        page = words(publisher.get(url_of(project)))
        assert "This project is submitted" in page
        assert "Application form" in page
        assert "Instalments" not in page

    def test_the_number_of_queries_is_constant(self, publisher, signed):
        costs = []
        for rows in [1, 3]:
            while signed.reports.count() < rows:
                report = factories.make_report(signed)
                position = signed.instalments.count() + 1
                factories.make_instalment(signed, position=position)
                document = factories.make_document(signed, report=report, added_by=make_account())
                factories.make_output(signed, document=document)
                part = factories.make_partnership(signed, factories.make_partner())
                factories.make_amendment(
                    signed, kind="left", partnership=part, day=date(2020, 1, 1)
                )
            costs.append(number_of_queries(publisher, url_of(signed)))
        assert costs[0] == costs[1]

    def test_a_closed_account_offers_no_payments(self, publisher, signed):
        everything_of(signed)
        signed.agreement.closed_on = date(2021, 1, 1)
        signed.agreement.save()
        page = publisher.get(url_of(signed)).content.decode()
        for act in ["/pay/", "/close/", "/repay/", "/agreement/", "/following/instalment/"]:
            assert act not in page, act
        assert "undo the closing under" in page


class TestActions:
    def test_from_the_agreement_to_the_closed_account(self, publisher, project):
        do(publisher, project, "report", kind="final", due_on=DAY)
        report = Report.objects.get()
        do(publisher, project, "report", report, kind="final", due_on="2020-12-31")
        do(publisher, project, "receive", report, received_on="2020-12-30")
        do(publisher, project, "approve", report, approved_on="2021-01-15")
        do(publisher, project, "report", kind="interim")
        do(publisher, project, "delete-report", Report.objects.get(kind="interim"))
        report = Report.objects.get()
        assert (report.due_on, report.approved_on) == (date(2020, 12, 31), date(2021, 1, 15))
        signed_days = {"lead_signed_on": DAY, "we_signed_on": DAY}
        response = do(
            publisher, project, "agreement", number="A-7", amount_eur="60000", **signed_days
        )
        assert response.url == url_of(project)
        do(publisher, project, "standard-instalments", first="50", second="30", balance="20")
        do(publisher, project, "delete-instalment", project.instalments.get(position=3))
        do(publisher, project, "instalment", condition="extra", amount_eur="1", due_on=DAY)
        extra = project.instalments.get(position=3)
        do(publisher, project, "instalment", extra, condition="last", amount_eur="12000")
        assert "Close the account…" not in words(publisher.get(url_of(project)))
        for row in project.instalments.all():
            do(
                publisher,
                project,
                "pay",
                row,
                paid_on=DAY,
                paid_eur=str(row.amount_eur),
                condition_waived="Agreed.",
            )
        do(publisher, project, "repay", day=DAY, amount_eur="1000", why="Not used.")
        assert "Close the account…" in words(publisher.get(url_of(project)))
        page = publisher.get(url_of(project, "close"))
        assert 'value="59 000"' in words(page)
        computed = "Payments of 60 000 EUR minus repayments of 1 000 EUR. Planned and not paid: "
        assert f"{computed}0 EUR." in words(page)
        why = {"reason": "All is settled."}
        do(publisher, project, "close", final_eur="59000", closed_on="2021-05-01", **why)
        project.refresh_from_db()
        assert (project.amount_eur, project.amount_kind) == (59000, "final")
        reasons = [*ChangeSet.objects.values_list("reason", flat=True)]
        assert {"Not used.", "All is settled."} <= {*reasons}
        messages = [entry.get_change_message() for entry in LogEntry.objects.all()]
        assert (
            "The account is closed. Final amount: 59\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}EUR."
            in messages
        )

    def test_the_forms_suggest_values(self, publisher, signed):
        row = factories.make_instalment(signed)
        page = words(publisher.get(url_of(signed, "pay", row)))
        assert 'value="30 000"' in page and f"{timezone.localdate():%d/%m/%Y}" in page
        factories.make_report(signed, received_on=DAY, approved_on=DAY)
        for kind in ["interim", ""]:
            Instalment.objects.update(report_kind=kind)
            day = publisher.get(url_of(signed, "pay", row)).context["form"]["condition_met_on"]
            assert (day.field.disabled, str(day.value()) == DAY) == (bool(kind), bool(kind))
        assert 'value="60 000"' in words(publisher.get(url_of(signed, "agreement")))
        other = factories.make_project(status="funded", amount_eur=5, amount_kind="awarded")
        assert 'value="5"' in words(publisher.get(url_of(other, "agreement")))
        unknown = publisher.get(url_of(factories.make_project(status="funded"), "agreement"))
        assert unknown.context["form"]["amount_eur"].value() is None

    def test_amendments_of_every_kind(self, publisher, signed):
        Project.objects.update(published_at=None)
        partner = factories.make_partner("Kone", country="FI")
        agreed = {"agreed_on": DAY, "words": "Agreed by letter."}
        do(publisher, signed, "join", partner=partner.pk, day=DAY, **agreed)
        joined = signed.partnerships.get(partner=partner)
        assert joined.country_id == "FI"
        other = factories.make_partner(country="SE")
        country = factories.make_country("LV").pk
        do(publisher, signed, "join", partner=other.pk, country=country, day=DAY, **agreed)
        assert signed.partnerships.get(partner=other).country_id == "LV"
        do(publisher, signed, "leave", partnership=joined.pk, day="2020-02-01", **agreed)
        page = words(publisher.get(url_of(signed, "leave")))
        lead = signed.partnerships.get(role="lead")
        assert "Kone" not in page and f'<option value="{lead.pk}"' not in page
        do(publisher, signed, "prolong", ends_after="2021-03-31", **agreed)
        do(publisher, signed, "shift", amount_after_eur="50000", **agreed)
        do(publisher, signed, "amend", **agreed)
        kinds = [row.kind for row in Amendment.objects.order_by("pk")]
        assert kinds == ["joined", "joined", "left", "prolonged", "budget", "other"]
        assert [row.reason for row in ChangeSet.objects.filter(channel="award")] == [
            "Agreed by letter."
        ] * 6

    def test_readers_changes_are_shown_before_they_are_saved(self, publisher, signed):
        partner = factories.make_partner("Kone", country="FI")
        row = factories.make_partnership(signed, factories.make_partner("Tallink"))
        agreed = {"agreed_on": DAY, "words": "Agreed."}
        acts = {
            "prolong": {"ends_after": "2021-03-31", **agreed},
            "leave": {"partnership": row.pk, "day": "2020-02-01", **agreed},
            "join": {"partner": partner.pk, "day": DAY, **agreed},
            "close": {"final_eur": "0", "closed_on": "2021-05-01", "reason": "Settled."},
        }
        for act, data in acts.items():
            sets = ChangeSet.objects.count()
            response = confirm(publisher, url_of(signed, act), data)
            assert "Nothing is saved yet." in errors_in(response)
            assert "What readers will see change" in response.text
            assert response.context["impact"].lines
            assert ChangeSet.objects.count() == sets
            data["confirmation"] = response.context["form"].confirmation
            assert f'name="confirmation" value="{data["confirmation"]}"' in response.text
            assert confirm(publisher, url_of(signed, act), data).url == url_of(signed)
            change_set = ChangeSet.objects.latest("pk")
            assert change_set.user and change_set.channel == "award"
            assert change_set.reason == ("Settled." if act == "close" else "Agreed.")
        assert "before the closing: 65 000 EUR" in words(publisher.get(url_of(signed)))
        Project.objects.update(published_at=None)
        data = {"ends_after": "2021-04-30", "agreed_on": DAY, "words": "Agreed."}
        assert confirm(publisher, url_of(signed, "prolong"), data).url == url_of(signed)

    def test_a_document_is_added_published_and_removed(self, publisher, project, settings):
        file = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
        fields = {"title": "Final report", "kind": "report", "language": "en"}
        do(publisher, project, "document", file=file, **fields)
        document = Document.objects.get()
        assert document.added_by is not None
        do(publisher, project, "document", document, **fields | {"title": "The report"})
        do(publisher, project, "publish-document", document)
        assert "The report" in words(publisher.get(project.get_absolute_url()))
        do(publisher, project, "unpublish-document", document)
        do(publisher, project, "delete-document", document)
        assert not Document.objects.exists()

    @pytest.mark.parametrize("content", [b"<script>", b""])
    def test_an_invalid_file_is_an_error(self, publisher, project, content):
        file = SimpleUploadedFile("x.pdf", content)
        fields = {"title": "Final report", "kind": "report", "language": "en"}
        response = do(publisher, project, "document", file=file, **fields)
        assert "does not match its name" in errors_in(response)
        assert "This field is required" in errors_in(do(publisher, project, "document", **fields))

    def test_a_file_beside_an_error_is_chosen_again(self, publisher, project):
        file = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
        response = do(publisher, project, "document", file=file, kind="report", language="en")
        [error] = response.context["form"].errors["file"]
        assert error == "Choose the file again, because another field has an error."

    def test_an_output_is_added_published_and_removed(self, publisher, project):
        fields = {"title": "Guide", "kind": "training", "language": "lv"}
        response = do(publisher, project, "output", **fields)
        assert "a link, a document, or both" in errors_in(response)
        response = do(publisher, project, "output", url="javascript:alert(1)", **fields)
        assert "Enter a valid URL" in errors_in(response)
        form = factories.make_document(project, kind="application")
        response = do(publisher, project, "output", document=form.pk, **fields)
        assert "Select a valid choice" in errors_in(response)
        do(publisher, project, "output", url="https://example.org/guide", **fields)
        output = Output.objects.get()
        do(publisher, project, "output", output, url="https://example.org/2", **fields)
        do(publisher, project, "publish-output", output)
        assert "https://example.org/2" in words(publisher.get(project.get_absolute_url()))
        do(publisher, project, "unpublish-output", output)
        do(publisher, project, "delete-output", output)
        assert not Output.objects.exists()

    def test_an_impossible_action_is_an_error_and_stores_nothing(self, publisher, signed):
        row = factories.make_instalment(signed)
        sets = ChangeSet.objects.count()
        payment = {"paid_on": DAY, "paid_eur": "60001", "condition_met_on": DAY}
        response = do(publisher, signed, "pay", row, **payment, paid_more_reason="All at once.")
        assert errors_in(response) == (
            "The payments (60 001 EUR) are more than the agreement (60 000 EUR). Correct an amount."
        )
        assert words(response).count('value="60 001"') == 1
        assert "Enter a reason" in errors_in(do(publisher, signed, "pay", row, **payment))
        assert ChangeSet.objects.count() == sets
        payment |= {"paid_eur": "45000", "paid_more_reason": "Two in one."}
        do(publisher, signed, "pay", row, **payment)
        assert "More than planned: Two in one." in words(publisher.get(url_of(signed)))

    def test_texts_and_days_of_an_action_are_checked(self, publisher, signed):
        data = {"condition": "On\x1b signature", "amount_eur": "1", "due_on": "0001-01-01"}
        errors = errors_in(do(publisher, signed, "instalment", **data))
        assert "Delete the invisible character (U+001B) after “On”." in errors
        assert "The year 0001 cannot be right." in errors

    def test_an_instalment_is_not_paid_twice(self, publisher, signed):
        row = factories.make_instalment(signed)
        url = url_of(signed, "pay", row)
        data = {"paid_on": DAY, "paid_eur": "1", "version": versions_in(publisher.get(url))}
        data["condition_met_on"] = DAY
        assert publisher.post(url, data).status_code == 302
        response = publisher.post(url, data)
        assert "the records have changed" in errors_in(response)
        assert Instalment.objects.get().paid_eur == 1

    def test_a_stale_form_names_the_values_that_it_would_replace(self, publisher, project):
        agreement = factories.make_agreement(project, we_signed_on=None)
        url = url_of(project, "agreement")
        data = {"number": agreement.number, "amount_eur": "60000", "we_signed_on": DAY}
        opened = {"version": versions_in(publisher.get(url))}
        done = do(publisher, project, "agreement", **data, lead_signed_on="2019-09-02")
        assert done.status_code == 302
        errors = errors_in(publisher.post(url, opened | data))
        assert "Signed by the lead partner is saved as: 2 September 2019." in errors
        assert "Number is saved as" not in errors


class TestProject:
    """The effect of the agreement on other pages of the project."""

    def test_a_partner_with_an_amendment_cannot_be_removed(self, publisher, project):
        part = factories.make_partnership(project, country="EE")
        left = {"kind": "left", "partnership": part, "day": date(2020, 1, 1)}
        factories.make_amendment(project, **left)
        change = reverse("admin:projects_project_change", args=[project.pk])
        response = save(publisher, change, **{"partnerships-1-DELETE": "on"})
        assert "would require deleting the following" in errors_of(response)
        assert project.partnerships.count() == 2

    def test_a_project_with_an_agreement_cannot_be_deleted(self, publisher):
        project = factories.make_project(status="funded")
        factories.make_agreement(project)
        url = reverse("admin:projects_project_delete", args=[project.pk])
        response = confirm(publisher, url)
        assert response.status_code == 403
        assert "has an agreement" in words(response)
        assert Project.objects.filter(pk=project.pk).exists()


class TestBudget:
    @pytest.fixture
    def call(self, signed):
        factories.make_instalment(signed, paid_on=date(2020, 1, 1), paid_eur=Decimal("29000.50"))
        factories.make_repayment(signed)
        call = signed.call
        call.budget_eur = 200000
        call.save()
        final = {"amount_eur": 1000, "amount_kind": "final"}
        closed = factories.make_project(call, status="completed", **final)
        factories.make_agreement(closed, amount_eur=1000, closed_on=date(2021, 1, 1))
        factories.make_project(call, status="funded", title="=SUM(A1)", reference="=1")
        factories.make_project(call, title="Rejected")
        return call

    def rows(self, client, call):
        url = reverse("admin:projects_call_budget_csv", args=[call.pk])
        text = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
        return list(csv.reader(text.splitlines()))

    def test_the_csv_has_each_project_and_the_totals(self, call, signed):
        heads, *rows = self.rows(client_of("Viewer"), call)
        assert heads == [
            *["Project", "Status", "Ceiling", "Final"],
            *["Contracted", "Paid", "To pay", "Returned"],
        ]
        found = {row[0].split(" ")[0]: row[2:] for row in rows}
        assert found[signed.reference] == [
            *["65000.00", "", "60000.00", "29000.50", "30999.50", "100.00"]
        ]
        assert found["Total"] == [
            *["65000.00", "1000.00", "61000.00", "29000.50", "30999.50", "100.00"]
        ]
        assert len(rows) == 4
        assert "'=1" in found
        assert [row[-2] for row in rows if row[1] == "Completed"] == ["0.00"]

    def test_a_call_without_funded_projects_says_so(self):
        call = factories.make_call()
        viewer = client_of("Viewer")
        page = words(viewer.get(reverse("admin:projects_call_budget", args=[call.pk])))
        assert "No project of this call is funded." in page and "not recorded" in page
        assert len(self.rows(viewer, call)) == 1
