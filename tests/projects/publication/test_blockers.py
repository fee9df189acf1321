"""The conditions of publication hold for restored records too."""

import pytest
from django.core.exceptions import ValidationError

from projects.models import Project
from projects.publication.publish import check_public_project
from tests.support.factories import make_public_project

pytestmark = pytest.mark.django_db


def test_only_a_public_project_needs_a_lead_partner():
    project = make_public_project()
    check_public_project(project)
    project.partnerships.all().delete()
    with pytest.raises(ValidationError, match="needs a lead partner"):
        check_public_project(project)
    Project.objects.update(published_at=None)
    check_public_project(Project.objects.get())
