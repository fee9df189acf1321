from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.similarity.profile import MatchWordsField
from psf.database import constraints
from psf.database.fields import optional_day_field
from psf.text.folding import FoldedField
from psf.text.validators import language_tag

from .choices import NameKind
from .organisations import Partner


@constraints.of_fields
class PartnerName(models.Model):
    """Another name of an organisation: in another language, a former name, as published.

    Readers see the name with its language. Every search for organisations finds it.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=300)
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        validators=[language_tag],
        help_text=_("Language code, such as fi. Empty if unknown or if the name mixes languages."),
    )
    kind = models.CharField(_("kind"), max_length=12, choices=NameKind.choices)
    valid_from = optional_day_field(_("from"))
    valid_to = optional_day_field(_("to"))
    source = models.CharField(
        _("source"),
        max_length=500,
        blank=True,
        help_text=_("Where the name is used. Shown to readers."),
    )
    folded = FoldedField(of=["text"])
    match_words = MatchWordsField(of=["text"])

    class Meta:
        ordering = ["partner", "kind", "language", "text"]
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        indexes = [models.Index(fields=["partner", "match_words"], name="partnername_like_names")]
        constraints = [
            models.UniqueConstraint(
                name="partnername_once_per_kind_and_language",
                fields=["partner", "text", "kind", "language"],
                violation_error_message=_("The organisation already has this name."),
            ),
            constraints.in_order(
                "partnername",
                "valid_from",
                "valid_to",
                _("The use of a name cannot end before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.text
