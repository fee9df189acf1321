"""The meaning of words in names of organisations, in the languages of the region.

Every word is folded (`psf.text.folding.fold`). "ae", "oe" and "ue" are written "a", "o" and "u",
because the same name is spelt with and without umlauts.
"""


def _table(text: str) -> dict[str, str]:
    """Map each word to the last word with a colon, and a word with a colon to itself."""
    table: dict[str, str] = {}
    meaning = ""
    for word in text.split():
        if word.endswith(":"):
            meaning = word.removesuffix(":")
        table[word.removesuffix(":")] = meaning
    return table


# One word for one thing in every language: kinds of bodies, and their subjects.
MEANING = _table(
    """
    university: universitat universite uniwersytet universitet universitetet universiteta
        universitas universitetas universiteto universitate universitates ulikool ulikooli
        yliopisto yliopiston univ uni universty unversity hogskola hogskolan hogskole hoyskole
        korkeakoulu akademia
    hospital: klinikum universitatsklinikum universitatsklinik uniklinik uniklinikum
        universitatsmedizin sykehus sjukhus sjukhuset universitetssjukhus
        universitetssjukhuset universitetssykehus universitetshospital universitetssygehus
        sygehus szpital slimnica ligonine haigla sairaala krankenhaus hospitals klinikums
        clinics klinikos
    institute: institut instytut instituts institutas institutet instituto instituutti
        instituut instituta institutes
    academy: akademie akademija akadeemia akatemia akademi akademiya academie
    ministry: ministerium ministerija ministeerium ministerio ministerstwo ministerstvo
        ministeriet departementet ministere ministries
    agency: agentur agentura agentuur agencja agenturen myndigheten myndighet styrelsen
        direktorat direktoratet directorate amet virasto agentstvo agencija authority
    municipality: kommune kommun gemeinde pasvaldiba pasvaldibas savivaldybe savivaldybes vald
        gmina kunta municipal city stadt linn linnavalitsus miesto miasto pilseta pilsetas
        dome taryba linnavolikogu novads novada rajono council
    police: policija policijas politsei poliisi polis politi policja polizei policiju
    centre: center zentrum centrum centras centrs keskus senter tsentr osrodek centra
    school: schule hochschule skole skola szkola mokykla kool koulu college gymnasium
    department: abteilung avdeling avdelning departamentas departaments osakond zaklad katedra
        lehrstuhl chair dept dep institutsleitung
    faculty: fakultat fakultet fakulteta wydzial fakultetas teaduskond
    clinic: klinik poliklinik klinika policlinic kliniken
    laboratory: laboratorium laboratoriet laboratorija lab laboratories laboratorio
    division: section unit sektion sektionen program programme group branch subdivision
        cluster
    research: forschung forschungs forskning forskningsinstitut badan
    science: sciences wissenschaften wissenschaft nauk zinatnu mokslu teaduste vetenskaps
        videnskab
    technology: technical technische technischen techniczny technika technologie technological
        tekniska tekniske polytechnical tehnika tehniskas technikos technologijos tehniska
        tehnologiju teknologi technik
    medical: medicine medizinische medizinischen medizin medyczny medicinsk medicinos
        medicinas medizinischer
    applied: angewandte angewandten
    agriculture: agricultural przyrodniczy rolniczy landbouw lauksaimniecibas
    economics: economy wirtschaft ekonomiczny ekonomikas
    art: arts kunst kunste taide makslas dailes
    free: freie
    interior: internal iekslietu vidaus siseministeerium sisaministerio inre innere inneren
    justice: tieslietu teisingumo oikeus justitie justis
    environment: environmental vides aplinkos keskkonna ymparisto miljo umwelt srodowiska
    foundation: stiftung fundacja saatio stiftelse stiftelsen fonds fondas sihtasutus
        fundatsiooni fond fund
    association: verein verband biedriba asociacija uhing yhdistys forening foreningen
        stowarzyszenie uhendus assotsiatsioon forbund forbundet asotsiatsija liit liitto
        zwiazek
    sea: ostsee meer jura juras meri mere hav havet morze
    baltic: ostersjon itameri baltijas baltijos balti laanemere baltyku
    children: child barn lapsia lapset lapsi kinder bernu vaiku laste dzieci
    youth: jugend nuoriso ungdom jaunatnes jaunimo jaunimas noorte mlodziezy
    safe: safety
    house: haus maja namai hus talo
    rescue: emergency pelastuslaitos raddning priesgaisrines paastaamet raddningstjansten
    culture: cultural kultur kultura kulturas kulturos
    """
)

# One word with two meanings.
TWO_MEANINGS = {
    "tu": ["technology", "university"],
    "politechnika": ["technology", "university"],
    "tehnikaulikool": ["technology", "university"],
    "ammattikorkeakoulu": ["applied", "university"],
    "fachhochschule": ["applied", "university"],
}

