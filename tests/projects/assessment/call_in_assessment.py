"""A call in assessment, and the actions of its assessors."""

from types import SimpleNamespace

from projects.assessment import assess as acts
from tests.support.accounts import make_account
from tests.support.factories import (
    make_call,
    make_criterion,
    make_partner,
    make_partner_name,
    make_partnership,
    make_project,
)


def make_world(**fields):
    """An eligible application of a call with two criteria, two assessors and a publisher."""
    call = make_call(**{"title": "PSF 2031", "budget_eur": 100000} | fields)
    first = make_criterion(call, name="Relevance", weight=3, maximum=5, position=1)
    second = make_criterion(call, name="Partnership", maximum=10, position=2)
    anna, ben = (make_account("Assessor", username=name) for name in ["anna", "ben"])
    return SimpleNamespace(
        call=call,
        criteria=[first, second],
        project=eligible(call),
        anna=anna,
        ben=ben,
        publisher=make_account("Publisher"),
    )


def eligible(call, **fields):
    return make_project(call, **{"status": "eligible", "requested_eur": 60000} | fields)


def said(world, *points, comment="Sound.", recommendation="fund"):
    scores = {
        criterion.pk: (given, f"About {criterion}")
        for criterion, given in zip(world.criteria, points, strict=True)
    }
    return scores, comment, recommendation


def assess(world, assessment, *points):
    """All that its assessor does, until it is submitted."""
    by = assessment.assessor
    acts.declare(assessment, by)
    acts.save(assessment, by, *said(world, *points))
    acts.submit(assessment, by)
    return assessment


def with_partners(project):
    """A lead partner of many names, and a partner of whom only a name is known."""
    lead = make_partner("Kaunas City Municipality", "LT", website="https://www.kaunas.lt/en")
    make_partner_name(lead, "Kauno miesto savivaldybė")
    make_partner_name(lead, "KM")
    make_partnership(project, lead, role="lead")
    make_partnership(project, None, "EE", name_as_published="Hidden Waters")
    return lead
