"""Names of one body in several spellings and languages, and different bodies with similar names."""

# By country, each line one body.
ONE_BODY = {
    "LV": [
        ["University of Latvia", "Latvijas Universitāte", "LATVIJAS UNIVERSITATE"],
        ["Riga Technical University", "Rīgas Tehniskā universitāte", "Riga Technical Univ."],
        ["Liepaja Municipal Police", "Liepājas pilsētas pašvaldības policija"],
        ["Ministry of the Interior of the Republic of Latvia", "Ministry of the Interior"],
        ["Riga City Council", "Rīgas dome", "Rīgas pilsētas pašvaldība"],
        ["MARTA Centre", "MARTA center", "Biedrība “Centrs MARTA”", "Centrs Marta"],
        ["Ekodoma", "SIA Ekodoma", "Ekodoma SIA"],
    ],
    "LT": [
        ["Vilnius University", "Vilniaus universitetas", "University of Vilnius"],
        ["Kaunas City Municipality", "Kauno miesto savivaldybė"],
        ["Mykolas Romeris University", "Mykolo Romerio universitetas"],
        ["Klaipėda University", "Klaipėdos universitetas", "Klaipeda University (KU)"],
    ],
    "EE": [
        ["University of Tartu", "Tartu Ülikool", "Tartu University"],
        ["Tallinn University of Technology", "Tallinna Tehnikaülikool"],
        ["City of Tallinn", "Tallinna linn", "Tallinn City Council"],
    ],
    "FI": [
        ["University of Turku", "Turun yliopisto", "Åbo universitet"],
        ["Suojellaan Lapsia ry", "Skydda Barn rf/Suojellaan Lapsia ry"],
        ["Arctic Centre", "Arctic Centre, University of Lapland"],
        ["University of Oulu", "Oulun yliopisto", "Oulu University"],
    ],
    "SE": [
        ["University of Gothenburg", "Göteborgs universitet", "Goteborg University"],
        ["Lund University", "Lunds universitet", "University of Lund"],
        ["Sahlgrenska University Hospital", "Sahlgrenska Universitetssjukhuset"],
        ["Umeå University", "Umeå universitet", "Umea University"],
    ],
    "NO": [
        ["University of Bergen", "Universitetet i Bergen", "Unversity of Bergen"],
        [
            "ECPAT Norway/Invisible Children Forum",
            "End Child Prostitution and Trafficking (ECPAT) Norway, Invisible Children Forum",
        ],
        [
            "Norwegian University of Science and Technology (NTNU)",
            "NTNU",
            "Department of Physics, NTNU, Trondheim, Norway",
        ],
        ["Ministry of Justice and Public Security", "Ministry of Justice an Public Security"],
    ],
    "DK": [
        ["University of Copenhagen", "Københavns Universitet", "Copenhagen University"],
        ["Technical University of Denmark", "Danmarks Tekniske Universitet"],
        ["Aarhus University Hospital", "Aarhus Universitetshospital"],
    ],
    "DE": [
        ["University of Münster", "Universität Münster", "University of Muenster"],
        ["Heinrich Heine University Düsseldorf", "Heinrich-Heine-Universität Duesseldorf"],
        ["Technical University of Munich", "TU München", "Technische Universität München"],
        ["Friedrich Schiller University Jena", "University of Jena", "Universität Jena"],
        ["Johann Heinrich von Thünen Institut", "von Thuenen-Institut"],
        ["Universitätsklinikum Ulm", "University Hospital Ulm", "University Hospital of Ulm"],
    ],
    "PL": [
        ["University of Warsaw", "Uniwersytet Warszawski"],
        ["Wrocław University of Science and Technology", "Politechnika Wrocławska"],
        ["Medical University of Gdańsk", "Gdański Uniwersytet Medyczny"],
        ["Fundacja Motus", "Motus Foundation"],
    ],
    "RU": [
        [
            "NGO Stellit",
            "NGO Stellit, charity fund",
            "Regional Public Organization of Social Projects “Stellit”",
        ],
        ["St. Petersburg State University", "Saint Petersburg University"],
    ],
}
TWO_BODIES = {
    "PL": [
        ("Uniwersytet Przyrodniczy w Poznaniu", "Uniwersytet Przyrodniczy we Wrocławiu"),
        ("University of Warsaw", "Medical University of Warsaw"),
        ("Warsaw University of Technology", "Medical University of Warsaw"),
    ],
    "DE": [
        ("Bavarian State Ministry of Justice", "Bavarian State Ministry of the Interior"),
        ("Freie Universität Berlin", "Technische Universität Berlin"),
        ("University of Cologne", "University Hospital Cologne"),
        ("University of Munich", "Technical University of Munich"),
    ],
    "LT": [
        ("Vilnius University", "Vilnius Gediminas Technical University"),
        ("Ministry of the Interior", "Ministry of Justice"),
    ],
    "LV": [
        ("Liepaja Municipality", "Liepaja Municipal Police"),
        ("Riga Secondary School No 1", "Riga Secondary School No 2"),
        ("Safe House", "Safe Harbour"),
    ],
    "FI": [
        ("Southwest Finland Emergency Services", "Northwest Finland Emergency Services"),
        ("Institute of Physics", "Institute of Physics and Chemistry"),
    ],
    "SE": [("Lund University", "Malmö University"), ("Association Centre", "Association North")],
}
