"""How to cite the page of a project, for programs that keep references."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from projects.models import Project
from psf.text.phrases import permanent_address

AUTHOR = "Council of the Baltic Sea States, Project Support Facility"


def bibtex(project: Project) -> str:
    """An entry of BibTeX. Braces would end a field, and a backslash begins a command."""
    title = project.title.translate({ord(sign): " " for sign in "{}\\"})
    changed = timezone.localtime(project.changed_at)
    return (
        f"@misc{{{project.slug},\n"
        f"  author = {{{{{AUTHOR}}}}},\n"
        f"  title = {{{{{title}}}}},\n"
        f"  year = {{{changed.year}}},\n"
        f"  note = {{{project.reference}, as of {changed:%Y-%m-%d}}},\n"
        f"  url = {{{permanent_address(project)}}}\n"
        "}\n"
    )


def ris(project: Project) -> str:
    changed = timezone.localtime(project.changed_at)
    lines = [
        ("TY", "ELEC"),
        ("AU", AUTHOR),
        ("TI", " ".join(project.title.split())),
        ("PY", str(changed.year)),
        ("DA", f"{changed:%Y/%m/%d}"),
        ("M1", project.reference),
        ("UR", permanent_address(project)),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {value}\r\n" for tag, value in lines)


@require_safe
def bibtex_file(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.public(), slug=slug)
    return HttpResponse(bibtex(project), content_type="application/x-bibtex; charset=utf-8")


@require_safe
def ris_file(request: HttpRequest, slug: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.public(), slug=slug)
    kind = "application/x-research-info-systems; charset=utf-8"
    return HttpResponse(ris(project), content_type=kind)
