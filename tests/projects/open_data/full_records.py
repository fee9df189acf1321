"""Records in which every public field has a value of its own."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from partners.models import Country
from projects.models import Amendment, Call, Project
from tests.support.factories import (
    make_call,
    make_country,
    make_decision,
    make_document,
    make_membership,
    make_merger,
    make_output,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_source,
    make_topic,
)

LONG_AGO = datetime(2019, 8, 16, 9, 30, tzinfo=UTC)


def make_full_call() -> Call:
    call = make_call(
        title="Call with everything",
        slug="full-call",
        summary="Summary of the call",
        description="Description of the call",
        eligibility_expected="April 2019",
        decision_expected="June 2019",
        how_to_apply="Write to the office",
        applicant_kinds="municipality ngo",
        contact="Team of the call",
        guidelines_url="https://example.org/guidelines",
        application_form_url="https://example.org/form",
        floor_eur=Decimal("10000"),
        ceiling_eur=Decimal("65000"),
        budget_eur=Decimal("325000.50"),
        min_cofunding_percent=15,
        min_member_states=3,
        lead_from_member_state=True,
        max_months=13,
        received_count=41,
        eligible_count=0,
        funded_count=0,
        internal_note="Never shown, of the call",
    )
    call.priorities.add(make_priority("Priority of the call"))
    call.topics.add(make_topic("Topic of the call"))
    make_decision(
        call,
        body="Body that decided",
        meeting="Meeting of the decision",
        mode="silent",
        decided_on=date(2019, 6, 3),
        announced_on=date(2019, 6, 11),
        reference="CSO/2019/7",
    )
    make_source(call=call, citation="Source of the call", url="https://example.org/call")
    return call


def make_full_project() -> Project:
    """A public project in which everything is known; partners from Latvia and Estonia."""
    make_membership("LV")
    project = make_project(
        make_full_call(),
        reference="PSF-2019-77",
        slug="psf-2019-77",
        title="Project of Łódź",
        title_language="pl",
        acronym="=FULL",
        summary="-5 degrees, in short",
        description="Description of the project",
        website="https://example.org/project",
        status="funded",
        published_at=LONG_AGO,
        starts_on=date(2019, 9, 1),
        starts_precision="month",
        ends_on=date(2020, 12, 31),
        amount_eur=Decimal("64000.50"),
        amount_kind="ceiling",
        total_budget_eur=Decimal("80000"),
        requested_eur=Decimal("77123"),
        as_published="Headline as published",
        disagreement_explained="Finland left before the start",
        internal_note="Never shown, of the project",
    )
    project.priorities.add(make_priority("Priority of the project"))
    project.topics.add(make_topic("Topic of the project"))
    project.activity_countries.add(make_country("NO"))
    project.announced_countries.add(make_country("FI"), make_country("LV"))
    _add_partners(project)
    make_source(project=project, about="title", citation="Source of the title", note="A note")
    make_document(project, title="Report to read", published_at=LONG_AGO)
    picture = {"kind": "picture", "alternative": "Two boats", "has_consent": True}
    make_document(project, title="Harbour", extension="webp", published_at=LONG_AGO, **picture)
    document = make_document(project, title="Film", published_at=LONG_AGO)
    make_output(project, title="Film to watch", document=document, published_at=LONG_AGO)
    Amendment.objects.create(
        project=project,
        kind="prolonged",
        agreed_on=date(2020, 1, 1),
        words="Never shown, of the amendment",
        ends_before=date(2020, 6, 30),
        ends_before_precision="month",
        ends_after=project.ends_on,
    )
    return project


def _add_partners(project: Project) -> None:
    network = make_partner("Network of universities", slug="network", country="DE")
    lead = make_partner(
        "Lead of everything",
        slug="lead",
        kind="university",
        city="Riga",
        website="https://example.org/lead",
        registry_number="40003009497",
        parent=network,
        internal_note="Never shown, of the lead",
    )
    make_partner_name(lead, "Vadošais partneris", language="lv", source="A register")
    make_merger(lead, slug="former-lead")
    make_partnership(project, lead, role="lead", name_as_published="Lead as published")
    make_partnership(project, network, country="SE", joined_on=date(2020, 2, 2))
    make_partnership(project, None, country="EE", left_on=date(2020, 3, 3))


def everything() -> dict[str, Any]:
    project = make_full_project()
    return {"project": project, "call": project.call, "country": Country.objects.get(pk="LV")}