# Places with different names in different languages, and the adjectives of countries.
PLACES = _table(
    """
    copenhagen: kobenhavn kobenhavns kopenhagen
    gothenburg: goteborg goteborgs
    munich: munchen munchner
    cologne: koln kolner
    hannover: hanover
    nuremberg: nurnberg
    warsaw: warszawa warszawie warszawski warszawska warschau
    cracow: krakow krakowie krakowska jagiellonski
    wroclaw: wroclawska wroclawiu wroclawski breslau
    poznan: poznaniu poznanska posen
    gdansk: gdanski gdanska danzig
    lodz: lodzki lodzka
    szczecin: szczecinski stettin
    vienna: wien
    moscow: moskau moskva moskovskiy moskovskij
    petersburg: peterburg sanktpeterburg
    saint: st sankt
    helsinki: helsingfors helsingin
    turku: abo turun
    tampere: tammerfors tampereen
    tartu: tartus
    riga: rigas rigaer
    vilnius: vilniaus wilno
    kaunas: kauno
    klaipeda: klaipedos memel
    tallinn: tallinna reval
    liepaja: liepajas
    latvia: latvian latvijas latvija lettland
    lithuania: lithuanian lietuvos lietuva litauen
    estonia: estonian eesti estland
    finland: finnish suomen suomi finnland finlands
    sweden: swedish sveriges svenska sverige schweden
    norway: norwegian norges norsk norske norge norwegen
    denmark: danish danmarks dansk danske danmark
    germany: german deutsche deutscher deutsches deutschland deutschen frg
    poland: polish polska polski polskie polskiej polsce polen
    russia: russian rossii rossiya rossiyskaya russland
    iceland: icelandic islands island haskoli
    europe: european europa europaische
    """
)
COUNTRY_WORDS = {
    "latvia",
    "lithuania",
    "estonia",
    "finland",
    "sweden",
    "norway",
    "denmark",
    "germany",
    "poland",
    "russia",
    "iceland",
    "usa",
    "uk",
    "republic",
    "federation",
    "state",
    "kingdom",
}

# Articles, prepositions and conjunctions.
LITTLE_WORDS = {
    "the", "of", "for", "and", "an", "at", "in", "to", "by", "on", "with", "from",
    "der", "die", "das", "des", "dem", "den", "und", "fur", "im", "am", "zu", "zur", "vom",
    "von", "d", "de", "la", "le", "du", "et", "i", "w", "we", "z", "na", "dla", "nad", "ved",
    "vid", "och", "og", "av", "af", "till", "ja", "un", "ir", "no",
}  # fmt: skip
# Words so common in names that they do not distinguish organisations.
COMMON = {
    "organization",
    "organisation",
    "regional",
    "public",
    "charity",
    "social",
    "society",
    "foundation",
    "association",
    "national",
    "state",
    "republic",
    "federal",
    "federation",
    "autonomous",
    "higher",
    "professional",
    "education",
    "institution",
    "educational",
    "budgetary",
}
# Further words of names that many bodies share, such as primary schools. Folded.
GENERIC = {
    "primary", "elementary", "secondary", "basic", "high", "local", "central", "general",
    "foreign", "affairs", "finance", "health", "education", "labour", "defence", "transport",
    "security", "social", "zakladni", "stredni", "podstawowa", "grund", "grundskola", "pamatskola",
    "vidusskola", "pagrindine", "pohikool", "gymnasium", "library", "museum", "city",
}  # fmt: skip
GIVEN_NAMES = {"johann", "heinrich", "johannes", "karl", "carl", "friedrich", "wilhelm", "hans"}
# Each of these words beside the same place names a different body.
QUALIFIERS = {
    "technology",
    "medical",
    "applied",
    "agriculture",
    "economics",
    "art",
    "free",
    "science",
    "southern",
    "northern",
    "eastern",
    "western",
    "music",
    "pedagogical",
    "pedagogic",
    "education",
    "life",
    "sport",
    "veterinary",
    "culture",
    "business",
    "defence",
    "maritime",
    "new",
    "open",
    "polish",
    "management",
    "health",
    "transport",
    "law",
    "aviation",
    "rescue",
    "pharmaceutical",
}

# Kinds of bodies, by precedence: a university hospital is a hospital.
HEADS = [
    "hospital",
    "university",
    "ministry",
    "police",
    "agency",
    "municipality",
    "academy",
    "institute",
    "centre",
    "school",
]
UNIT_HEADS = {"department", "faculty", "clinic", "laboratory", "division"}
# A text with one of these words names the body; the other texts of the name are its units.
GREAT_HEADS = {"hospital", "university", "academy"}
