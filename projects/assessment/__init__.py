"""Assessors, points, conflicts of interest, the ranked list and the consensus.

`projects/models/assessment_visibility.py` alone decides who may read points and comments.
"""
