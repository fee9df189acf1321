"""Public lists and pages of calls and projects, related projects, the feed."""
