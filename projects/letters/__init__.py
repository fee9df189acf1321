"""Letters to applicants: default texts, composing, PDF and the outbox."""
