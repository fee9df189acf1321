"""What was can be brought back, as a change of its own; nothing that stands in the way is lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from partners.models import Country, Membership, Partner, PartnerName
from projects.models import Call, Decision, Partnership, Priority, Project, Source, Topic
from psf.history import recording
from psf.history.models import Change, ChangeSet, Channel
from psf.history.restore import apply_steps, steps_between, without_publication
from psf.history.states import record_after, record_changes, record_now, walk_back
from psf.history.tracking import generated_columns
from psf.history.undo import conflicting_change_sets, is_undone, undo_change_set
from psf.history.wording import sentences_by_change_set
from tests.support import factories

SOON = datetime(2030, 1, 1, tzinfo=UTC)


def told(rows):
    """The rows without what is counted and made."""
    return {
        place: {
            column: value
            for column, value in row.items()
            if column not in [*generated_columns(model_of(place)), "version"]
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
    return told(record_now(type(record), str(record.pk)))


def by_form(act, *args, **kwargs):
    with recording.change_set(None, channel=Channel.FORM) as change_set:
        act(*args, **kwargs)
    return change_set


def bring_back(record, change_set):
    model, key = type(record), str(record.pk)
    with recording.change_set(None, channel=Channel.RESTORE) as made:
        steps = steps_between(record_now(model, key), record_after(model, key, change_set.pk))
        apply_steps(without_publication(steps))
    return made


# Edits of a project, each chosen by a number

TITLES = ["Storm Watch", "Łódź – Юрмала “x”", "a\nb", "x" * 300]
PARTNERS = ["a", "b", "c"]


class World:
    """A project with all that can be chosen for it."""

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
        project.partnerships.filter(pk__in=[each.pk for each in row]).update(role="lead")

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
    """Properties of whatever is done to a project."""

    def make(self, edits):
        """Do the edits one by one; the sets of changes with the states that they left."""
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
    def test_any_earlier_state_comes_back_and_the_way_is_told(self, edits, which):
        states = self.make(edits)
        history = list(record_changes(Project, str(self.project.pk)))
        change_set, state = states[1:][which % (len(states) - 1)] if len(states) > 1 else states[0]
        if len(states) > 1:
            bring_back(self.project, change_set)
        assert state_of(self.project) == state
        after = list(record_changes(Project, str(self.project.pk)))
        assert after[: len(history)] == history
        assert all(
            sentence.sentence
            for said in sentences_by_change_set(after).values()
            for sentence in said
        )

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def test_sets_undone_from_the_last_give_every_state_before(self, edits):
        states = self.make(edits)
        for (_before, state), (change_set, _after) in zip(
            reversed(states[:-1]), reversed(states[1:]), strict=True
        ):
            made = undo_change_set(change_set, None, "")
            assert made.undoes == change_set
            assert state_of(self.project) == state

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def test_a_deleted_record_comes_back_with_all_its_parts(self, edits):
        self.make(edits)
        state = state_of(self.project)
        version = Project.objects.get().version
        change_set = by_form(Project.objects.get().delete)
        assert not Project.objects.exists()
        bring_back(self.project, change_set)
        assert state_of(self.project) == state
        assert Project.objects.get().version > version

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def test_walking_back_the_whole_history_ends_before_the_record(self, edits):
        self.make(edits)
        key = str(self.project.pk)
        every = record_changes(Project, key).order_by("-pk")
        assert walk_back(record_now(Project, key), every) == {}


pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    with recording.change_set(None, channel=Channel.FORM):
        return factories.make_project(title="First")


def rename(project, title):
    return by_form(lambda: Project.objects.filter(pk=project.pk).update(title=title))


class TestRestoring:
    def test_partners_that_change_places_change_back(self, project):
        one, two = (factories.make_partner() for _ in "12")
        first = factories.make_partnership(project, one)
        second = factories.make_partnership(project, two)
        before = by_form(Partnership.objects.filter(pk=first.pk).update, position=7)

        def swap():
            Partnership.objects.filter(pk=first.pk).update(partner=factories.make_partner())
            Partnership.objects.filter(pk=second.pk).update(partner=one)
            Partnership.objects.filter(pk=first.pk).update(partner=two)

        by_form(swap)
        bring_back(project, before)
        assert [Partnership.objects.get(pk=row.pk).partner for row in [first, second]] == [one, two]

    def test_the_version_is_raised_and_the_day_noted(self, project):
        before = rename(project, "Second")
        rename(project, "Third")
        old = Project.objects.get()
        bring_back(project, before)
        new = Project.objects.get()
        assert (new.title, new.version) == ("Second", old.version + 1)
        assert new.changed_at > old.changed_at

    def test_a_membership_raises_the_version_of_its_country(self):
        membership = factories.make_membership("LV")
        before = by_form(Membership.objects.update, source="one")
        by_form(Membership.objects.update, source="two")
        versions = Country.objects.get().version, Membership.objects.get().version
        bring_back(membership, before)
        assert Membership.objects.get().source == "one"
        raised = Country.objects.get().version, Membership.objects.get().version
        assert raised == tuple(version + 1 for version in versions)

    def test_it_never_publishes(self, project):
        project = factories.make_public_project()
        before = rename(project, "Public")
        by_form(Project.objects.filter(pk=project.pk).update, published_at=None)
        bring_back(project, before)
        assert Project.objects.get(pk=project.pk).published_at is None

    def test_it_never_takes_back(self):
        project = factories.make_public_project(published_at=None)
        before = rename(project, "Draft")
        by_form(Project.objects.update, published_at=factories.LONG_AGO, title="Public")
        bring_back(project, before)
        assert Project.objects.get().published_at == factories.LONG_AGO
        assert Project.objects.get().title == "Draft"

    def test_what_was_public_comes_back_unpublished(self):
        project = factories.make_public_project()
        deletion = by_form(Project.objects.get().delete)
        bring_back(project, deletion)
        assert Project.objects.get().published_at is None
        assert Project.objects.get().lead() is not None

    def test_a_public_project_stays_a_funded_one(self):
        project = factories.make_project()
        factories.make_partnership(project, factories.make_partner(), role="lead")
        before = rename(project, "Application")
        by_form(Project.objects.update, status="funded", published_at=factories.LONG_AGO)
        with pytest.raises(ValidationError, match="stays a funded one"):
            bring_back(project, before)
        assert Project.objects.get().status == "funded"

    def test_a_public_project_keeps_its_lead(self):
        project = factories.make_project(status="funded")
        before = rename(project, "Without")
        factories.make_partnership(project, factories.make_partner(), role="lead")
        by_form(Project.objects.update, published_at=factories.LONG_AGO)
        with pytest.raises(ValidationError, match="needs a lead partner"):
            bring_back(project, before)
        assert Partnership.objects.count() == 1

    def test_two_standings_at_once_are_refused(self):
        old = factories.make_membership("LV", valid_to=date(1999, 12, 31))
        by_form(Membership.objects.filter(pk=old.pk).update, source="x")
        deletion = by_form(Membership.objects.get().delete)
        factories.make_membership("LV", valid_from=date(1995, 1, 1))
        with pytest.raises(ValidationError, match="overlaps"):
            bring_back(old, deletion)

    def test_an_address_that_is_taken_is_said(self, project):
        topic = factories.make_topic("Water")
        deletion = by_form(Topic.objects.get().delete)
        Topic.objects.create(name="Water", slug="water")
        with pytest.raises(ValidationError, match="Topic: Topic with this Name already exists"):
            bring_back(topic, deletion)

    def test_what_it_names_must_be_there(self, project):
        partner = factories.make_partner("Stellit")
        factories.make_partnership(project, partner)
        before = rename(project, "With Stellit")
        by_form(Partnership.objects.all().delete)
        by_form(partner.delete)
        with pytest.raises(ValidationError, match="“Stellit” was deleted"):
            bring_back(project, before)

    def test_a_state_that_breaks_a_newer_rule_is_refused(self, project):
        factories.make_partnership(project, factories.make_partner(), role="lead")
        two = factories.make_partnership(project, factories.make_partner())
        before = rename(project, "Two leads")
        by_form(Partnership.objects.all().delete)
        for change in Change.objects.filter(kind="projects.partnership", action="-"):
            change.before |= {"role": "lead"}
            change.save()
        with pytest.raises(ValidationError, match="breaks a rule that applies now"):
            bring_back(project, before)
        assert not Partnership.objects.filter(pk=two.pk).exists()

    def test_a_set_that_did_not_touch_the_record_has_no_state_of_it(self, project):
        other = factories.make_change_set()
        with pytest.raises(Change.DoesNotExist):
            record_after(Project, str(project.pk), other.pk)


class TestUndoing:
    def test_an_import_is_undone_as_one(self, project):
        with recording.change_set(None, channel=Channel.IMPORT, reason="water.csv") as imported:
            rename(project, "Imported")
            partner = factories.make_partner("New partner")
            for _ in range(3):
                factories.make_partnership(factories.make_project(project.call), partner)
        undone = undo_change_set(imported, None, "The wrong file.")
        assert [row.title for row in Project.objects.all()] == ["First"]
        assert not Partner.objects.exists()
        assert (undone.door, undone.reason) == (Channel.UNDO, "The wrong file.")
        assert list(imported.undone_by.all()) == [undone]

        undo_change_set(undone, None, "")
        assert not is_undone(imported)
        assert Project.objects.count() == 4
        assert Partnership.objects.filter(partner=partner).count() == 3

    def test_later_changes_of_the_same_stand_in_the_way(self, project):
        first, second = rename(project, "Second"), rename(project, "Third")
        assert conflicting_change_sets(first) == [second]
        with pytest.raises(ValidationError, match="Later changes block this"):
            undo_change_set(first, None, "")
        assert Project.objects.get().title == "Third"

    def test_later_changes_of_other_fields_do_not(self, project):
        first = rename(project, "Second")
        by_form(Project.objects.update, acronym="SW")
        undo_change_set(first, None, "")
        assert (Project.objects.get().title, Project.objects.get().acronym) == ("First", "SW")

    def test_what_was_added_to_an_added_record_stands_in_the_way(self, project):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            new = factories.make_project(project.call)
        later = by_form(factories.make_partnership, new, factories.make_partner())
        assert conflicting_change_sets(imported) == [later]

    def test_what_uses_an_added_record_is_named(self, project):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            partner = factories.make_partner()
        by_form(factories.make_partnership, project, partner)
        with pytest.raises(ValidationError, match="“First” was changed later and uses"):
            undo_change_set(imported, None, "")
        assert Partner.objects.exists()

    def test_a_record_that_uses_another_is_named(self):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            call = factories.make_call(published_at=None)
        by_form(factories.make_project, call, title="Later")
        with pytest.raises(ValidationError, match="“Later” was changed later and uses"):
            undo_change_set(imported, None, "")

    def test_publication_is_not_undone_here(self, project):
        published = by_form(Call.objects.update, published_at=SOON)
        with pytest.raises(ValidationError, match="published or unpublished a record"):
            undo_change_set(published, None, "")

    def test_what_is_public_does_not_go(self):
        with recording.change_set(None, channel=Channel.IMPORT) as imported:
            project = factories.make_public_project()
        with pytest.raises(ValidationError, match=f"“{project}” is or was public"):
            undo_change_set(imported, None, "")

    def test_a_set_that_was_undone_is_not_undone_again(self, project):
        change_set = rename(project, "Second")
        undo_change_set(change_set, None, "")
        with pytest.raises(ValidationError, match="already undone"):
            undo_change_set(change_set, None, "")

    def test_what_came_to_nothing_is_undone_too(self, project):
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
