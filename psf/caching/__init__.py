"""The data version, cached values and pages, shared counts, and readers on a replica."""
