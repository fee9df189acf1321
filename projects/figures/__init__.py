"""What the public records say together: sums, pictures, comparisons.

Every number starts from `public()`. Amounts of one kind are never added to those of another,
and an amount stands with the lead partner, who answers for the grant, so that no amount is
counted twice in one table.
"""
