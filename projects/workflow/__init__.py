"""The status of an application: each change has its permission and stands in the history."""
