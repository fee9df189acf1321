"""The changes that readers would see if staff carried out an action."""
