"""The taken slugs of organisations, and the slugs of merged organisations."""

from django.http import QueryDict
from django.shortcuts import get_object_or_404

from partners.models import Merger, Partner


def is_slug_taken(slug: str) -> bool:
    """Whether an organisation has the slug, or the slug leads to an organisation after a merger."""
    mergers = Merger.objects.in_force().filter(slug=slug)
    return Partner.objects.filter(slug=slug).exists() or mergers.exists()


def taken_slugs() -> list[str]:
    """Every slug for which `is_slug_taken()` is true."""
    of_mergers = Merger.objects.in_force().values_list("slug", flat=True)
    return [*Partner.objects.values_list("slug", flat=True), *of_mergers]


def with_winners(query: QueryDict) -> QueryDict:
    """The query, in which the public winner of a merger replaces the loser in `partner`."""
    slugs = query.getlist("partner")
    if not slugs:
        return query
    mergers = Merger.objects.in_force().filter(slug__in=slugs)
    mergers = mergers.filter(winner__in=Partner.objects.public())
    winners = dict(mergers.values_list("slug", "winner__slug"))
    query = query.copy()
    query.setlist("partner", [winners.get(slug, slug) for slug in slugs])
    return query


def winner_of(slug: str) -> Partner:
    """The public organisation into which the one with this slug was merged; without one, a 404."""
    merged = Merger.objects.in_force().filter(slug=slug)
    return get_object_or_404(Partner.objects.public(), mergers__in=merged)
