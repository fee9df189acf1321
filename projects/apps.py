from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    """Calls and projects, and everything that they plug into the site."""

    name = "projects"
    verbose_name = _("Calls and projects")

    def ready(self) -> None:
        from partners.participation import provide
        from projects import participation
        from projects.eligibility.frozen_checks import install_evidence_trigger
        from projects.facts import DECLARED
        from projects.permissions import TO_SEE, TO_SEE_REASONS
        from projects.publication import events, previews
        from projects.publication.publish import next_change
        from projects.search import PROJECTS
        from psf.caching import values
        from psf.database import triggers
        from psf.history import tracking, visibility
        from psf.impact import preview as impact
        from psf.public_changes import versions
        from psf.public_changes.events import register_source
        from psf.search.index import register_index

        register_index(PROJECTS)
        triggers.register(install_evidence_trigger)
        tracking.track("projects")
        # Their changes expire no cached page. The page of a call says whether it has questions.
        tracking.keep_internal(*DECLARED.internal.keys() - {"projects.question"})
        # Deleted personal data leaves no trace.
        tracking.untrack("projects.callsubscription", "projects.contact", "projects.formmail")
        tracking.untrack("projects.letter.address")
        tracking.untrack("projects.evidence")  # no row ever changes
        visibility.permit(TO_SEE)
        visibility.permit_reasons(TO_SEE_REASONS)
        values.register(next_change)
        impact.register(
            {
                "projects.call": previews.call_pages,
                "projects.project": previews.project_pages,
            },
            previews.project_figures,
        )
        versions.register(previews.PROJECTS, previews.CALLS)
        register_source(events.newest_events)
        _register_checks()
        provide(participation)


def _register_checks() -> None:
    """Register the rules over several records, which a restored record must meet."""
    from projects.eligibility.award_limits import (
        check_call,
        check_decision,
        check_line,
        check_project,
    )
    from projects.models import Call, Decision, DecisionLine, Output, Partnership, Project
    from projects.post_award.actions import check_end, check_participation
    from projects.post_award.documents import check_output
    from projects.post_award.payment_limits import check_account
    from projects.publication.publish import check_public_project
    from projects.workflow.status_changes import check_move
    from psf.history.tracking import register_change_check, register_check

    register_check(Call, check_call)
    register_check(Decision, check_decision)
    register_check(DecisionLine, check_line)
    register_check(Output, check_output)
    register_check(Project, check_project, check_public_project, check_account)
    register_change_check(Project, check_move, check_end)
    register_change_check(Partnership, check_participation)
