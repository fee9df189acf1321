import pytest
from django.core.exceptions import ValidationError

from partners.models import Partner, PartnerName
from psf.history import record_checks


@pytest.fixture(autouse=True)
def no_checks(monkeypatch):
    monkeypatch.setattr(record_checks, "CHECKS", {})


def test_registered_checks_are_called_with_the_row():
    def refuse(name: PartnerName) -> None:
        raise ValidationError(name.text)

    record_checks.register_check(PartnerName, refuse)
    with pytest.raises(ValidationError, match="Harbour"):
        record_checks.check_row(PartnerName(text="Harbour"))


def test_model_without_a_rule_has_no_checks():
    assert not record_checks.has_checks(PartnerName)
    assert record_checks.has_checks(Partner)  # `clean()` follows its parents

    record_checks.register_check(PartnerName, print)
    assert record_checks.has_checks(PartnerName)
