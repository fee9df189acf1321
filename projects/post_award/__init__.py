"""The time after an award: agreement, payments, reports, amendments, documents and outputs.

Each action is a service that succeeds completely or raises `ValidationError`. The page asks for the
permission `projects.follow_project`. The history undoes mistakes.
"""
