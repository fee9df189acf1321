"""The audit log: sign-ins, failures, refusals, publications, imports and exports."""
