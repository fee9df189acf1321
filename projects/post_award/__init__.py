"""The time after an award: agreement, payments, reports, amendments, documents and outputs.

Each action is a service that succeeds completely or raises `ValidationError`. The page asks for the
permission `projects.manage_awards`. The history undoes mistakes.
"""
