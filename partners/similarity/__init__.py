"""How similar the names of two organisations are; knows names and no records."""
