"""Many rows are added as Django itself would add them, in fewer words."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError

from partners.models import Partner, PartnerKind
from projects.models import AmountKind, Import, Project, ProjectStatus
from psf.database import bulk_insert as adding
from psf.database.bulk_insert import bulk_insert
from psf.search.models import SearchWord
from tests.support.factories import make_call, make_country, make_partner

pytestmark = pytest.mark.django_db


def partners(*names, **fields):
    return [
        Partner(name=name, slug=name.lower(), country_id="LV", kind=PartnerKind.OTHER, **fields)
        for name in names
    ]


@pytest.fixture(autouse=True)
def latvia():
    return make_country("LV")


def test_rows_equal_rows_saved_one_by_one(monkeypatch):
    monkeypatch.setattr(adding, "ROWS_A_STATEMENT", 2)
    added = bulk_insert(partners("Ōsta", "Pier", "Quay"))
    one_by_one = partners("Ōsta", "Pier", "Quay")
    for partner in one_by_one:
        partner.slug += "-2"
        partner.save()
    own = {"id", "slug"}
    fields = [field.attname for field in Partner._meta.local_fields if field.name not in own]
    values = Partner.objects.order_by("pk").values_list(*fields)
    assert list(values.filter(pk__in=[row.pk for row in added])) == list(
        values.filter(pk__in=[row.pk for row in one_by_one])
    )


def test_values_other_than_text_are_stored_unchanged():
    call = make_call()
    bulk_insert(
        [
            Project(
                call=call,
                reference="A",
                slug="a",
                title="Storm",
                starts_on=date(2030, 9, 1),
                amount_eur=Decimal("65000.50"),
                amount_kind=AmountKind.CEILING,
            ),
            Project(call=call, reference="B", slug="b", title="Calm"),
        ]
    )
    storm, calm = Project.objects.order_by("reference")
    assert (storm.starts_on, storm.amount_eur) == (date(2030, 9, 1), Decimal("65000.50"))
    assert (calm.starts_on, calm.amount_eur, calm.call) == (None, None, call)


@pytest.mark.parametrize("choices", ["text", 5, ["LV"], {"a": 1}])
def test_json_stays_json(choices):
    (row,) = bulk_insert([Import(call=make_call(), size=1, choices=choices)])
    row.refresh_from_db()
    assert row.choices == choices


HOSTILE = [
    "\\",
    r"\N",
    r"\.",
    "\\\t\n\r",
    "a\tb\nc\rd\r\ne",
    r"\t\n\x41\101",
    "'; DROP TABLE x; --",
    '"%s" %(name)s',
    "Ōsta, Łódź \u2028 \U0001f30a",
    "NULL",
    " ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_stored_unchanged(text):
    (first, second) = bulk_insert(
        Project(call=make_call(), reference=name, slug=name, title=text, summary=text + name)
        for name in ["a", "b"]
    )
    for row in (first, second):
        row.refresh_from_db()
        assert (row.title, row.summary) == (text, text + row.reference)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_and_bytes_are_stored_unchanged(text):
    content = text.encode() + bytes(range(256))
    (row,) = bulk_insert(
        [Import(call=make_call(), size=1, choices={text: [text]}, content=content)]
    )
    row.refresh_from_db()
    assert (row.choices, bytes(row.content)) == ({text: [text]}, content)


def test_a_moment_is_stored_with_its_zone():
    moment = datetime(2030, 9, 1, 12, 30, 5, 123456, tzinfo=timezone(timedelta(hours=3)))
    call = make_call()
    funded = {"status": ProjectStatus.FUNDED, "published_at": moment}
    (row,) = bulk_insert([Project(call=call, reference="A", slug="a", title="A", **funded)])
    row.refresh_from_db()
    assert row.published_at == moment


def test_a_key_is_never_used_twice():
    last = make_partner()
    gone = last.pk
    last.delete()
    first, second = bulk_insert(partners("Pier", "Quay"))
    assert gone < first.pk < second.pk
    assert make_partner().pk > second.pk


def test_a_row_keeps_the_key_that_it_has():
    key = make_partner().pk + 100
    one, other = bulk_insert([*partners("Pier", pk=key), *partners("Quay")])
    assert one.pk == key
    assert set(Partner.objects.filter(slug__in=["pier", "quay"]).values_list("pk", "slug")) == {
        (key, "pier"),
        (other.pk, "quay"),
    }


def test_nothing_is_added_of_nothing():
    assert bulk_insert(SearchWord(word=word) for word in "") == []


@pytest.mark.django_db(transaction=True)
def test_a_row_that_breaks_a_rule_keeps_out_the_others(monkeypatch):
    monkeypatch.setattr(adding, "ROWS_A_STATEMENT", 1)
    with pytest.raises(IntegrityError):
        bulk_insert([*partners("Pier", "Quay"), *partners("Pier")])
    assert not Partner.objects.exists()
