"""The life of a call, from its setup to the last report of its projects."""
