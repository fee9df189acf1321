"""The sources of public lists: narrow rows kept by triggers, facet sets, order."""
