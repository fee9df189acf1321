"""The call of 2019 and earlier years."""
