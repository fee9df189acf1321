"""The rules of a call: in words for applicants, checked for staff; ceilings and budgets."""
