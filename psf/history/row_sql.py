"""SQL expressions about a row that the triggers of both databases use."""

from django.db.models import Model

from psf.history.tracking import kind_of, parent_columns


def pk_column(model: type[Model]) -> str:
    return str(model._meta.pk.column)


def record_sql(model: type[Model], row: str, text_cast: str = "") -> tuple[str, str]:
    """Return SQL for the kind and the key of the record of a row.

    `row` is the name of the row in SQL. `text_cast` converts keys to text, such as "::text".
    """
    own_kind, parents = f"'{kind_of(model)}'", parent_columns(model)
    kinds = [f"WHEN {row}.\"{column}\" IS NOT NULL THEN '{kind}'" for kind, column in parents]
    columns = [*(parent.column for parent in parents), pk_column(model)]
    keys = [f'{row}."{column}"{text_cast}' for column in columns]
    if not parents:
        return own_kind, keys[0]
    return f"CASE {' '.join(kinds)} ELSE {own_kind} END", f"coalesce({', '.join(keys)})"
