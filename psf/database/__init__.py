"""Constraints, record versions, triggers, SQL helpers, prepared queries, key sets."""
