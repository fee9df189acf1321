"""Announcements in the layouts of all years, with invented content."""

from partners.matching.country_names import CountryNames
from projects.announcements.reader import parse_text

_SHOWN = "BA Bosnia & Herzegovina, BY Belarus, CG Congo - Brazzaville, DE Germany, DK Denmark, "
_SHOWN += "EE Estonia, FI Finland, GB United Kingdom, GN Guinea, GW Guinea-Bissau, IS Iceland, "
_SHOWN += "LT Lithuania, LV Latvia, MM Myanmar (Burma), NL Netherlands, NO Norway, PL Poland, "
_SHOWN += "RU Russia, SE Sweden"
SHOWN = [(name[:2], name[3:]) for name in _SHOWN.split(", ")]
OTHER = [
    ("RU", "Russian Federation"),
    ("FI", "Suomi"),
    ("LT", "Shared name"),
    ("PL", "Shared name"),
]
PLACES = CountryNames(OTHER, SHOWN)


def reading_of(text, priorities=()):
    return parse_text(text, PLACES, priorities)


def only_project(text):
    (project,) = reading_of(text).projects
    return project


def rows(project):
    return [(row.country, row.name) for row in project.partners]


YEAR_2016 = """PSF projects 2016-2018

2016-2018 Harbours Remember

Four museums tell how fishing villages became resorts. The exhibition travels by ship.

Lithuania –  Jūros namai-muziejus (Lithuania),
Poland –  Muzeum Łodzi ,
Germany – Hafenmuseum Greifswald (Germany),
Sweden – Österlens museum
2017-18 Songs of the Shore
Choirs from two coasts sing together.

Estonia –  Rannarahva koor,
Latvia - Liepājas koris (Latvia)"""

YEAR_2018 = """PSF 2018

This year 43 applications were received. Seven projects were chosen by the CSO.

Courses for Small Firms 2018-2019

Lead partner:  Finland (Northern University) in partnership with Belarus, Germany, Latvia, \
and Russia

Students advise small firms.

Festival of Islands (2018 – 2020)
Lead partner: Sweden (Island Radio) in partnership with Finland, Latvia & Russia

The festival visits an island each summer.

Project partners:

Sweden – Island Radio
Finland –  Saaristoradio
Russia – Swedish Consulate-General, St Petersburg, Russia
Latvia – Salu radio,
"""

YEAR_2019 = """The Facility gives money to projects for safety

This year’s call was about safety\N{NO-BREAK SPACE}and ‘Safe and Secure Region.

We thank everyone for the 12 eligible, careful projects that we received. 2 were chosen by our \
Committee of Senior Officials to be given funding of up to 65 000 Euros.

PSF 2019

Lead partner: Norway (Friends of Children (FOC) Norway, Harbour Forum) in partnership with Latvia, \
Sweden and Russia

Young people learn whom to ask for help; “help comes, they say.

Project Parnters:

Norway: FOC Norway/Harbour Forum

Latvia: Association Centre

Sweden: Swedish platform Safe Streets

Russia: NGO Zvezdny, charity fund
Lead partner: Latvia (Ministry of the Interior of the Republic of Latvia) in partnership with \
Estonia, Finland and Denmark

The workshops are held in Norway, Finland and Poland.

Project Partners

Latvia: Ministry of the Interior of the Republic of Latvia

Finland: Finland Turvaa Lapsia ry/Trygga Barn rf/ Safe Children

Finland: Southwest Finland Emergency Services

Russia: Regional Organisation for Care “Zvezdny”

Denmark: Ministry of Foreign Affairs"""

YEAR_2020 = """PSF 2020

Priority; Safe and Secure Region
Project leader: MARTA center
Participating countries:Latvia, Estonia, Lithuania

Youth groups speak about violence before it happens.

Priority; Regional Identity
Project leader: Polar University
Participating countries: Russia, Latvia, Germany
Researchers visit each other.
"""

YEAR_2021 = """PSF 2021

A Quiet Harbour

Lead Partner: Active Neighbours in partnership with Lithuania, Sweden, Latvia, Poland.

Neighbours look after each other.

Village Plans for All

Lead Partner: Institute of Villages in partnership with Denmark, Latvia, Atlantis and Russia.
Villages plan together.
"""

YEAR_2023 = """PSF 2023
The Committee of Senior Officials has decided to fund one project out of 55 applications submitted.

Nothing Is Waste
Priority: Regional Identity, Safe & Secure Region & Sustainable and Prosperous Region
Lead partner: Let´s Mend It Foundation (Estonia) in partnership with Germany and Poland
Schools repair what breaks.
Project partners:
Estonia: Let´s Mend It Foundation
Germany: Reparaturverein (e.V.
Poland
"""

CONTACTS = """PSF 2022
Lighthouses
Lead partner: Sweden (Island Trust) in partnership with Norway
They shine. For more information, please contact Ms. Eva Example, who coordinates the Facility.
Project partners:
Sweden: Island Trust, contact: Anna Example, anna@example.org
Norway: Fyr AS (Ola Example, +47 22 11 22 33)
Denmark: Havne, Bo Example, bo@example.org
Contact person:
Kari Example
Project manager: Per Example
If you have questions, contact Jonas Example at the secretariat.
Tel. 08-440 19 20
"""

MARKUP = """# PSF 2021

## **Storm Watch**

**Lead partner:** Latvia (Harbour Board) in partnership with Estonia and Finland

It warns.<br>

<h3>Project partners:</h3>

* **Latvia:** Harbour Board
* **Estonia:** Sadamate Liit&nbsp;
<li>Finland: Satamat &amp; Laiturit ry</li>
"""
