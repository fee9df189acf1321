import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from partners.pages.list_index import public_partner_sets
from projects.figures.cooperation import numbers_of_pairs
from projects.figures.records import load_records
from projects.list_index.facet_sets import money_of, public_sets
from projects.models import Partnership, Project, Role
from psf.caching.data_version import versions
from psf.database.keysets import keys_of

Figures = dict[str, object]


class Command(BaseCommand):
    help = "Count the public figures again from the records. Exit 1 if pages show other figures."

    def handle(self, *args: Any, **options: Any) -> None:
        for _attempt in range(2):  # a change between the two counts looks like a difference
            versions.close()  # read the data version at once
            figures, counted = shown_figures(), counted_figures()
            if figures == counted:
                self.stdout.write("All public figures equal the records.")
                return
        for name in sorted(figures.keys() | counted.keys()):
            if figures.get(name) != counted.get(name):
                self.stdout.write(
                    f"{name}: the pages show {figures.get(name)}, the records give "
                    f"{counted.get(name)}"
                )
        sys.exit(1)


def shown_figures() -> Figures:
    """The figures as the pages get them, by key sets and from memory."""
    sets = public_sets()
    figures: Figures = {
        f"call {call}, amounts {money.kind}": (money.count, money.total)
        for call, projects in sets.values["call"].items()
        for money in money_of(projects)
    }
    records = load_records()
    for line in records.lines:
        code = line.country.code
        figures |= {f"country {code}": line.projects, f"led from {code}": line.led}
    figures |= {f"pair {' '.join(pair)}": value for pair, value in numbers_of_pairs(sets).items()}
    figures |= {f"topic {slug}": keys.bit_count() for slug, _name, keys in records.topics}
    for number, partners in public_partner_sets()["number"].items():
        figures |= {f"organisation {key}": int(number) for key in keys_of(partners)}
    return figures


def counted_figures() -> Figures:
    """The same figures, counted by the database."""
    now = timezone.now()
    projects = Project.objects.filter(published_at__lte=now, call__published_at__lte=now).order_by()
    amounts = projects.values_list("call", "amount_kind")
    figures: Figures = {
        f"call {call}, amounts {kind}": (number, total)
        for call, kind, number, total in amounts.annotate(Count("pk"), Sum("amount_eur"))
    }
    parts = Partnership.objects.filter(project__in=projects).order_by()
    for name in ["country", "partner"]:
        label = "organisation" if name == "partner" else name
        counts = parts.exclude(**{name: None}).values_list(name)
        numbers = counts.annotate(Count("project", distinct=True))
        figures |= {f"{label} {key}": number for key, number in numbers}
    by_country = Count("pk", filter=Q(role=Role.LEAD, project__led_by_cbss=False))
    led = parts.values_list("country").annotate(led=by_country)
    figures |= {f"led from {key}": number for key, number in led}
    country = "project__partnerships__country"
    pairs = parts.filter(**{f"{country}__gt": F("country")}).values_list("country", country)
    shared = pairs.annotate(Count("project", distinct=True))
    figures |= {f"pair {first} {second}": number for first, second, number in shared}
    topics = projects.exclude(topics=None).values_list("topics__slug").annotate(Count("pk"))
    return figures | {f"topic {slug}": number for slug, number in topics}
