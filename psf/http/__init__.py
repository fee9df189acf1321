"""Middleware, error pages, query parameters and log lines."""
