"""One change to many projects."""
