"""The first page of each call, and Today: the stage, the next act, and what is blocked."""
