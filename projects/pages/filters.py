import django_filters
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from partners.models import Partner, PartnerKind
from partners.slugs import with_winners
from projects.list_index.facet_sets import MEMBERSHIP_CHOICES, NOW, THEN, public_calls
from projects.list_index.index import load_snapshot, ordered_pages
from projects.models import Call, Partnership, ProjectStatus
from projects.models.choices import FUNDED_STATUSES
from projects.search import PROJECTS
from psf.database.keysets import keys_of, keyset
from psf.lists.facets import FacetSnapshot
from psf.lists.filterset import AnyOf, ListFilterSet, SearchFilterSet
from psf.lists.ordering import OrderedPages

# The page of such a project reads "Planned to end …" after its announced period.
STATUS_LABELS = {
    ProjectStatus.FUNDED: _("funded (the announced period may have ended)"),
    ProjectStatus.RUNNING: _("running (the announced period may have ended)"),
}
AMOUNTS = [("published", _("published")), ("not_published", _("not published"))]


class ProjectFilterSet(SearchFilterSet):
    """The filters of the list of projects. Every choice is public."""

    index = PROJECTS
    first_order = "newest"

    country = AnyOf(label=_("Partner country"))
    # Not a facet: the numbers of pairs of countries link to the filter.
    together = AnyOf(label=_("Together with"))
    lead = AnyOf(label=_("Led from"))
    topic = AnyOf(label=_("Topic"))
    call = AnyOf(label=_("Call"))
    year = AnyOf(label=_("Closing year of the call"))
    priority = AnyOf(label=_("Priority"))
    kind = AnyOf(choices=PartnerKind.choices, label=_("Kind of partner"))
    status = AnyOf(
        choices=[(status, STATUS_LABELS.get(status, status.label)) for status in FUNDED_STATUSES],
        label=_("Status"),
    )
    amount = AnyOf(choices=AMOUNTS, label=_("Amount"))
    members_then = AnyOf(choices=MEMBERSHIP_CHOICES, label=_("Members only when the call closed"))
    members_now = AnyOf(choices=MEMBERSHIP_CHOICES, label=_("Members only today"))
    # Not a facet: there are thousands of organisations. Their pages link to the filter.
    partner = AnyOf(label=_("Partner"))
    sort = django_filters.ChoiceFilter(
        label=_("Sort by"),
        choices=[
            ("newest", _("newest call first")),
            ("oldest", _("oldest call first")),
            ("amount", _("highest amount first")),
            ("title", _("title")),
        ],
        empty_label=None,
    )
    facet_names = ["country", "lead", "topic", "call", "year", "priority", "kind", "status"]
    facet_names += ["amount", THEN, NOW]
    fixed_order = ["year", THEN, NOW]
    title_parts = SearchFilterSet.title_parts | {
        "country": _("with partners from %(values)s"),
        "together": _("together with %(values)s"),
        "lead": _("led from %(values)s"),
        "topic": _("on %(values)s"),
        "call": _("of %(values)s"),
        "year": _("of calls that closed in %(values)s"),
        "partner": _("of %(values)s"),
    }

    def __init__(self, query: QueryDict) -> None:
        super().__init__(with_winners(query))
        slugs = self.data.getlist("partner")
        self.partners = list(Partner.objects.public().filter(slug__in=slugs)) if slugs else []
        choices = [(partner.slug, partner.name) for partner in self.partners]
        self.filters["partner"].extra["choices"] = choices
        self.filters["together"].extra["choices"] = self.filters["country"].extra["choices"]

    def load_snapshot(self) -> FacetSnapshot:
        return load_snapshot()

    def result_rows(self) -> OrderedPages:
        return ordered_pages(self.groups(), self.order())

    def filter_keys(self, name: str, values: list[str]) -> int:
        if name == "partner":
            parts = Partnership.objects.filter(partner__in=self.partners)
            return keyset([*parts.values_list("project", flat=True)])
        return super().filter_keys("country" if name == "together" else name, values)


class CallFilterSet(ListFilterSet):
    """All public calls. There is one a year, so the list has no filters."""

    def load_snapshot(self) -> FacetSnapshot:
        return FacetSnapshot(keyset([call.pk for call in public_calls()]), {}, {})

    def result_rows(self) -> list[Call]:
        calls = Call.objects.public().with_priorities()
        return list(calls.filter(pk__in=keys_of(self.remaining)))
