"""What came of the projects: their stories and published outputs, by topic."""

from collections import defaultdict
from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.list_index.facet_sets import public_sets
from projects.list_index.index import NEWEST_PROJECTS, ORDERS, frequent_topics, newest_of_groups
from projects.models import Output, Project, Topic
from projects.pages.project_detail import NEWEST_FIRST

SHOWN = 200  # projects


class ProjectResult(NamedTuple):
    project: Project
    outputs: list[Output]


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The newest public projects with a story or an output, under each of their topics."""
    outputs = Output.objects.public()
    told = Project.objects.public().filter(~Q(story="") | Q(pk__in=outputs.values("project")))
    newest = told.select_related("call").prefetch_related("topics").order_by(*ORDERS["newest"])
    projects = list(newest[:SHOWN])
    of_project = defaultdict[int, list[Output]](list)
    rows = outputs.filter(project__in=projects).order_by(*NEWEST_FIRST)
    for output in rows.select_related("document__project"):
        of_project[output.project_id].append(output)
    by_topic = defaultdict[Topic | None, list[ProjectResult]](list)
    for project in projects:
        for topic in project.topics.all() or [None]:
            by_topic[topic].append(ProjectResult(project, of_project[project.pk]))
    shelves = sorted(by_topic.items(), key=lambda shelf: (shelf[0] is None, str(shelf[0])))
    context: dict[str, Any] = {"shelves": shelves, "is_cut": len(projects) == SHOWN}
    if not shelves:
        [without_results] = newest_of_groups(NEWEST_PROJECTS, public_sets().everything)
        context |= {"topics": frequent_topics(), "newest": without_results}
    return render(request, "projects/results.html", context)
