"""Who may read points and comments, and when: in one queryset, and on every page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from projects.assessment import assess as acts
from projects.models import Assessment, Consensus
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from tests.projects.assessment.call_in_assessment import assess, eligible, make_world
from tests.support.accounts import make_account, signed_in
from tests.support.factories import make_assessment, make_consensus

pytestmark = pytest.mark.django_db

CANARY = "CANARY"


@pytest.fixture
def world():
    """Anna has submitted, with a word that nobody may see too early; Ben has not."""
    world = make_world()
    with recording.change_set(world.publisher, channel=Channel.FORM):
        world.first, world.second = (
            make_assessment(world.project, who) for who in [world.anna, world.ben]
        )
    with recording.change_set(world.anna, channel=Channel.FORM, reason=CANARY):
        assess(world, world.first, 5, 7)
        Assessment.objects.filter(pk=world.first.pk).update(comment=CANARY)
    return world


def readers_of(assessment, *accounts):
    return [
        account
        for account in accounts
        if Assessment.objects.visible_to(account).filter(pk=assessment.pk).exists()
    ]


def finish(world):
    return assess(world, world.second, 1, 1)


def taking_part(world, **fields):
    """An administrator who assesses the application too."""
    account = make_account("Administrator")
    make_assessment(world.project, account, **fields)
    return account


def test_each_reads_their_own_and_who_leads_reads_all(world):
    editor, nobody = make_account("Editor"), AnonymousUser()
    every = [world.anna, world.ben, world.publisher, editor]
    assert readers_of(world.first, *every) == [world.anna, world.publisher]
    assert readers_of(world.second, *every) == [world.ben, world.publisher]
    assert not Assessment.objects.visible_to(nobody).exists()


def test_assessors_read_each_other_once_all_are_in(world):
    finish(world)
    assert readers_of(world.first, world.anna, world.ben) == [world.anna, world.ben]
    assert readers_of(world.second, world.anna, world.ben) == [world.anna, world.ben]
    acts.reopen(world.second, world.publisher, "Mixed up.")
    assert readers_of(world.first, world.ben) == []


def test_an_assessor_with_a_conflict_is_not_awaited_and_sees_nothing(world):
    third = make_account("Assessor")
    acts.declare(make_assessment(world.project, third), third, "A partner.")
    finish(world)
    assert readers_of(world.first, world.ben, third) == [world.ben]
    part = taking_part(world, declaration="conflict", conflict="A partner.")
    assert readers_of(world.first, part) == []


def test_other_assessors_never_read_a_declared_conflict(world):
    third = make_account("Assessor")
    closed = make_assessment(world.project, third)
    acts.declare(closed, third, CANARY)
    finish(world)
    everyone = [world.anna, world.ben, third, world.publisher]
    assert readers_of(closed, *everyone) == [third, world.publisher]
    page = reverse("admin:projects_assessment_change", args=[closed.pk])
    for account, status in zip(everyone, [404, 404, 200, 200], strict=True):
        assert signed_in(account).get(page).status_code == status


def test_who_leads_and_assesses_waits_as_every_assessor(world):
    part = taking_part(world)
    elsewhere = make_assessment(eligible(world.call), world.anna)
    assert readers_of(world.first, part) == []
    assert readers_of(elsewhere, part) == [part]
    finish(world)
    assert readers_of(world.first, part) == []
    assess(world, Assessment.objects.get(assessor=part), 1, 1)
    assert readers_of(world.first, part) == [part]


def test_pages_link_only_to_assessments_that_the_account_may_read(world):
    sources = [
        reverse("admin:projects_call_assessment", args=[world.call.pk]),
        reverse("admin:projects_project_change", args=[world.project.pk]),
    ]
    targets = [
        reverse("admin:projects_project_consensus", args=[world.project.pk]),
        reverse("admin:projects_assessment_change", args=[world.first.pk]),
    ]
    for account, may_read in [(taking_part(world), False), (world.publisher, True)]:
        client = signed_in(account)
        progress, form = (client.get(url).text for url in sources)
        for target in targets:
            assert (client.get(target).status_code == 200) is may_read
            assert (f'href="{target}"' in progress) is may_read
        assert (f'href="{targets[0]}"' in form) is may_read


def test_a_consensus_is_read_by_who_leads_and_is_not_closed_out(world):
    make_consensus(world.project, world.publisher)
    part = taking_part(world)
    for account, seen in [(world.publisher, True), (world.anna, False), (part, False)]:
        assert Consensus.objects.visible_to(account).exists() is seen


def test_an_assignment_is_known_to_its_assessor_and_to_who_leads(world):
    assert list(Assessment.objects.listed_for(world.ben)) == [world.second]
    assert Assessment.objects.listed_for(world.publisher).count() == 2


def pages(world):
    """Every page that could show points of the application or of Anna's assessment."""
    of_call, of_project = [world.call.pk], [world.project.pk]
    sets = ChangeSet.objects.filter(changes__record_kind="projects.assessment").distinct()
    return [
        *(
            reverse(f"admin:projects_assessment_{name}", args=[world.first.pk])
            for name in ["change", "sheet", "declare", "reopen", "remove_assessor"]
        ),
        reverse("admin:projects_assessment_changelist"),
        reverse("admin:projects_call_assessment", args=of_call),
        reverse("admin:projects_call_ranking", args=of_call),
        reverse("admin:projects_call_ranking_csv", args=of_call),
        reverse("admin:projects_project_consensus", args=of_project),
        reverse("admin:projects_project_history", args=of_project),
        reverse("admin:projects_call_history", args=of_call),
        reverse("admin:history_changeset_changelist"),
        *(reverse("admin:history_changeset_change", args=[one.pk]) for one in sets),
    ]


