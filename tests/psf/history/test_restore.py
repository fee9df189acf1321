"""Restoring states and undoing change sets, without losing later changes."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra.django import TestCase

from partners.models import Country, Membership, Partner, PartnerName
from projects.models import Call, Decision, Partnership, Priority, Project, Source, Topic
from psf.history import recording, tracking
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import apply_steps, conflicting_change_sets, is_undone, undo_change_set
from psf.history.states import (
    record_after,
    record_changes,
    record_now,
    steps_between,
    walk_back,
    without_publication,
)
from psf.history.tracking import quiet_columns
from psf.history.words import sentences_by_change_set
from tests.support import factories

SOON = datetime(2030, 1, 1, tzinfo=UTC)


def without_generated(rows):
    """Return the rows without versions and generated columns."""
    return {
        place: {
            column: value
            for column, value in row.items()
            if column not in [*quiet_columns(model_of(place)), "version"]
        }
        for place, row in rows.items()
    }


def model_of(place):
    return next(
        model
        for model in [*MODELS, *(through for model in MODELS for through in throughs(model))]
        if model._meta.label_lower == place[0]
    )


MODELS = [Call, Country, Decision, Membership, Partner, PartnerName, Partnership, Priority]
MODELS += [Project, Source, Topic]


def throughs(model):
    return [field.remote_field.through for field in model._meta.local_many_to_many]


def state_of(record):
    return without_generated(record_now(type(record), str(record.pk)))


def by_form(action, *args, **kwargs):
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        action(*args, **kwargs)
    return change_set


def restore(record, change_set):
    model, key = type(record), str(record.pk)
    with recording.change_set(None, channel=Channel.RESTORE) as restoring:
        steps = steps_between(record_now(model, key), record_after(model, key, change_set.pk))
        apply_steps(without_publication(steps))
    return restoring


# Edits of a project, selected by a number

TITLES = ["Storm Watch", "Łódź – Юрмала “x”", "a\nb", "x" * 300]
PARTNERS = ["a", "b", "c"]


class World:
    """A project with topics and partners to choose from."""

    def __init__(self):
        self.topics = [factories.make_topic() for _ in range(3)]
        self.partners = [factories.make_partner(country=code) for code in ["LV", "SE", "PL"]]
        self.call = factories.make_call()
        self.project = factories.make_project(self.call)

    def edit(self, kind, number):
        project = Project.objects.get(pk=self.project.pk)
        getattr(self, f"edit_{kind}")(project, number)

    def edit_title(self, project, number):
        project.title = TITLES[number % len(TITLES)]
        project.save()

    def edit_amount(self, project, number):
        kind = "ceiling" if number else "not_published"
        amount = Decimal(number) / 100 if number else None
        Project.objects.filter(pk=project.pk).update(amount_eur=amount, amount_kind=kind)

    def edit_day(self, project, number):
        project.starts_on = date(2019, 1, 1 + number % 28) if number % 3 else None
        project.save()

    def edit_topics(self, project, number):
        project.topics.set([topic for i, topic in enumerate(self.topics) if number >> i & 1])

    def edit_places(self, project, number):
        project.activity_countries.set(["LV", "SE"][: number % 3])

    def edit_partner(self, project, number):
        partner = self.partners[number % 3]
        row = project.partnerships.filter(partner=partner).first()
        if row and number % 2:
            row.delete()
        elif row:
            project.partnerships.filter(partner=partner).update(position=number % 50)
        else:
            factories.make_partnership(project, partner, position=number % 50)

    def edit_lead(self, project, number):
        project.partnerships.update(role="partner")
        row = project.partnerships.all()[number % 3 : number % 3 + 1]
        project.partnerships.filter(pk__in=[partnership.pk for partnership in row]).update(
            role="lead"
        )

    def edit_sources(self, project, number):
        if number % 2:
            factories.make_source(project=project, citation=f"Source {number}")
        else:
            project.sources.all().delete()


KINDS = ["title", "amount", "day", "topics", "places", "partner", "lead", "sources"]
EDITS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(min_value=0, max_value=999)),
    min_size=1,
    max_size=8,
)


class TestAnyEdits(TestCase):
    """Properties of any sequence of edits of a project."""

    def make(self, edits):
        """Apply the edits one by one, and return the change sets with the states after them."""
        self.world = World()
        self.project = self.world.project
        states = [(ChangeSet.objects.latest("pk"), state_of(self.project))]
        for edit in edits:
            change_set = by_form(self.world.edit, *edit)
            if change_set.pk:  # something was changed
                states.append((change_set, state_of(self.project)))
        return states

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS, st.integers(min_value=0))
    def test_any_earlier_state_can_be_restored_and_is_described(self, edits, which):
        states = self.make(edits)
        key = str(self.project.pk)
        history = list(record_changes(Project, key))
        assert walk_back(record_now(Project, key), reversed(history)) == {}
        change_set, state = states[1:][which % (len(states) - 1)] if len(states) > 1 else states[0]
        if len(states) > 1:
            restore(self.project, change_set)
        assert state_of(self.project) == state
        after = list(record_changes(Project, key))
        assert after[: len(history)] == history
        assert all(
            sentence.sentence
            for said in sentences_by_change_set(after).values()
            for sentence in said
        )

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def test_undoing_sets_from_the_last_gives_every_earlier_state(self, edits):
        states = self.make(edits)
        for (_before, state), (change_set, _after) in zip(
            reversed(states[:-1]), reversed(states[1:]), strict=True
        ):
            undoing = undo_change_set(change_set, None, "")
            assert undoing.undoes == change_set
            assert state_of(self.project) == state

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def test_deleted_record_is_restored_with_all_parts(self, edits):
        self.make(edits)
        state = state_of(self.project)
        version = Project.objects.get().version
        change_set = by_form(Project.objects.get().delete)
        assert not Project.objects.exists()
        restore(self.project, change_set)
        assert state_of(self.project) == state
        assert Project.objects.get().version > version


pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    with recording.change_set(None, channel=Channel.FORM):
        return factories.make_project(title="First")


def rename(project, title):
    return by_form(lambda: Project.objects.filter(pk=project.pk).update(title=title))


class TestRestoring:
    def test_swapped_partners_are_swapped_back(self, project):
        one, two = (factories.make_partner() for _ in "12")
        first = factories.make_partnership(project, one)
        second = factories.make_partnership(project, two)
        before = by_form(Partnership.objects.filter(pk=first.pk).update, position=7)

        def swap():
            Partnership.objects.filter(pk=first.pk).update(partner=factories.make_partner())
            Partnership.objects.filter(pk=second.pk).update(partner=one)
            Partnership.objects.filter(pk=first.pk).update(partner=two)

        by_form(swap)
        restore(project, before)
        assert [Partnership.objects.get(pk=row.pk).partner for row in [first, second]] == [one, two]

    def test_restoring_increases_the_version(self, project):
        before = rename(project, "Second")
        rename(project, "Third")
        old = Project.objects.get()
        restore(project, before)
        new = Project.objects.get()
        assert (new.title, new.version) == ("Second", old.version + 1)

    def test_restored_membership_increases_the_version_of_its_country(self):
        membership = factories.make_membership("LV")
        before = by_form(Membership.objects.update, source="one")
        by_form(Membership.objects.update, source="two")
        versions = Country.objects.get().version, Membership.objects.get().version
        restore(membership, before)
        assert Membership.objects.get().source == "one"
        raised = Country.objects.get().version, Membership.objects.get().version
        assert raised == tuple(version + 1 for version in versions)

    def test_restoring_never_publishes(self, project):
        project = factories.make_public_project()
        before = rename(project, "Public")
        by_form(Project.objects.filter(pk=project.pk).update, published_at=None)
        restore(project, before)
        assert Project.objects.get(pk=project.pk).published_at is None

    def test_restoring_never_unpublishes(self):
        project = factories.make_public_project(published_at=None)
        before = rename(project, "Draft")
        by_form(Project.objects.update, published_at=factories.LONG_AGO, title="Public")
        restore(project, before)
        assert Project.objects.get().published_at == factories.LONG_AGO
        assert Project.objects.get().title == "Draft"

    def test_deleted_public_record_is_restored_unpublished(self):
        project = factories.make_public_project()
        deletion = by_form(Project.objects.get().delete)
        restore(project, deletion)
        assert Project.objects.get().published_at is None
        assert Project.objects.get().lead() is not None

    def test_public_project_stays_funded(self):
        project = factories.make_project()
        factories.make_partnership(project, factories.make_partner(), role="lead")
        before = rename(project, "Application")
        by_form(Project.objects.update, status="funded", published_at=factories.LONG_AGO)
        with pytest.raises(ValidationError, match="must stay funded"):
            restore(project, before)
        assert Project.objects.get().status == "funded"

    def test_public_project_keeps_its_lead(self):
        project = factories.make_project(status="funded")
        before = rename(project, "Without")
        factories.make_partnership(project, factories.make_partner(), role="lead")
        by_form(Project.objects.update, published_at=factories.LONG_AGO)
        with pytest.raises(ValidationError, match="needs a lead partner"):
            restore(project, before)
        assert Partnership.objects.count() == 1

    def test_checked_application_keeps_its_call(self, project):
        before, first = rename(project, "In the first call"), project.call
        move = by_form(Project.objects.update, call=factories.make_call(title="PSF 2020"))
        by_form(Project.objects.update, status="eligible")
        for action in [restore, lambda _record, _set: undo_change_set(move, None, "")]:
            with pytest.raises(ValidationError, match="checked by the rules of “PSF 2020”"):
                action(project, before)
        by_form(Project.objects.update, status="submitted")
        restore(project, before)
        assert Project.objects.get().call == first

    def test_public_project_keeps_a_public_call(self):
        project = factories.make_public_project()
        moved = by_form(Project.objects.update, call=factories.make_call(published_at=None))
        by_form(Project.objects.update, call=project.call)
        with pytest.raises(ValidationError, match="Publish the call first"):
            restore(project, moved)

    def test_overlapping_memberships_are_refused(self):
        old = factories.make_membership("LV", valid_to=date(1999, 12, 31))
        by_form(Membership.objects.filter(pk=old.pk).update, source="x")
        deletion = by_form(Membership.objects.get().delete)
        factories.make_membership("LV", valid_from=date(1995, 1, 1))
        with pytest.raises(ValidationError, match="overlaps"):
            restore(old, deletion)

    def test_taken_address_is_an_error(self, project):
        topic = factories.make_topic("Water")
        deletion = by_form(Topic.objects.get().delete)
        Topic.objects.create(name="Water", slug="water")
        with pytest.raises(ValidationError, match="Topic: Topic with this Name already exists"):
            restore(topic, deletion)

    def test_related_records_must_exist(self, project):
        partner = factories.make_partner("Stellit")
        factories.make_partnership(project, partner)
        before = rename(project, "With Stellit")
        by_form(Partnership.objects.all().delete)
        by_form(partner.delete)
        with pytest.raises(ValidationError, match="“Stellit” was deleted"):
            restore(project, before)

    def test_state_that_breaks_a_newer_rule_is_refused(self, project):
        factories.make_partnership(project, factories.make_partner(), role="lead")
        two = factories.make_partnership(project, factories.make_partner())
        before = rename(project, "Two leads")
        by_form(Partnership.objects.all().delete)
        for change in Change.objects.filter(kind="projects.partnership", action="-"):
            change.before |= {"role": "lead"}
            change.save()
        with pytest.raises(ValidationError, match="breaks a rule that applies now"):
            restore(project, before)
        assert not Partnership.objects.filter(pk=two.pk).exists()

    def test_set_without_changes_of_the_record_has_no_state(self, project):
        other = factories.make_change_set()
        with pytest.raises(Change.DoesNotExist):
            record_after(Project, str(project.pk), other.pk)


class TestUndoing:
    def test_import_is_undone_as_one_set(self, project):
        with recording.change_set(None, channel=Channel.IMPORT, reason="water.csv") as imported:
            rename(project, "Imported")
            partner = factories.make_partner("New partner")
            for _ in range(3):
                factories.make_partnership(factories.make_project(project.call), partner)
        undone = undo_change_set(imported, None, "The wrong file.")
        assert [row.title for row in Project.objects.all()] == ["First"]
        assert not Partner.objects.exists()
        assert (undone.channel, undone.reason) == (Channel.UNDO, "The wrong file.")
        assert list(imported.undone_by.all()) == [undone]

        undo_change_set(undone, None, "")
        assert not is_undone(imported)
        assert Project.objects.count() == 4
        assert Partnership.objects.filter(partner=partner).count() == 3

    def test_later_changes_of_the_same_field_block_undoing(self, project):
        first, second = rename(project, "Second"), rename(project, "Third")
        assert conflicting_change_sets(first) == [second]
        with pytest.raises(ValidationError, match="Later changes block this"):
            undo_change_set(first, None, "")
        assert Project.objects.get().title == "Third"

    def test_later_changes_of_other_fields_do_not_block_undoing(self, project):
        first = rename(project, "Second")
        by_form(Project.objects.update, acronym="SW")
        by_form(factories.make_partnership, project, factories.make_partner())
        undo_change_set(first, None, "")
        assert (Project.objects.get().title, Project.objects.get().acronym) == ("First", "SW")

    @pytest.mark.parametrize(
        "change",
        [
            lambda added: rename(added, "Edited"),
            lambda added: by_form(factories.make_partnership, added, factories.make_partner()),
        ],
    )
    def test_later_change_or_part_of_an_added_record_blocks_undoing(self, project, change):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            added = factories.make_project(project.call)
        assert [change(added)] == conflicting_change_sets(imported)

    def test_record_with_a_part_that_uses_an_added_record_is_named(self, project):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            partner = factories.make_partner()
        by_form(factories.make_partnership, project, partner)
        with pytest.raises(ValidationError, match=r"“First” \(partnership\) was changed later"):
            undo_change_set(imported, None, "")
        assert Partner.objects.exists()

    def test_record_that_uses_an_added_record_is_named(self):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            call = factories.make_call(published_at=None)
        by_form(factories.make_project, call, title="Later")
        with pytest.raises(ValidationError, match=r"“Later” \(project\) was changed later"):
            undo_change_set(imported, None, "")

    def test_publication_cannot_be_undone(self, project):
        published = by_form(Call.objects.update, published_at=SOON)
        with pytest.raises(ValidationError, match="published or unpublished a record"):
            undo_change_set(published, None, "")

    def test_restored_name_is_found_by_its_words(self):
        name = factories.make_partner_name(factories.make_partner(), "Harbour")
        name.text = "Office"
        undo_change_set(by_form(name.save), None, "")
        name.refresh_from_db()
        assert (name.text, name.folded) == ("Harbour", "harbour")

    def test_record_with_evidence_is_not_deleted(self):
        call = factories.make_call()
        with recording.change_set(None, channel=Channel.IMPORT) as made:
            project = factories.make_project(call, title="Storm")
        factories.make_evidence(project)
        with pytest.raises(ValidationError, match="has evidence, which must stay"):
            undo_change_set(made, None, "")
        assert Project.objects.exists()

    @pytest.mark.parametrize(
        "fields",
        [{}, {"published_at": None, "unpublished_at": SOON, "unpublished_reason": "An error."}],
    )
    def test_public_or_unpublished_record_is_not_deleted(self, fields):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            project = factories.make_public_project(**fields)
        with pytest.raises(ValidationError, match=f"“{project}” is or was public"):
            undo_change_set(imported, None, "")

    def test_undone_set_cannot_be_undone_again(self, project):
        change_set = rename(project, "Second")
        undo_change_set(change_set, None, "")
        with pytest.raises(ValidationError, match="already undone"):
            undo_change_set(change_set, None, "")

    def test_set_without_effect_can_be_undone(self, project):
        first = rename(project, "Second")
        with recording.change_set(None, channel=Channel.FORM) as nothing:
            Project.objects.update(title="Third")
            Project.objects.update(title="Second")
        assert conflicting_change_sets(first) == [nothing]
        undo_change_set(nothing, None, "")
        assert is_undone(nothing)
        assert conflicting_change_sets(first) == []

    def test_many_records_are_undone_in_few_queries(self, project, django_assert_max_num_queries):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            Topic.objects.bulk_create(
                Topic(name=f"Topic {number}", slug=f"many-{number}") for number in range(300)
            )
        with django_assert_max_num_queries(45):
            undo_change_set(imported, None, "")
        assert not Topic.objects.filter(slug__startswith="many-").exists()


def test_registered_checks_are_called_with_the_row(monkeypatch):
    def refuse(name: PartnerName) -> None:
        raise ValidationError(name.text)

    monkeypatch.setattr(tracking, "CHECKS", {})
    tracking.register_check(PartnerName, refuse)
    with pytest.raises(ValidationError, match="Harbour"):
        tracking.check_row(PartnerName(text="Harbour"))
