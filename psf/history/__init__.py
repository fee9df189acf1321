"""The audit trail: recorded by triggers, described in sentences, restored and undone."""
