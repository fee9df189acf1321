"""The sources of public lists: facet sets, orders and rows."""
