"""The admin pages that read announcements into drafts."""
