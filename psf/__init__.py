"""The Django project: settings, addresses, and the rooms that partners and projects build on."""
