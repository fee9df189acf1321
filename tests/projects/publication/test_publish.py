from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from projects.models import Call, Decision, Partnership, Project, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.publication.publish import (
    awaiting_publication,
    cancel_publication,
    publication_blockers,
    publication_status,
    publish_call,
    publish_project,
    publish_results,
    unpublish_call,
    unpublish_project,
    unpublish_results,
)
from tests.support.cases import soon
from tests.support.factories import (
    LONG_AGO,
    make_call,
    make_decision,
    make_partner,
    make_partnership,
    make_project,
    make_public_project,
)

pytestmark = pytest.mark.django_db

NOT_FUNDED = [status for status in ProjectStatus if status not in FUNDED_STATUSES]


def everything():
    """All stored values of the records that publication writes."""
    return [
        list(model.objects.order_by("pk").values())
        for model in [Call, Decision, Partnership, Project]
    ]


def assert_refuses(step, *sentences):
    """The service raises these sentences and changes nothing."""
    before = everything()
    with pytest.raises(ValidationError) as answer:
        step()
    assert answer.value.messages == list(sentences)
    assert everything() == before


def make_funded(call=None, **fields):
    """A funded project with a lead partner, not public yet."""
    return make_public_project(call=call, published_at=None, **fields)


# Calls and projects

KINDS = {
    Call: (publish_call, unpublish_call, make_call),
    Project: (publish_project, unpublish_project, make_public_project),
}
each_kind = pytest.mark.parametrize("model", KINDS)


@each_kind
def test_record_is_published_from_a_moment_on_or_earlier(model):
    publish, _unpublish, make = KINDS[model]
    record = make(published_at=None)
    publish(record, at := soon())
    assert record.published_at == at
    assert not model.objects.public().exists()
    assert model.objects.public(at).get() == record
    publish(record, timezone.now())
    assert model.objects.public().get() == record


@each_kind
def test_public_record_is_not_published_again_nor_a_hidden_one_unpublished(model):
    publish, unpublish, make = KINDS[model]
    record, hidden = make(title="PSF 2019"), make(title="CAPE", published_at=None)
    stale = model.objects.get(pk=record.pk)
    stale.published_at = None
    assert_refuses(lambda: publish(stale, soon()), "“PSF 2019” is public already.")
    assert_refuses(lambda: unpublish(hidden, "An error."), "“CAPE” is not public.")


@each_kind
def test_cancelled_scheduled_record_leaves_no_trace(model):
    _publish, unpublish, make = KINDS[model]
    record, after = make(published_at=soon()), soon() + timedelta(days=1)
    unpublish(record, "")
    assert record.published_at is None
    assert not model.objects.public(after).exists()
    assert not model.objects.unpublished(after).exists()
    if model is Project:
        assert awaiting_publication(record.call) == [record]


@each_kind
def test_rescheduled_record_shows_its_reason_until_then(model):
    publish, unpublish, make = KINDS[model]
    record = make()
    unpublish(record, "It names Anna.")
    unpublish(record, "It names a person.")
    publish(record, at := soon())
    assert model.objects.unpublished().get() == record
    assert not model.objects.unpublished(at).exists()
    unpublish(record, "")
    assert model.objects.unpublished(at).get().unpublished_reason == "It names a person."


# Calls


def test_call_is_unpublished_with_a_reason():
    call = make_call()
    make_project(call)
    assert_refuses(lambda: unpublish_call(call, " "), "Give a reason in a sentence for readers.")
    version = call.version
    unpublish_call(call, " An error. ")
    assert (call.published_at, call.version) == (None, version + 1)
    assert not Call.objects.public().exists()
    assert Call.objects.unpublished().get().unpublished_reason == "An error."


@pytest.mark.parametrize("published_at", [LONG_AGO, soon()])
def test_call_with_public_projects_is_not_unpublished(published_at):
    call = make_call(title="PSF 2019")
    make_public_project(call=call, published_at=published_at)
    assert_refuses(
        lambda: unpublish_call(call, "An error."),
        "“PSF 2019” has public or scheduled projects. Unpublish these first.",
    )
    assert Call.objects.public().get() == call

    unpublish_project(call.projects.get(), "It names a person.")
    unpublish_call(call, "An error.")
    gone = [row.unpublished_reason for row in Project.objects.unpublished()]
    assert gone == (["It names a person."] if published_at == LONG_AGO else [])


@pytest.mark.parametrize("published_at", [LONG_AGO, soon()])
def test_call_with_public_decision_is_not_unpublished(published_at):
    call = make_call(title="PSF 2019")
    make_decision(call, published_at=published_at)
    assert_refuses(
        lambda: unpublish_call(call, "An error."),
        "The decision on “PSF 2019” is public or scheduled. Unpublish the results first.",
    )


# Projects


@pytest.mark.parametrize("status", FUNDED_STATUSES)
def test_project_of_any_funded_status_can_be_published(status):
    project = make_funded(status=status)
    assert publication_blockers(project, timezone.now()) == []
    publish_project(project, timezone.now())
    assert Project.objects.public().get() == project


@pytest.mark.parametrize("status", NOT_FUNDED)
def test_project_that_is_not_funded_is_not_published(status):
    project = make_project(title="CAPE", status=status)
    make_partnership(project, make_partner(), role="lead")
    assert_refuses(
        lambda: publish_project(project, timezone.now()),
        f"“CAPE” is {status.label}. Only a funded project can be public.",
    )


