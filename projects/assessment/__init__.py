"""Assessors, points, conflicts of interest, the ranked list and the consensus.

`projects/models/assessments.py` alone decides who may read points and comments.
"""
