"""The assessment of a call's applications: who assesses what, points, ranking, consensus.

Who may read points and words is said once, in `AssessmentQuerySet.visible_to()`.
"""