@pytest.mark.parametrize("published_at", [None, soon()])
def test_project_is_not_published_before_its_call(published_at):
    project = make_funded(make_call(title="PSF 2019", published_at=published_at))
    sentence = "“PSF 2019” is not public yet. Publish the call first."
    assert_refuses(lambda: publish_project(project, timezone.now()), sentence)
    if published_at:
        publish_project(project, published_at)
        assert Project.objects.public(published_at).get() == project


def test_reason_of_unpublished_results_can_be_replaced():
    call = make_call()
    projects, alone = make_results(call)
    unpublish_results(call, "An error of Anna.")
    assert set(unpublish_results(call, "An error.")) == set(projects)
    hidden = [*Decision.objects.unpublished(), *Project.objects.unpublished()]
    reasons = {record: record.unpublished_reason for record in hidden}
    assert reasons.pop(alone) == "It names a person."
    assert set(reasons.values()) == {"An error."} and len(reasons) == 3


# Results


def test_results_publish_the_decision_and_all_funded_projects():
    call, at = make_call(), soon()
    make_decision(call, published_at=None)
    projects = [make_funded(call) for _ in range(2)]
    left_out = [
        make_project(call, status="rejected"),
        make_public_project(call=call, unpublished_at=LONG_AGO, unpublished_reason="An error."),
        make_funded(),  # of another call
    ]
    assert set(awaiting_publication(call)) == set(projects)

    shown = publish_results(call, at)

    assert set(shown) == set(projects) == set(Project.objects.public(at))
    assert {project.published_at for project in shown} == {at}
    assert Decision.objects.get().published_at == at
    assert not set(left_out) & set(Project.objects.public(at))
    assert not Decision.objects.public().exists()


def test_results_are_published_all_or_none():
    call = make_call(title="PSF 2019", published_at=None)
    make_decision(call, published_at=None)
    make_funded(call, reference="PSF-2019-1")
    for number, title in [(2, "CAPE"), (3, "Youth")]:
        make_project(call, title=title, status="funded", reference=f"PSF-2019-{number}")
    sentence = "“PSF 2019” is not public yet. Publish the call first."
    assert_refuses(
        lambda: publish_results(call, timezone.now()),
        sentence,
        "“CAPE” has no lead partner. Add one first.",
        "“Youth” has no lead partner. Add one first.",
    )


def test_results_need_a_decision():
    call = make_funded().call
    assert_refuses(
        lambda: publish_results(call, timezone.now()), "Record the decision on the call first."
    )


def test_cancelling_leaves_public_records_alone():
    call = make_call()
    decision, project = make_decision(call), make_public_project(call=call)
    assert cancel_publication(call) == []
    assert (Decision.objects.public().get(), Project.objects.public().get()) == (decision, project)
    sentence = f"The results of “{call}” are public already."
    assert_refuses(lambda: publish_results(call, timezone.now()), sentence)


def test_later_results_keep_a_public_decision_public():
    call = make_call()
    make_decision(call)
    project = make_funded(call)
    assert publish_results(call, soon()) == [project]
    assert Decision.objects.public().get().published_at == LONG_AGO


def test_earlier_results_move_the_decision_too():
    call = make_call()
    make_decision(call, published_at=soon())
    assert publish_results(call, timezone.now()) == []
    assert Decision.objects.public().exists()


@pytest.mark.parametrize("unpublished", [False, True])
@pytest.mark.parametrize("days", [-1, 1])
def test_rescheduled_results_share_one_moment(days, unpublished):
    call, first = make_call(), soon() + timedelta(days=2)
    make_decision(call, published_at=None)
    project, other = make_funded(call), make_funded(call)
    if unpublished:
        publish_results(call, timezone.now())
        unpublish_results(call, "An error.")
    publish_results(call, first)
    second = first + timedelta(days=days)
    assert set(publish_results(call, second)) == {project, other}
    assert set(Project.objects.values_list("published_at", flat=True)) == {second}
    assert Decision.objects.get().published_at == second


def test_project_published_separately_keeps_its_moment():
    call = make_call()
    (first, second), _alone = make_results(call)
    unpublish_project(first, "A reason of its own.")
    publish_project(first, at := soon())
    unpublish_results(call, "An error.")
    publish_project(first, at)
    assert publish_results(call, timezone.now()) == [second]


# Results, again


def make_results(call):
    """Public results: two projects, and one project that was unpublished separately before."""
    make_decision(call)
    projects = [make_public_project(call=call) for _ in range(2)]
    alone = make_public_project(call=call, title="CAPE")
    unpublish_project(alone, "It names a person.")
    return projects, alone


def test_unpublished_results_are_published_again_together():
    call = make_call()
    projects, _alone = make_results(call)
    unpublish_results(call, "An error.")
    assert set(awaiting_publication(call)) == set(projects)

    shown = publish_results(call, at := timezone.now())

    assert set(shown) == set(projects) == set(Project.objects.public())
    assert Decision.objects.public().get().published_at == at
    # What went for a reason of its own stays away, with that reason.
    assert Project.objects.unpublished().get().unpublished_reason == "It names a person."


def test_unpublished_decision_shows_the_reason_until_published_again():
    call = make_call()
    make_decision(call)
    unpublish_results(call, "An error.")
    publish_results(call, at := soon())
    assert Decision.objects.unpublished().get().unpublished_reason == "An error."
    assert not Decision.objects.unpublished(at).exists()

    unpublish_results(call, "")
    assert Decision.objects.unpublished(at).get().unpublished_reason == "An error."
    publish_results(call, timezone.now())
    assert not Decision.objects.unpublished().exists()


def test_a_record_that_was_never_public_says_so():
    assert publication_status(make_call(published_at=None)) == "Not public."