def answers(account, world):
    client = signed_in(account)
    found = [client.get(url) for url in pages(world)]
    return {
        response.request["PATH_INFO"]: (
            response.status_code,
            b"".join(response) if response.streaming else response.content,
        )
        for response in found
    }


def opened_by(account, world):
    return [url for url, (status, _text) in answers(account, world).items() if status == 200]


@pytest.mark.parametrize("role", ["Viewer", "Editor", "Assessor", ""])
def test_who_has_no_part_reads_nothing_of_it(world, role):
    for url, (status, text) in answers(make_account(role), world).items():
        assert CANARY.encode() not in text, url
        if ("/assessment/" in url and url != "/admin/projects/assessment/") or "ranking" in url:
            assert status in [403, 404], url


def test_an_assessor_opens_their_own_and_no_page_of_others(world):
    for url, (status, text) in answers(world.ben, world).items():
        assert CANARY.encode() not in text, url
        assert status == (200 if url == "/admin/projects/assessment/" else status), url
    assert opened_by(world.ben, world) == ["/admin/projects/assessment/"]
    own = f"/admin/projects/assessment/{world.first.pk}/"
    found = opened_by(world.anna, world)
    assert found == [
        f"{own}change/",
        f"{own}sheet/",
        f"{own}declare/",
        "/admin/projects/assessment/",
    ]


def test_who_leads_and_assesses_finds_nothing_on_any_page_too_early(world):
    part = taking_part(world)
    for url, (_status, text) in answers(part, world).items():
        assert CANARY.encode() not in text, url
    ranking = reverse("admin:projects_call_ranking", args=[world.call.pk])
    page = signed_in(part).get(ranking).content.decode()
    assert "Its result is hidden, and the places and totals leave it out." in page
    assert "92.5" not in page  # 100 × (3 × 5/5 + 7/10) / 4


def test_who_leads_reads_it(world):
    page = signed_in(world.publisher).get(
        reverse("admin:projects_call_ranking", args=[world.call.pk])
    )
    assert "92.5" in page.content.decode()
    seen = [
        url
        for url, (_s, text) in answers(world.publisher, world).items()
        if CANARY.encode() in text
    ]
    assert f"/admin/projects/assessment/{world.first.pk}/change/" in seen
    assert "/admin/history/changeset/" in seen


def test_history_of_a_deleted_assessment_stays_closed(world):
    with recording.change_set(world.publisher, channel=Channel.FORM, reason=CANARY):
        acts.remove_assessor(world.second, world.publisher, CANARY)
    client = signed_in(make_account("superuser"))
    sets = ChangeSet.objects.filter(changes__record_key=str(world.second.pk), channel=Channel.FORM)
    for one in sets:
        url = reverse("admin:history_changeset_change", args=[one.pk])
        assert client.get(url, follow=True).status_code in [200, 404]
        assert CANARY not in client.get(url, follow=True).content.decode()
