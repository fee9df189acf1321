"""Database addresses, constraints, record versions, triggers, SQL, key sets."""
