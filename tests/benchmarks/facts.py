"""Facts about the data of a run: words, addresses, and a session of staff. Prints JSON."""

import json
from collections import Counter

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client  # noqa: E402

from partners.models import Partner  # noqa: E402
from projects.models import Project, ProjectStatus  # noqa: E402
from projects.search import PROJECTS  # noqa: E402
from psf.history import recording  # noqa: E402
from psf.history.models import Channel  # noqa: E402
from psf.search.index import build_documents  # noqa: E402
from tests.make_data.vocabulary import RARE  # noqa: E402

SAMPLE = 1000
# Changes of public projects, which have as many versions.
EDITS, EDITED = 1600, 400


# So many words of about the wanted frequency are tried: most begin others, or have inflections.
TRIED = 40


def words() -> dict[str, str]:
    """A word that finds about a third of the projects, one for a hundredth, and one for ten."""
    projects = Project.objects.public()
    keys = projects.order_by("pk").values_list("pk", flat=True)[:SAMPLE]
    texts = [document.words() for document in build_documents(PROJECTS, [*keys])]
    number, counted = len(texts), Counter(word for text in texts for word in text)
    long_enough = [word for word in sorted(counted) if len(word) > 3 and word.isalpha()]

    def nearest(share: float) -> str:
        likely = sorted(long_enough, key=lambda word: abs(counted[word] - share * number))[:TRIED]
        wanted = share * projects.count()
        return min(likely, key=lambda word: abs(projects.found_by(word).count() - wanted))

    return {"broad": nearest(0.3), "medium": nearest(0.01), "rare": RARE}


def staff_session() -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("benchmark"))
    return client.cookies["sessionid"].value


def project_with_partners(number: int) -> int:
    """The key of a project with so many partners, which this function adds."""
    project = Project.objects.earliest("pk")
    while (count := project.partnerships.count()) < number:
        partner = Partner.objects.exclude(partnerships__project=project).earliest("pk")
        project.partnerships.create(partner=partner, country=partner.country, position=count)
    return project.pk


def edit_projects() -> str:
    """A history of some years: edits of published projects. Returns the address of one of them."""
    projects = list(Project.objects.public().order_by("pk")[:EDITED])
    for number in range(EDITS):
        project = projects[number % len(projects)]
        with recording.change_set(None, channel=Channel.FORM):
            Project.objects.filter(pk=project.pk).update(acronym=f"EDIT{number}")
    return projects[-1].slug


def main() -> None:
    projects = Project.objects.public()
    partners = Partner.objects.annotate(parts=Count("partnerships")).order_by("-parts", "pk")
    running = projects.filter(status=ProjectStatus.RUNNING, partnerships__country="SE")
    newest = running.select_related("call").latest("call__closes_at", "pk")
    facts = {
        **words(),
        "project": projects.order_by("pk")[projects.count() // 2].slug,
        "edited": edit_projects(),
        "year": newest.call.closing_day().year,
        "partner": partners[10].slug,
        "form": project_with_partners(10),
        "last": (projects.count() + 24) // 25,
        "session": staff_session(),
    }
    print(json.dumps(facts))  # noqa: T201


main()
