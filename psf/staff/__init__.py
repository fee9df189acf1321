"""The shared base of all admin pages: records, pages beside a record, concurrent edits, widgets."""
