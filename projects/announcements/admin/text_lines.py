"""The lines of an announcement from which a project was made."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from projects.models import Project


def announcement_lines_of(project: Project) -> SafeString:
    """Return the lines, each with its number, its kind and its text; "" without lines."""
    lines = format_html_join(
        "",
        '<li><span class="psf-line__kind">{} · {}</span> <span>{}</span></li>',
        [
            (_("line %(number)d") % {"number": line.number}, line.get_kind_display(), line.text)
            for line in project.announcement_lines.select_related("announcement")
        ],
    )
    return format_html('<ol class="psf-evidence">{}</ol>', lines) if lines else lines
