"""Statistics of the public records: findings, timeline, portraits of countries, comparisons.

Every number starts from `public()`. Amounts of different kinds are never added. An amount
counts for the lead partner only, so no table counts an amount twice.
"""
