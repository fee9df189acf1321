"""Public lists and pages of calls and projects, the page for applicants, the feeds."""
