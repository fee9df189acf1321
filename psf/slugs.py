from typing import Any

from psf.text import slug_of

_LONGEST = 90  # an address has room for 100 characters: the rest is for a number


def free_slug(rows: Any, *texts: str) -> str:
    """An address that none of the rows has, from the first text, then with the others added.

    `free_slug(Partner.objects.all(), "Ministry of the Interior", "LT")` gives
    ministry-of-the-interior, then ministry-of-the-interior-lt, then …-lt-2. A text without
    Latin letters says nothing in an address; if no text has any, the address is a number.
    Rows that know of more addresses than their own say so in `has_slug()`.
    """
    is_taken = getattr(rows, "has_slug", lambda slug: rows.filter(slug=slug).exists())
    slug = ""
    for text in texts:
        slug = "-".join(part for part in [slug, slug_of(text)] if part)[:_LONGEST].rstrip("-")
        if slug and not is_taken(slug):
            return slug
    stem = f"{slug}-" if slug else ""
    number = 2 if slug else 1
    while is_taken(f"{stem}{number}"):
        number += 1
    return f"{stem}{number}"
