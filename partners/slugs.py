"""The taken slugs of organisations."""

from partners.models import Merger, Partner


def is_slug_taken(slug: str) -> bool:
    """Whether an organisation has the slug, or the slug leads to an organisation after a merger."""
    mergers = Merger.objects.in_force().filter(slug=slug)
    return Partner.objects.filter(slug=slug).exists() or mergers.exists()


def taken_slugs() -> list[str]:
    """Every slug for which `is_slug_taken()` is true."""
    of_mergers = Merger.objects.in_force().values_list("slug", flat=True)
    return [*Partner.objects.values_list("slug", flat=True), *of_mergers]
