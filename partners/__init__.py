"""Countries, organisations, and the names that mean the same organisation."""
