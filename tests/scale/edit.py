"""Changes the title of a public project in the staff form: `python -m tests.scale.edit`."""

import os

import django
from django.test.utils import setup_test_environment

os.environ["DJANGO_SETTINGS_MODULE"] = "psf.settings"
django.setup()
setup_test_environment()  # answers keep what their pages were made of

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

from projects.models import Project  # noqa: E402
from tests.support.accounts import save  # noqa: E402

account, _is_new = User.objects.get_or_create(username="edda", is_staff=True, is_superuser=True)
client = Client()
client.force_login(account)
project = Project.objects.public().order_by("pk")[0]
address = f"/admin/projects/project/{project.pk}/change/"
title = f"{project.title} sea"
save(client, address, title=title)
assert Project.objects.get(pk=project.pk).title == title
