"""Folding, slugs, dates, numbers, languages, phrases and mails."""
