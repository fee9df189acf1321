from django.db import models
from django.utils.translation import gettext_lazy as _


class PartnerKind(models.TextChoices):
    MINISTRY = "ministry", _("ministry")
    AGENCY = "agency", _("agency")
    MUNICIPALITY = "municipality", _("municipality")
    EMERGENCY_SERVICE = "emergency_service", _("emergency service")
    UNIVERSITY = "university", _("university or research")
    NGO = "ngo", _("non-governmental organisation")
    INTERNATIONAL = "international", _("international organisation")
    COMPANY = "company", _("company")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("kind not known")


class NameKind(models.TextChoices):
    OFFICIAL = "official", _("official")
    ENGLISH = "english", _("English")
    ABBREVIATION = "abbreviation", _("abbreviation")
    FORMER = "former", _("former")
    AS_PUBLISHED = "as_published", _("as published")


class MembershipStatus(models.TextChoices):
    MEMBER = "member", _("member")
    OBSERVER = "observer", _("observer")
    SUSPENDED = "suspended", _("suspended")
    FORMER = "former", _("former member")
