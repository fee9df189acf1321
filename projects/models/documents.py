"""Sources, documents and outputs of a record."""

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.calls import Call
from projects.models.choices import DocumentKind, OutputKind, SourceAbout
from projects.models.post_award import Report
from projects.models.projects import Project
from projects.models.publication import is_public
from projects.permissions import VIEW_CONTACT
from psf.database import constraints
from psf.database.fields import account_field, optional_day_field
from psf.files.types import PICTURE
from psf.text.slugs import slug_of
from psf.text.validators import language_tag

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


@constraints.of_fields
class Source(models.Model):
    """The publication that supports a fact on the page of a call or project."""

    call = models.ForeignKey(
        Call, on_delete=models.CASCADE, null=True, blank=True, related_name="sources"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, blank=True, related_name="sources"
    )
    about = models.CharField(_("fact"), max_length=12, choices=SourceAbout.choices)
    citation = models.CharField(_("source"), max_length=500, help_text=_("Publisher and title."))
    url = models.URLField(_("address"), max_length=500, blank=True)
    note = models.CharField(
        _("note"), max_length=500, blank=True, help_text=_("Differences from the record, if any.")
    )

    class Meta:
        ordering = ["about", "pk"]
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.CheckConstraint(
                name="source_is_of_a_call_or_a_project",
                condition=Q(call__isnull=False, project__isnull=True)
                | Q(call__isnull=True, project__isnull=False),
                violation_error_message=_("A source belongs to a call or to a project."),
            )
        ]

    def __str__(self) -> str:
        return self.citation


def download_name(title: str, stored_name: str) -> str:
    """The file name of a download, such as "final-report.pdf"."""
    return f"{slug_of(title) or 'document'}.{stored_name.rpartition('.')[2]}"


Row = TypeVar("Row", bound=models.Model)


class PublishedQuerySet(models.QuerySet[Row]):
    def public(self) -> Self:
        return self.filter(is_public(through="project__"), published_at__isnull=False)


class DocumentQuerySet(PublishedQuerySet["Document"]):
    def for_account(self, account: "User | AnonymousUser") -> Self:
        """With `is_downloadable`: whether this account, which sees documents, may open the file.

        An application names the contact person of its project.
        """
        is_open = ~Q(kind=DocumentKind.APPLICATION) | Value(account.has_perm(VIEW_CONTACT))
        return self.annotate(is_downloadable=ExpressionWrapper(is_open, models.BooleanField()))

    def downloadable_by(self, account: "User | AnonymousUser") -> Self:
        return self.for_account(account).filter(is_downloadable=True)

    def for_assessors(self) -> Self:
        """The applications without the form of the call, whose workbook has the contact person."""
        return self.filter(kind=DocumentKind.APPLICATION).exclude(stored_name__endswith=".xlsx")


@constraints.of_fields
class Document(models.Model):
    """A file of a project, stored in MEDIA_ROOT under a random name."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="documents", verbose_name=_("project")
    )
    report = models.ForeignKey(
        Report,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("belongs to the report"),
    )
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=11, choices=DocumentKind.choices, default=DocumentKind.OTHER
    )
    language = models.CharField(
        _("language"),
        max_length=35,
        default="en",
        validators=[language_tag],
        help_text=_("Language code of title and text, such as en or lv."),
    )
    day = optional_day_field(_("date of the document"), help_text=_("Empty: not known."))
    licence = models.CharField(
        _("licence"), max_length=100, blank=True, help_text=_("Such as CC BY 4.0.")
    )
    alternative = models.CharField(
        _("alternative text"),
        max_length=250,
        blank=True,
        help_text=_("What a picture shows, for readers who cannot see it. Its title is shown too."),
    )
    has_consent = models.BooleanField(
        _("everyone agreed"),
        default=False,
        help_text=_(
            "The photographer, and everyone who can be recognised, agreed to the publication."
        ),
    )
    stored_name = models.CharField(_("file"), max_length=40, editable=False)
    sha256 = models.CharField(_("check sum"), max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"), editable=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    added_by = account_field(_("added by"), editable=False)
    published_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["project", "-added_at", "-pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.UniqueConstraint(
                name="document_file_is_its_own",
                fields=["stored_name"],
                violation_error_message=_("This file belongs to another document."),
            ),
            models.CheckConstraint(
                name="document_is_a_picture_by_its_kind_and_file",
                condition=Q(kind=DocumentKind.PICTURE, stored_name__endswith=f".{PICTURE}")
                | ~Q(kind=DocumentKind.PICTURE) & ~Q(stored_name__endswith=f".{PICTURE}"),
                violation_error_message=_(
                    "A picture keeps its kind, and another document becomes no picture: add the "
                    "file again."
                ),
            ),
            models.CheckConstraint(
                name="document_public_picture_has_words_and_consent",
                condition=~Q(kind=DocumentKind.PICTURE)
                | Q(published_at__isnull=True)
                | ~Q(alternative="") & Q(has_consent=True),
                violation_error_message=_(
                    "A public picture needs its alternative text, and the consent of everyone."
                ),
            ),
            models.CheckConstraint(
                name="document_application_is_never_public",
                condition=~Q(kind=DocumentKind.APPLICATION) | Q(published_at__isnull=True),
                violation_error_message=_(
                    "An application names its contact person, so it cannot be public: add a copy "
                    "without personal data as another kind of document."
                ),
            ),
            models.UniqueConstraint(
                name="document_one_public_picture_per_project",
                fields=["project"],
                condition=Q(kind=DocumentKind.PICTURE, published_at__isnull=False),
                violation_error_message=_(
                    "The project shows another picture already: unpublish that one first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:document", args=[self.project.slug, self.pk, self.file_name])

    @property
    def extension(self) -> str:
        return self.stored_name.rpartition(".")[2]

    @property
    def file_name(self) -> str:
        return download_name(self.title, self.stored_name)


@constraints.of_fields
class Output(models.Model):
    """A result of a project with a link, a document, or both."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="outputs", verbose_name=_("project")
    )
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=11, choices=OutputKind.choices)
    language = models.CharField(
        _("language"),
        max_length=35,
        default="en",
        validators=[language_tag],
        help_text=_("Language code of title and text, such as en or lv."),
    )
    day = optional_day_field(_("day"), help_text=_("Empty: not known."))
    url = models.URLField(_("link"), max_length=500, blank=True)
    document = models.ForeignKey(
        Document,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="outputs",
        verbose_name=_("document"),
    )
    licence = models.CharField(
        _("licence"), max_length=100, blank=True, help_text=_("Such as CC BY 4.0.")
    )
    published_at = models.DateTimeField(_("public since"), null=True, blank=True, editable=False)

    objects = PublishedQuerySet.as_manager()

    class Meta:
        ordering = ["project", F("day").desc(nulls_last=True), "pk"]
        verbose_name = _("output")
        verbose_name_plural = _("outputs")
        constraints = [
            models.CheckConstraint(
                name="output_has_a_link_or_a_document",
                condition=~Q(url="") | Q(document__isnull=False),
                violation_error_message=_("An output needs a link, a document, or both."),
            )
        ]

    def __str__(self) -> str:
        return self.title
