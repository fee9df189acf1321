"""Documents in PostgreSQL: a table for each kind of record, with a `tsvector` and its index.

The words are folded before, so the vectors need no parser and no dictionary. Each word starts with
the number of its field, because an index does not store weights.
"""

from collections.abc import Iterable

from django.db import connection

from psf.search.document import Field, SearchDocument
from psf.search.query import Query, Term
from psf.search.tokens import BREAK, STEM
from psf.search.triggers import EVENTS, Watch

# PostgreSQL underestimates the cost of reading vectors and would scan the table. Inside the
# function it must use the index, and the caller sees an estimate of 1000 rows.
MATCH_FUNCTION = """
CREATE OR REPLACE FUNCTION {table}_found(wanted tsquery) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1000 SET enable_seqscan = off
AS $$ SELECT record FROM {table} WHERE words @@ wanted $$
"""
# One trigger for each statement. Existing notes are not checked: a note of a long import would
# make this transaction wait for the end of the import.
TRIGGER_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {insert}
    ELSIF TG_OP = 'DELETE' THEN {delete}
    ELSE {update}
    END IF;
    RETURN NULL;
END $$
"""
NOTE = """
INSERT INTO psf_searchnote (kind, record)
SELECT DISTINCT '{kind}', stale.record
FROM ({rows}) AS changed, LATERAL ({records}) AS stale;
"""
# To drop a trigger would lock its table for readers too, until the end of a rebuild.
TRIGGER = """
CREATE OR REPLACE TRIGGER {name}_{event} AFTER {event} ON {table} REFERENCING {rows}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


class PostgresqlEngine:
    """See `SearchEngine`."""

    def create_table(self, table: str) -> list[str]:
        columns = "record bigint PRIMARY KEY, digest text NOT NULL, words tsvector NOT NULL"
        return [
            f"CREATE TABLE {table} ({columns})",
            f"CREATE INDEX {table}_words ON {table} USING gin (words)",
            MATCH_FUNCTION.format(table=table),
        ]

    def drop_table(self, table: str) -> list[str]:
        # The function "some" is from earlier versions.
        functions = [f"DROP FUNCTION IF EXISTS {table}_{name}" for name in ["found", "some"]]
        return [f"DROP TABLE IF EXISTS {table}", *functions]

    def matching_keys_sql(self, table: str) -> str:
        return f"SELECT record FROM {table}_found(%s::tsquery) AS record"

    def digest_table(self, table: str) -> str:
        return table

    def condition(self, query: Query, fields: Iterable[Field], whole_words: bool = False) -> str:
        terms = " & ".join(_term(term, fields, whole_words) for term in query.required)
        return f"{terms} & !({self.excluded_condition(query)})" if query.excluded else terms

    def excluded_condition(self, query: Query) -> str:
        return " | ".join(_term(term, Field, whole_words=True) for term in query.excluded)

    def lock_documents(self, table: str, records: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (record, digest, words) "
                "SELECT record, '', '' FROM unnest(%s::bigint[]) AS record ON CONFLICT DO NOTHING",
                [records],
            )
            cursor.execute(
                f"SELECT record FROM {table} WHERE record = ANY(%s) ORDER BY record FOR UPDATE",
                [records],
            )

    def write_documents(self, table: str, documents: list[SearchDocument]) -> None:
        values = [(row.record, row.digest(), _vector(row)) for row in documents]
        sql = f"""
            UPDATE {table} SET digest = new.digest, words = new.words::tsvector
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (record, digest, words)
            WHERE {table}.record = new.record
        """
        columns = [list(column) for column in zip(*values, strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(sql, columns)

    def remove_documents(self, table: str, records: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE record = ANY(%s)", [records])

    def create_triggers(self, kind: str, watch: Watch) -> list[str]:
        name, columns = watch.name(kind), ", ".join(watch.columns)
        old, new = (f"SELECT {columns} FROM {rows}_rows" for rows in ["old", "new"])
        changed = f"({old} EXCEPT {new}) UNION ALL ({new} EXCEPT {old})"
        records = watch.records.format(row="changed")
        notes = {
            event: NOTE.format(kind=kind, rows=rows, records=records)
            for event, rows in {"insert": new, "delete": old, "update": changed}.items()
        }
        triggers = [
            TRIGGER.format(
                name=name,
                event=event.lower(),
                table=watch.table,
                rows=" ".join(f"{row.upper()} TABLE AS {row}_rows" for row in rows),
            )
            for event, rows in EVENTS.items()
        ]
        return [TRIGGER_FUNCTION.format(name=name, **notes), *triggers]

    def optimize(self, table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [f"{table}_words"])


def _term(term: Term, fields: Iterable[Field], whole_words: bool) -> str:
    phrases = [
        " <-> ".join(f"'{field}{word}'" for word in words) + (":*" if is_prefix else "")
        for field in fields
        for words, is_prefix in term.phrases(whole_words)
    ]
    return f"({' | '.join(phrases)})"


def _vector(document: SearchDocument) -> str:
    """Return the words with positions in their field, then the marked stems without positions.

    PostgreSQL itself ignores positions over its limits.
    """
    vector: list[str] = []
    for field, column in enumerate(document.columns):
        words, mark, stems = column.partition(STEM)
        lexemes: dict[str, str] = {}
        for position, word in enumerate(words.split(), 1):
            lexeme = lexemes.get(word)
            lexemes[word] = f"{lexeme},{position}" if lexeme else f"'{field}{word}':{position}"
        lexemes.pop(BREAK, None)
        vector += lexemes.values()
        vector += [f"'{field}{word}'" for word in f"{mark}{stems}".split()]
    return " ".join(vector)
