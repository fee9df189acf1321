"""Statistics of the public records: sums, charts, comparisons.

Every number starts from `public()`. Amounts of different kinds are never added. An amount
counts for the lead partner only, so no table counts an amount twice.
"""
