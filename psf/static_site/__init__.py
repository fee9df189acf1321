"""The public site as files: pages, data and assets that any web server can serve."""
