"""A call with 43 applications, its secrets, and the answers that readers get."""

from unittest import mock

from django.db.models import Max
from django.test import Client

from projects.assessment import assess as acts
from projects.models import Assessment, Call, Project
from psf.history import recording
from psf.history.models import ChangeSet, Channel
from tests.projects.imports.support import rows
from tests.support.factories import make_contact, make_document
from tests.support.hidden_records import REQUESTED, sent

RECEIVED, NOT_ELIGIBLE = range(1, 44), 12
FUNDED, RESERVE = range(1, 6), range(6, 8)
SECRET = "Guillemot"  # stands in what readers never see
SECRETS = [SECRET.encode(), b"54321", b"54 321", "54\N{NO-BREAK SPACE}321".encode()]
NEWS = "Kittiwake"  # stands in what becomes public, and only from the moment on
CALL = "/calls/psf-2025/"
PAGES = [f"/projects/psf-2025-{number:02}/" for number in range(1, 13)]
NOT_BEFORE = [*PAGES[:5], f"{CALL}announcement/", "/partners/kittiwake-1-harbour/"]
ADDRESSES = [
    *["/", "/calls/", CALL, f"{CALL}announcement/", "/projects/", *PAGES, "/partners/"],
    *["/lead-partners/", "/partners/kittiwake-1-harbour/", "/partners/guillemot-8-harbour/"],
    *["/countries/", "/countries/lv/", "/countries/lv/sheet/", "/figures/", "/timeline/"],
    "/compare/?call=psf-2025",
    *["/compare/?project=psf-2025-01&project=psf-2025-08", "/feed.atom", "/calls.ics"],
    *[
        "/?q=guillemot",
        "/projects/?q=guillemot",
        "/partners/?q=guillemot",
        "/projects/?q=kittiwake",
    ],
    *["/projects/?call=psf-2025", "/projects/?call=psf-2025&status=rejected"],
    *["/projects/?country=lv&sort=title", "/nowhere/", "/projects/?page=99"],
]


def name_of(number):
    return f"{NEWS if number in FUNDED else SECRET} {number}"


def file_of_applications():
    """Applications with two or three partners each, as staff have them in a spreadsheet."""
    applications = []
    for number in RECEIVED:
        name = name_of(number)
        shared = {
            "reference": f"PSF-2025-{number:02}",
            "title": f"{name} watches the coast",
            "starts_on": "2025-09-01",
            "ends_on": "2026-08-31",
            "partner_country": "LV",
            "partner_name": f"{name} harbour",
        }
        others = ["BY"] if number == NOT_ELIGIBLE else ["EE", "PL"]
        parts = [{"partner_role": "lead"}]
        parts += [
            {
                "partner_role": "partner",
                "partner_country": code,
                "partner_name": f"{name} in {code}",
            }
            for code in others
        ]
        applications += [shared | part for part in parts]
    return rows(*applications)


def plant_secrets():
    """Data outside the file that readers never see: requests, notes, persons, documents."""
    with recording.change_set(None, channel=Channel.COMMAND):
        projects = Project.objects.filter(call__slug="psf-2025")
        projects.update(requested_eur=REQUESTED, internal_note=SECRET)
        for project in projects:
            make_contact(project, name=SECRET, email=f"{SECRET}@example.org", purpose=SECRET)
            make_document(project, SECRET.encode(), extension="txt", title=f"{SECRET} document")


def assess_the_others(accounts):
    """What both assessors do with the applications that nobody assessed in the browser."""
    waiting = Assessment.objects.filter(submitted_at=None).select_related("project__call")
    for assessment in waiting.filter(assessor__in=accounts):
        by = assessment.assessor
        points = max(0, 11 - int(assessment.project.reference[-2:]))
        scores = {row.pk: (points, SECRET) for row in assessment.project.call.criteria.all()}
        with recording.change_set(by, channel=Channel.ASSESSMENT):
            acts.declare(assessment, by)
            acts.save(assessment, by, scores, SECRET, "fund")
            acts.submit(assessment, by)


def probe(at=None):
    """The answers to an anonymous reader by address, at a moment or now."""
    if at:
        with mock.patch("django.utils.timezone.now", return_value=at):
            return probe()
    return {address: Client().get(address) for address in ADDRESSES}


def content_of(address, response):
    """The answer and its headers, without the words in the address itself."""
    slug = address.strip("/").rpartition("/")[2]
    sought = "kittiwake" if "q=kittiwake" in address else "guillemot"
    whole = sent(response)
    for word in [slug, slug.replace("-", " "), sought]:
        whole = whole.replace(word.encode(), b"")
    return whole


def addresses_with(words, answers):
    """The addresses whose answer contains any of the words."""
    return [
        address
        for address, answer in answers.items()
        if any(word in content_of(address, answer) for word in words)
    ]


def secrets_in(answers):
    """The addresses whose answer contains facts that stay internal for ever."""
    return addresses_with(SECRETS, answers)


def results_in(answers):
    """The addresses whose answer contains facts about the decision."""
    return addresses_with([NEWS.encode(), NEWS.lower().encode()], answers)


def last_change():
    return ChangeSet.objects.aggregate(last=Max("pk"))["last"] or 0


def channels_since(change):
    return set(ChangeSet.objects.filter(pk__gt=change).values_list("channel", flat=True))


def the_call():
    return Call.objects.get(slug="psf-2025")
