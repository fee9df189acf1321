"""Assessors, points, conflicts of interest, the ranked list and the consensus.

`AssessmentQuerySet.visible_to()` alone decides who may read points and comments.
"""
