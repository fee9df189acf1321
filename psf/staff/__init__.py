"""The shared base of all admin pages: saving, pages beside a record, history, widgets."""
