from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy

from psf.exports.files import json_text


def test_values_are_plain_json():
    moment = datetime(2019, 8, 16, 9, 30, tzinfo=UTC)
    values = [Decimal("65000.00"), Decimal("-0.50"), date(2019, 9, 1), moment, gettext_lazy("ā")]
    assert json_text(values) == '[65000, -0.5, "2019-09-01", "2019-08-16T09:30:00Z", "ā"]'
