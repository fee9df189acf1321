"""The call of 2019, earlier years, and a generator of synthetic data."""
