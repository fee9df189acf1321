import pytest
from django.core.exceptions import ValidationError

from partners.models import PartnerName
from psf.history import tracking


@pytest.fixture(autouse=True)
def no_checks(monkeypatch):
    monkeypatch.setattr(tracking, "CHECKS", {})


def test_registered_checks_are_called_with_the_row():
    def refuse(name: PartnerName) -> None:
        raise ValidationError(name.text)

    tracking.register_check(PartnerName, refuse)
    with pytest.raises(ValidationError, match="Harbour"):
        tracking.check_row(PartnerName(text="Harbour"))
