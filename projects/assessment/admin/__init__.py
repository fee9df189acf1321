"""The admin pages of the assessment, for assessors and for the secretariat."""
