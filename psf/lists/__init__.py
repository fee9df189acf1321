"""Lists for readers: filters, facets with counts, order, pages and advice for empty results."""
