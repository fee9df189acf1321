"""The admin pages that publish and unpublish calls and projects."""
