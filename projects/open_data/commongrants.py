"""Calls as opportunities and projects as awards, in the CommonGrants protocol, version 0.4."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import cast
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from partners.models import Partner
from projects.amounts import project_amount
from projects.models import AmountKind, Call, Phase, Project, ProjectStatus
from projects.open_data.schema_org_records import Data, funder_data, without_blanks
from projects.open_data.standard_projects import load_public_projects
from psf.text.dates import KNOWN_DAYS, Precision
from psf.text.phrases import Addressed, permanent_address

OPPORTUNITY_STATUSES = {Phase.COMING: "forecasted", Phase.OPEN: "open"}
AWARD_STATUSES: dict[str, Data] = {
    ProjectStatus.COMPLETED: {"value": "completed"},
    ProjectStatus.TERMINATED: {"value": "custom", "customValue": "terminated"},
}
# The known kinds of amount. A ceiling is neither, and a repayment is neither.
AMOUNTS = {AmountKind.AWARDED: "awardedAmount", AmountKind.FINAL: "disbursedAmount"}


def uuid_of(address: str) -> str:
    """The identifier of a record, the same for ever, because its address never changes."""
    return str(uuid5(NAMESPACE_URL, address))


def _reference(record: Addressed, label: str, name: str) -> Data:
    return {"id": uuid_of(permanent_address(record)), label: name}


def list_content(items: list[Data], page: int, size: int, total: int) -> Data:
    """A page of a list, as the protocol sends pages."""
    return {
        "status": 200,
        "message": "Success",
        "items": items,
        "paginationInfo": {
            "page": page,
            "pageSize": size,
            "totalItems": total,
            "totalPages": -(-total // size),
        },
    }


def opportunity_data(call: Call) -> Data:
    """A call from `for_list()` as an opportunity."""
    address, phase = permanent_address(call), call.phase()
    return without_blanks(
        {
            "id": uuid_of(address),
            "title": call.title,
            "status": {
                "value": OPPORTUNITY_STATUSES.get(phase, "closed"),
                "description": str(phase.label),
            },
            "description": call.description or call.summary or call.title,
            "funding": without_blanks(
                {
                    "totalAmountAvailable": _money(call.budget_eur),
                    "minAwardAmount": _money(call.floor_eur),
                    "maxAwardAmount": _money(call.ceiling_eur),
                }
            ),
            "keyDates": _dates_of_call(call),
            "acceptedApplicantTypes": [{"value": "organization"}],
            "source": address,
            "customFields": _rules(call),
            "createdAt": call.published_at,
            "lastModifiedAt": _last_modified(call),
        }
    )


def _money(amount: Decimal | None) -> Data | None:
    return None if amount is None else {"amount": str(amount), "currency": "EUR"}


def _last_modified(call: Call) -> datetime:
    """The last moment at which the publication or the phase of a public call changed."""
    decision = call.public_decision()
    moments = [call.published_at, call.opens_at, call.closes_at]
    moments += [decision.published_at] if decision else []
    return max(moment for moment in moments if moment and moment <= timezone.now())


def _dates_of_call(call: Call) -> Data:
    return without_blanks(
        {
            "postDate": _moment(_("Opening"), call, call.opens_at, call.opens_precision),
            "closeDate": _moment(_("Closing"), call, call.closes_at, call.closes_precision),
            "otherDates": without_blanks({"decision": _decision(call)}),
        }
    )


def _moment(name: str, call: Call, moment: datetime | None, precision: str) -> Data | None:
    """An event at a local time of the call; in words if the day is not known."""
    if moment is None:
        return None
    local = moment.astimezone(ZoneInfo(call.time_zone))
    if precision not in KNOWN_DAYS:
        words = call.opens() if moment == call.opens_at else call.closes()
        return {"name": name, "eventType": "other", "details": words}
    event = {"name": name, "eventType": "singleDate", "date": local.date()}
    if precision == Precision.MINUTE:
        event |= {"time": local.time().isoformat(), "description": call.time_zone}
    return event


def _decision(call: Call) -> Data | None:
    """The day of the public decision, if it is known."""
    decision = call.public_decision()
    if decision is None or decision.decided_on is None:
        return None
    return {"name": _("Decision"), "eventType": "singleDate", "date": decision.decided_on}


def _rules(call: Call) -> Data:
    """The rules of a call for which the protocol has no field."""
    rules = {
        "minMemberStates": (_("Minimum number of member states"), call.min_member_states),
        "minCofundingPercent": (_("Minimum co-funding in per cent"), call.min_cofunding_percent),
        "maxMonths": (_("Longest duration in months"), call.max_months),
    }
    fields: Data = {
        key: {"name": name, "fieldType": "integer", "value": value}
        for key, (name, value) in rules.items()
        if value is not None
    }
    if priorities := [priority.name for priority in call.priorities.all()]:
        fields["priorities"] = {"name": _("Priorities"), "fieldType": "array", "value": priorities}
    return fields


def awards(keys: Iterable[int]) -> list[Data]:
    return [award_data(project) for project in load_public_projects(keys)]


def award_data(project: Project) -> Data:
    """A project from `load_public_projects()` as an award."""
    address = permanent_address(project)
    since = cast(datetime, project.public_from())
    return without_blanks(
        {
            "id": uuid_of(address),
            "title": project.title,
            "identifiers": {"otherIds": {"psf": {"id": project.reference}}},
            "description": project.description or project.summary or project.title,
            "status": AWARD_STATUSES.get(project.status, {"value": "awarded"}),
            "funding": _funding(project),
            "keyDates": _dates_of_project(project),
            "opportunity": _reference(project.call, "title", project.call.title),
            "funders": {"primary": _funder()},
            "recipientOrganizations": _recipients(project),
            "source": address,
            "createdAt": since,
            "lastModifiedAt": max(since, project.changed_at),
        }
    )


def _funding(project: Project) -> Data:
    """The amount in words; as money if it was awarded or paid."""
    name = AMOUNTS.get(AmountKind(project.amount_kind))
    money = {name: _money(project.amount_eur)} if name else {}
    return {"details": str(project_amount(project)), **money}


def _dates_of_project(project: Project) -> Data:
    return without_blanks(
        {"awardDate": _decision(project.call), "periodOfPerformance": _period(project)}
    )


def _period(project: Project) -> Data | None:
    """The period of the project; in words if a day is not known."""
    name, precisions = _("Project period"), {project.starts_precision, project.ends_precision}
    if project.starts_on and project.ends_on and precisions == {Precision.DAY}:
        days = {"startDate": project.starts_on, "endDate": project.ends_on}
        return {"name": name, "eventType": "dateRange", **days}
    words = project.period()
    return {"name": name, "eventType": "other", "details": words} if words else None


def _funder() -> Data:
    funder = funder_data()
    return {"id": uuid_of(funder["@id"]), "name": funder["name"]}


def _recipients(project: Project) -> Data | None:
    """The lead partner, and the other named partners by their place in the list."""
    lead = project.lead()
    if lead is None or lead.partner is None:
        return None
    partners = (row.partner for row in project.others() if row.partner)
    other_recipients = {
        f"partner{place}": _organisation(partner) for place, partner in enumerate(partners, 1)
    }
    return without_blanks({"primary": _organisation(lead.partner), "otherOrgs": other_recipients})


def _organisation(partner: Partner) -> Data:
    return _reference(partner, "name", partner.name)
