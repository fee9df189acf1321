"""Names of records need no query, and every set of changes opens after each act and its undo."""

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from partners.matching.merge import merge_partners, undo_merger
from partners.models import Merger
from projects.call_setup.copy import copy_setup
from projects.decisions.apply import apply_decision, reverse_decision
from projects.decisions.draft import save_draft
from projects.letters.compose import create_letters
from projects.letters.default_texts import add_default_texts
from projects.letters.outbox import mark_as_sent
from projects.models import Letter
from projects.publication.publish import publish_call, unpublish_call
from projects.workflow.status_changes import change_status, waive
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from psf.history.restore import undo_blockers, undo_change_set
from tests.projects.imports import support as imports
from tests.support import factories
from tests.support.accounts import confirm, make_account, save, signed_in, url_of

RELATIONS = {
    model: {f.attname: 7 for f in model._meta.local_concrete_fields if f.is_relation}
    for label in ["psf", "history", "partners", "projects"]
    for model in apps.get_app_config(label).get_models()
}


@pytest.mark.parametrize("model", [model for model, keys in RELATIONS.items() if keys])
def test_the_name_of_a_record_needs_no_query(model):
    """This test has no database: the related records may be deleted by now."""
    str(model(**RELATIONS[model]))


def acts(client, by):
    """A call from its setup to the results, and organisations; yields after each act."""
    with recording.change_set(by, channel=Channel.COMMAND):
        winner = factories.make_partner("Winner")
    with recording.change_set(by, channel=Channel.ANNOUNCEMENT) as added:
        loser, lead = factories.make_partner(), factories.make_partner()
        call = factories.make_call(budget_eur=100_000, published_at=None)
        earlier = factories.make_call(min_member_states=3)
        factories.make_decision(call, decided_on="2019-06-04", published_at=None)
        criterion = factories.make_criterion(call)
        one, two = factories.make_project(call), factories.make_project(call)
        for project in [one, two]:
            factories.make_partnership(project, lead, role="lead")
            factories.make_announcement_flag(project=project)
    merge_partners(winner, loser, by)
    yield "merge"
    save(client, url_of(one), title="Second", why="A mistake.")
    yield "form"
    save(client, url_of(one, "state", added.pk))
    yield "earlier state"
    confirm(client, url_of(factories.make_topic(), "delete"))
    yield "deletion"
    imports.save(call, imports.rows(), by)
    yield "import"
    copy_setup(call, earlier, by)
    yield "copy"
    for project in [one, two]:
        waive(project, "states", by, "A pilot.")
    change_status([one, two], "eligible", by)
    yield "status"
    with recording.change_set(by, channel=Channel.ASSESSMENT):
        for project in [one, two]:
            factories.make_submitted(project, by, criterion.maximum)
            factories.make_consensus(project, by)
    yield "assessment"
    lines = [
        factories.draft_line(one, "funded", 60_000),
        factories.draft_line(two, "rejected", reason="Too vague."),
    ]
    save_draft(call, lines, by)
    yield "draft"
    apply_decision(call, other := make_account("superuser"))
    yield "decision"
    reverse_decision(call, other, "An error.")
    yield "reversal"
    apply_decision(call, other)
    add_default_texts(call, by)
    create_letters(call, by)
    yield "letters"
    mark_as_sent(Letter.objects.all(), by)
    yield "sent letters"
    with recording.change_set(by, channel=Channel.AWARD):
        for name in ["agreement", "instalment", "report", "document", "output", "amendment"]:
            getattr(factories, f"make_{name}")(one)
    yield "agreement"
    with recording.change_set(by, channel=Channel.PUBLICATION):
        publish_call(call, timezone.now())
    yield "publication"
    with recording.change_set(by, channel=Channel.PUBLICATION):
        unpublish_call(call, "An error.")
    yield "unpublished"


@pytest.mark.django_db
def test_every_set_of_changes_opens_after_each_act_and_after_its_undo():
    by = make_account("superuser")
    client = signed_in(by)

    def open_sets(change_sets, moment):
        for change_set in change_sets:
            page = reverse("admin:history_changeset_change", args=[change_set.pk])
            assert client.get(page).status_code == 200, (moment, change_set.reason)

    for act in acts(client, by):
        latest = ChangeSet.objects.latest("pk")
        open_sets([latest], act)
        if act == "merge":
            undo_merger(Merger.objects.get(), by)
        elif not undo_blockers(latest):
            undoing = undo_change_set(latest, by, "")
            open_sets(ChangeSet.objects.filter(undoes=None), f"undo of {act}")
            undo_change_set(undoing, by, "")
    open_sets(ChangeSet.objects.all(), "end")
    assert {*ChangeSet.objects.values_list("channel", flat=True)} == (
        {*Channel.values} - {Channel.ACTION}  # only in older sets
    )
