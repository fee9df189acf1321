"""The pages of what follows an award, beside a project's form."""
