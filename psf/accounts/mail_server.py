from django.conf import settings


def can_mail() -> bool:
    """Whether the site has a mail server."""
    return bool(settings.EMAIL_HOST)
