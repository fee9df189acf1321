"""Database addresses, constraints, record versions, triggers, SQL, prepared queries, key sets."""
