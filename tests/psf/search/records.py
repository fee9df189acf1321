"""Projects and organisations for the tests of the search."""

from datetime import UTC, datetime

from partners.models import CountryName
from tests.support.factories import (
    make_call,
    make_country,
    make_partner,
    make_partner_name,
    make_partnership,
    make_priority,
    make_project,
    make_public_project,
    make_topic,
)

NAMES_OF_COUNTRIES = {
    "LV": ["Latvija", "Lettland", "Łotwa", "Латвия"],
    "LT": ["Lietuva", "Litauen", "Litwa"],
    "SE": ["Sverige", "Schweden", "Ruotsi", "Szwecja"],
    "PL": ["Polska", "Polen", "Puola"],
    "DE": ["Deutschland", "Saksa", "Niemcy"],
    "FI": ["Suomi", "Finnland", "Soome"],
    "RU": ["Россия", "Venäjä"],
}


def make_countries():
    for code, names in NAMES_OF_COUNTRIES.items():
        country = make_country(code)
        for name in names:
            CountryName.objects.create(country=country, text=name)


def make_world():
    """Create projects with the acronyms ALPHA to ECHO, and a hidden project."""
    make_countries()
    old = make_call(opens_at=None, closes_at=datetime(2018, 3, 31, 12, tzinfo=UTC))
    new = make_call(opens_at=None, closes_at=datetime(2021, 3, 31, 12, tzinfo=UTC))
    lodz = make_partner("City of Łódź", country="PL", city="Łódź")
    thunen = make_partner("Thünen Institute", country="DE", city="Braunschweig")
    make_partner_name(thunen, "Johann Heinrich von Thünen-Institut", language="de")
    stellit = make_partner("Stellit", country="RU", city="Санкт-Петербург")
    make_partner_name(stellit, "Стеллит", language="ru")
    make_partner_name(stellit, "NGO for Social Projects “Stellit”", kind="former")
    museum = make_partner("M. K. Čiurlionis National Museum of Art", country="LT", city="Kaunas")
    youth = make_partner("Active Youth Association", country="LT")
    make_partner_name(youth, "Asociacija „Aktyvus jaunimas“", language="lt")
    gdansk = make_partner("Gdańsk Crisis Centre", country="PL", city="Gdańsk")
    ombuds = make_partner("Barnombudsmannen", country="SE", city="Malmö")

    def project(lead, acronym, title, *, partners=(), topics=(), priorities=(), **fields):
        created = make_public_project(lead, acronym=acronym, title=title, **fields)
        for partner in partners:
            make_partnership(created, partner)
        created.topics.add(*topics)
        created.priorities.add(*priorities)
        return created

    trade, child = make_topic("Human trafficking"), make_topic("Child protection")
    safe, heritage = make_priority("Safe & Secure Region"), make_priority("Regional Identity")
    project(
        stellit,
        "ALPHA",
        "Preventing human trafficking",
        call=new,
        reference="PSF-2021-01",
        partners=[ombuds],
        topics=[trade],
        priorities=[safe],
        summary="Police officers learn to recognise those who were trafficked.",
        description="Studies of migration. Workshops in three cities follow the studies.",
    )
    project(
        gdansk,
        "BRAVO",
        "Safe houses around the sea",
        call=old,
        reference="PSF-2018-07",
        partners=[lodz, youth],
        topics=[trade, child],
        priorities=[safe],
        summary="A network of shelters for children and women.",
        description="Each house is run by a municipality. Policies differ; children do not.",
    )
    project(
        museum,
        "CHARLIE",
        "Čiurlionis and the sea: art for young people",
        call=new,
        reference="PSF-2021-02",
        partners=[lodz],
        priorities=[heritage],
        summary="Exhibitions of paintings, on loan from the National Museum.",
        description="Articles on art. The policy of loans is described in a handbook.",
    )
    project(
        thunen,
        "DELTA",
        "Sustainable fisheries in the Baltic Sea",
        call=old,
        reference="PSF-2018-03",
        partners=[ombuds],
        summary="Cod, herring and the people who fish them.",
        description="Fishing villages keep their harbours. CO2-neutral boats; 50% less fuel.",
    )
    project(
        youth,
        "ECHO",
        "Straße der Kinder",
        call=old,
        reference="PSF-2018-05",
        title_language="de",
        summary="A street in each town belongs to its children for one day.",
        description="Children plan it. Planning began in 2017 & ended in 2018. <b>Bold</b> ideas.",
    )
    hidden = make_project(call=new, title="Trafficking draft zebra", acronym="HIDDEN")
    make_partnership(hidden, make_partner("Zebra Society", country="FI"), role="lead")
