"""Search: one document of folded words for each project and each organisation.

`words` makes words of texts, `asking` reads what a person typed, `index` keeps the documents
and finds them, `sqlite` and `postgresql` say it to the databases, `notes` are the triggers by
which a database itself notes what has changed. `marks` and `advice` are for the pages.
"""
