"""The public versions of calls and projects show what readers saw, and nothing else."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from projects.models import Decision, Project
from projects.publication.publish import (
    publish_project,
    publish_results,
    unpublish_project,
    unpublish_results,
)
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.public_changes.events import Event
from psf.public_changes.versions import KINDS, load_record_versions, load_versions
from tests.support.accounts import make_account
from tests.support.factories import (
    LONG_AGO,
    make_agreement,
    make_amendment,
    make_call,
    make_decision,
    make_document,
    make_output,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_report,
    make_source,
    make_topic,
)
from tests.support.hidden_records import number_of_queries

pytestmark = pytest.mark.django_db
PROJECT, CALL, PARTNER = "projects.project", "projects.call", "partners.partner"


def change(channel=Channel.FORM):
    """A change set of its own, as each form and each action has one."""
    return recording.change_set(None, channel=channel)


def edit(record, channel=Channel.FORM, **values):
    with change(channel):
        type(record)._base_manager.filter(pk=record.pk).update(**values)


def versions(record):
    return load_record_versions(record._meta.label_lower, record.pk)


def sentences(record):
    return [version.sentences for version in versions(record)[1:]]


def words(record):
    """All words of all versions."""
    return " ".join(
        [
            f"{version.page.name} {version.sentences} {version.page.facts}"
            for version in versions(record)
        ]
    )


def test_another_lead_partner_is_a_correction():
    project = make_public_project(make_partner("Port", "LV"))
    lead = project.partnerships.get()
    partner = make_partnership(project, make_partner("Quay", "EE"))
    with change():
        type(lead).objects.filter(pk=lead.pk).update(role="partner")
        type(lead).objects.filter(pk=partner.pk).update(role="lead")
    swapped = versions(project)[-1]
    assert swapped.event == Event.CORRECTED
    assert sorted(swapped.sentences) == [
        "Lead partner changed from “Port, Latvia” to “Quay, Estonia”.",
        "Partner added: “Port, Latvia”.",
        "Partner removed: “Quay, Estonia”.",
    ]


def test_changes_of_a_project_are_sentences():
    project = make_public_project()
    edit(project, ends_on=date(2026, 8, 31))
    edit(project, ends_on=date(2026, 12, 31), internal_note="A secret.")
    edit(project, ends_on=None)
    first, *later = versions(project)
    assert [version.number for version in [first, *later]] == [1, 2, 3, 4]
    assert [version.sentences for version in later] == [
        ["Period added: “until 31 August 2026”."],
        ["Period changed from “until 31 August 2026” to “until 31 December 2026”."],
        ["Period removed: “until 31 December 2026”."],
    ]
    moments = [version.at for version in [first, *later]]
    assert moments == sorted(moments) and moments[-1] <= timezone.now()
    assert [version.event for version in later] == ["changed", "corrected", "corrected"]
    assert "A secret." not in words(project)


def test_long_texts_are_not_quoted():
    project = make_public_project(description="")
    edit(project, description="A" * 200)
    edit(project, description="B" * 200)
    edit(project, description="")
    assert sentences(project) == [
        ["Description added."],
        ["Description changed."],
        ["Description removed."],
    ]


def test_parts_of_a_project_are_compared():
    project = make_public_project()
    with change():
        part = make_partnership(project, make_partner("Arctic Centre", country="FI"))
        project.priorities.add(make_priority("Safe Region"))
        source = make_source(project=project, citation="A report")
    edit(part, joined_on=date(2025, 1, 1))
    edit(part, left_on=date(2026, 1, 1))
    with change():
        part.delete()
        source.delete()
    added, joined, left, removed = sentences(project)
    assert {*added} == {
        "Partner added: “Arctic Centre, Finland”.",
        "Priorities added: “Safe Region”.",
        "Source added: “A report”.",
    }
    joining = "Arctic Centre, Finland, from 1 January 2025"
    assert joined == [f"Partner changed from “Arctic Centre, Finland” to “{joining}”."]
    assert left == [f"Partner changed from “{joining}” to “{joining}, until 1 January 2026”."]
    assert removed[0].startswith("Partner removed: “Arctic Centre")


def test_published_documents_and_results_are_changes_of_the_project(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    project = make_public_project(slug="psf-1")
    with change(Channel.AWARD):
        document = make_document(project, title="Report", day=date(2024, 5, 3), licence="CC0")
        output = make_output(project, title="Film", kind="video", document=document)
        make_output(project, title="CANARY")
    assert versions(project) == []
    for item in [document, output]:
        edit(item, Channel.AWARD, published_at=timezone.now())
    edit(document, title="Final report")
    edit(output, published_at=None)
    address = f"/projects/psf-1/documents/{document.pk}/final-report.pdf"
    *added, corrected, removed = sentences(project)
    assert added == [
        ["Document added: “Report, other, English, 3 May 2024, CC0”."],
        [f"Result added: “Film, film or sound, English, {address.replace('final-', '')}”."],
    ]
    assert len(corrected) == 2
    assert removed == [f"Result removed: “Film, film or sound, English, {address}”."]
    events = [version.event for version in versions(project)[1:]]
    assert events == ["changed", "changed", "corrected", "corrected"]
    assert "Document added: “Report, other" in client.get("/changes/").content.decode()
    assert versions(project)[-1].at.isoformat() in client.get("/sitemap.xml").content.decode()
    assert "CANARY" not in words(project)


def test_prolongation_is_a_change_of_the_project_with_its_announced_end():
    project = make_public_project(ends_on=date(2026, 6, 30))
    with change(Channel.AWARD):
        values = {"ends_before": project.ends_on, "ends_after": date(2026, 12, 31)}
        amendment = make_amendment(project, kind="prolonged", **values)
        type(project).objects.update(ends_on=date(2026, 12, 31))
    with change(Channel.AWARD):
        make_amendment(project, words="CANARY")
    edit(amendment, ends_before=None)
    edit(amendment, kind="other", ends_after=None)
    assert sentences(project) == [
        [
            "Period changed from “until 30 June 2026” to “until 31 December 2026”.",
            "End as announced added: “30 June 2026”.",
        ],
        ["End as announced changed from “30 June 2026” to “not known”."],
        ["End as announced removed: “not known”."],
    ]
    assert "CANARY" not in words(project)


def test_new_name_of_an_organisation_is_a_change_of_the_organisation_alone():
    project = make_public_project()
    partner = project.lead().partner
    old = partner.name
    edit(partner, name="New name")
    edit(project, title="New title")
    assert len(versions(project)) == 2
    assert sentences(partner) == [[f"Name changed from “{old}” to “New name”."]]
    first, last = versions(project)
    assert old in str(first.page.facts) and "New name" in str(last.page.facts)


def test_name_that_a_former_partner_got_later_is_on_no_version():
    project = make_public_project()
    partner = make_partner("Former partner")
    with change():
        part = make_partnership(project, partner)
    with change():
        part.delete()
    edit(partner, name="CANARY")
    assert "Former partner" in words(project) and "CANARY" not in words(project)
    assert versions(partner) == []


def test_nothing_from_before_publication_is_on_a_version():
    call = make_call()
    project = make_project(call, status="funded", title="CANARY title")
    partner = make_partner("CANARY partner")
    with change():
        make_partnership(project, partner, role="lead")
        make_source(project=project, citation="CANARY source")
    edit(partner, name="A partner")
    edit(project, title="A title")
    project.sources.all().delete()
    with change(Channel.PUBLICATION):
        publish_project(project, timezone.now())
    assert versions(project) == versions(partner) == []
    edit(project, title="Another title")
    edit(partner, name="Another partner")
    assert "CANARY" not in words(project) + words(partner)
    assert (len(versions(project)), len(versions(partner))) == (2, 2)


def test_edits_before_a_scheduled_publication_are_on_no_version():
    project = make_public_project()
    at = timezone.now() + timedelta(hours=1)
    edit(project, title="CANARY", published_at=at)
    edit(project, title="A title")
    edit(project, published_at=at - timedelta(hours=1, milliseconds=1), summary="S")
    edit(project, title="Another title")
    assert sentences(project) == [["Title changed from “A title” to “Another title”."]]
    assert "CANARY" not in words(project)


def test_withdrawn_project_has_no_versions_and_starts_again():
    project = make_public_project(title="First title")
    edit(project, title="Second title")
    with change(Channel.PUBLICATION):
        unpublish_project(project, "A mistake.")
    assert versions(project) == []
    with change(Channel.PUBLICATION):
        publish_project(project, timezone.now())
    assert versions(project) == []
    edit(project, title="Third title")
    assert "First title" not in words(project)
    assert sentences(project) == [["Title changed from “Second title” to “Third title”."]]


def test_changes_before_a_publication_are_hidden_beside_a_record_that_was_public_then():
    older, newer = make_public_project(), make_public_project()
    with change(Channel.PUBLICATION):
        unpublish_project(newer, "A mistake.")
    edit(newer, title="CANARY")
    edit(newer, title="First title")
    with change(Channel.PUBLICATION):
        publish_project(newer, timezone.now())
    for project in [older, newer]:
        edit(project, title="Second title")
    since = KINDS[PROJECT].load_since([str(older.pk), str(newer.pk)])
    found = load_versions(KINDS[PROJECT], since, {})
    _published, changed = found[str(newer.pk)]
    assert changed.sentences == ["Title changed from “First title” to “Second title”."]
    assert "CANARY" not in str(found)


def test_results_of_a_call_are_on_versions_from_their_publication_on():
    call = make_call(funded_count=31337)
    with change():
        make_decision(call, body="CANARY", published_at=None)
    edit(call, summary="A summary.")
    assert "CANARY" not in words(call) and "31337" not in words(call)
    with change(Channel.PUBLICATION):
        Decision.objects.filter(call=call).update(body="The committee", published_at=timezone.now())
    edit(call, summary="")
    first, second, results, last = versions(call)
    assert "The committee" not in str([first, second])
    assert results.sentences == ["The results were published."]
    assert (results.event, last.event) == ("results", "corrected")
    assert "The committee" in str(results.page.facts) and "CANARY" not in words(call)
    with change(Channel.PUBLICATION):
        unpublish_results(call, "A mistake.")
    assert "The committee" not in words(call) and "31337" not in words(call)
    assert [version.event for version in versions(call)[1:]] == ["changed", "corrected"]


def test_kinds_of_organisations_are_told_in_words():
    call = make_call()
    edit(call, applicant_kinds="ngo ministry")
    edit(call, applicant_kinds="")
    assert [version.sentences for version in versions(call)] == [
        [],
        ["Who may apply added: “ministries and non-governmental organisations”."],
        ["Who may apply removed: “ministries and non-governmental organisations”."],
    ]


def test_results_of_a_withdrawn_publication_are_on_no_version_before_the_present_one():
    call = make_call()
    with change(Channel.PUBLICATION):
        make_decision(call, body="The committee", published_at=timezone.now())
    edit(call, summary="While they were public.")
    with change(Channel.PUBLICATION):
        unpublish_results(call, "A mistake.")
    edit(call, summary="While they were withdrawn.")
    with change(Channel.PUBLICATION):
        publish_results(call, timezone.now())
    edit(call, summary="")
    *earlier, results, _last = versions(call)
    assert [version.sentences[:1] for version in earlier[1:]] == [
        ["Summary added: “While they were public.”"],
        ["Summary changed from “While they were public.” to “While they were withdrawn.”"],
    ]
    assert "The committee" not in str(earlier)
    assert results.sentences == ["The results were published."]
    assert "The committee" in str(results.page.facts)


def test_scheduled_results_appear_at_their_moment_without_a_write(monkeypatch):
    call = make_call()
    at = timezone.now() + timedelta(hours=1)
    with change():
        make_decision(call, body="The committee", published_at=at)
    assert versions(call) == []
    monkeypatch.setattr(timezone, "now", lambda: at + timedelta(minutes=1))
    _first, results = versions(call)
    assert results.sentences == ["The results were published."]


def test_organisation_has_versions_from_its_first_public_project_on():
    partner = make_partner("CANARY")
    edit(partner, name="A name")
    project = make_public_project()
    with change():
        make_partnership(project, partner)
    with change():
        make_partner_name(partner, "Other name")
    edit(partner, internal_note="CANARY", website="https://example.org")
    with change():
        make_partnership(make_public_project(), partner)
    assert sentences(partner) == [
        ["Other name added: “Other name, official”."],
        ["Website added: “https://example.org”."],
    ]
    assert "CANARY" not in words(partner)


def test_records_are_rebuilt_without_queries(django_assert_num_queries):
    project, call = make_public_project(), make_call()
    make_decision(call, prepared_by=make_account("Viewer"))
    for record in [project, call, project.lead().partner]:
        kind = KINDS[record._meta.label_lower]
        with change():
            make_partnership(project, make_partner())
        edit(record, **{"summary" if hasattr(record, "summary") else "city": "Riga"})
        names = []

        def page_name(rebuilt, kind=kind, names=names):
            with django_assert_num_queries(0):
                assert kind.facts.tell(rebuilt)
                names.append(kind.page_name(rebuilt))
            return names[-1]

        since = kind.load_since([str(record.pk)])
        assert load_versions(kind._replace(page_name=page_name), since, {}) != {}
        assert names


def test_number_of_queries_does_not_grow_with_changes(client):
    project = make_public_project()
    costs = []
    for number in range(3):
        with change():
            project.priorities.add(make_priority())
            make_source(project=project)
            make_partnership(project, make_partner())
        edit(project, summary=f"Summary {number}")
        costs.append(number_of_queries(client, project.get_absolute_url()))
    assert costs[0] == costs[1] == costs[2] <= 36


def test_projects_and_organisations_are_public_since_their_call_was_published():
    with change():
        call = make_call(published_at=None)
        project = make_public_project(call=call)
    ChangeSet.objects.update(made_at=LONG_AGO)
    edit(call, published_at=LONG_AGO)
    published = ChangeSet.objects.latest("pk").made_at
    key, partner = str(project.pk), str(project.lead().partner_id)
    assert KINDS[PROJECT].load_since([key]) == {key: published}
    assert KINDS[PARTNER].load_since([partner]) == {partner: published}


def last_change_of(client, project):
    """The last change of a public grant, which its page, data and citations agree on."""
    address = project.get_absolute_url()[:-1]
    page, record = client.get(f"{address}/"), client.get(f"{address}.json").json()
    [row] = client.get("/projects.json").json()["rows"]
    [grant] = json.loads(b"".join(client.get("/data/360giving.json")))["grants"]
    told = [record["changed_at"], row["changed_at"], grant["dateModified"]]
    [moment] = {datetime.fromisoformat(text).replace(microsecond=0) for text in told}
    assert page.context["changed_at"].replace(microsecond=0) == moment
    day = timezone.localtime(moment)
    in_words = f"{day.day} {day:%B} {day.year}"
    assert f"{address}/</loc><lastmod>{moment:%Y-%m-%dT%H:%M:%S}" in client.get("/sitemap.xml").text
    shown = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"Updated {in_words}" in shown and f"as of {in_words}," in shown
    assert f"as of {in_words}" in record["citation"].replace("\N{NO-BREAK SPACE}", " ")
    assert f"as of {day:%Y-%m-%d}" in client.get(f"{address}.bib").text
    assert f"DA  - {day:%Y/%m/%d}" in client.get(f"{address}.ris").text
    return moment


@pytest.mark.parametrize(
    ("make_change", "is_seen"),
    [
        (lambda project: project.save(), False),
        (lambda project: edit(project, internal_note="Call back", requested_eur=7), False),
        (make_document, False),
        (make_report, False),
        (make_agreement, False),
        (lambda project: edit(project, title="New title"), True),
        (lambda project: make_partnership(project, country="FI"), True),
        (lambda project: project.topics.add(make_topic()), True),
        (lambda project: make_document(project, published_at=timezone.now()), True),
    ],
)
def test_readers_are_told_of_the_last_change_that_they_saw(client, make_change, is_seen):
    with change():
        call = make_call(published_at=LONG_AGO)
        make_decision(call, decided_on=date(2019, 6, 26), published_at=LONG_AGO)
        grant = {"amount_kind": "awarded", "amount_eur": 7, "summary": "What it does."}
        project = make_public_project(call=call, **grant)
    assert last_change_of(client, project) == LONG_AGO
    began = timezone.now().replace(microsecond=0)
    with change():
        make_change(Project.objects.get())
    moment = last_change_of(client, project)
    assert moment >= began if is_seen else moment == LONG_AGO
    if is_seen:
        assert client.get("/data/").context["changed_at"] >= moment
