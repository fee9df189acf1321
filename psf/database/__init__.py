"""Constraints, record versions, triggers, SQL helpers, prepared queries, bulk inserts, key sets."""
