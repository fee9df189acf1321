"""The status of an application: each change has a permission and is part of the history."""
