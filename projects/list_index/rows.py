"""The tables of `projects.models.listings`, and the SQL that writes their rows."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from projects.models.publication import SINCE_SQL
from psf.database.dialects import DIALECTS

# The columns with a copy in the tables. Changes of other columns write no rows.
PROJECT_COLUMNS = ["id", "published_at", "call_id"]
VALUE_COLUMNS = ["reference", "title", "status"]  # only copied to the listing
PART_COLUMNS = ["id", "project_id", "partner_id", "country_id", "role"]
CALL_COLUMNS = ["published_at", "closes_at"]
PARTNER_COLUMNS = ["kind", "country_id"]
MEMBERSHIP_COLUMNS = ["country_id", "status", "valid_from", "valid_to"]

TABLES = """
CREATE TABLE projects_listing (
    project_id {key} NOT NULL PRIMARY KEY,
    since {moment} NOT NULL,
    call_id bigint NOT NULL,
    closes_at {moment} NOT NULL,
    reference varchar(30) NOT NULL,
    title varchar(300) NOT NULL,
    status varchar(12) NOT NULL,
    memberships text NOT NULL
);
CREATE INDEX listing_newest ON projects_listing (closes_at DESC, reference, since, project_id);
CREATE INDEX listing_by_call ON projects_listing
    (call_id, closes_at DESC, reference, since, project_id);
CREATE INDEX listing_since ON projects_listing (since);
CREATE TABLE projects_listedpart (
    partnership_id {key} NOT NULL PRIMARY KEY,
    project_id bigint NOT NULL,
    call_id bigint NOT NULL,
    country_id varchar(2) NOT NULL,
    partner_id bigint NULL,
    seat_id varchar(2) NULL,
    kind varchar(20) NULL,
    leads boolean NOT NULL,
    since {moment} NOT NULL
);
CREATE INDEX listedpart_of_project ON projects_listedpart (project_id);
CREATE INDEX listedpart_by_country ON projects_listedpart
    (country_id, call_id, since, project_id, partner_id);
CREATE INDEX listedpart_by_lead ON projects_listedpart (country_id, since, project_id) WHERE leads;
CREATE INDEX listedpart_by_partner ON projects_listedpart
    (partner_id, since, project_id, leads, seat_id, kind, call_id);
CREATE INDEX listedpart_by_seat ON projects_listedpart
    (seat_id, since, partner_id, project_id, leads)
"""

# The memberships of the countries of a project: periods as from/to, separated by commas within a
# country and by semicolons between countries. Equal countries occur once; "-" means never a member.
MEMBERSHIPS = """
COALESCE((SELECT {all_countries} FROM (
    SELECT DISTINCT COALESCE((SELECT {periods} FROM (
        SELECT {period} AS period FROM partners_membership
        WHERE country_id = part.country_id AND status = 'member' ORDER BY 1
    ) AS each_period), '-') AS country_periods
    FROM projects_partnership part WHERE part.project_id = {project} ORDER BY 1
) AS each_country), '')
"""

# `condition` selects the projects.
PROJECTS = f"""
INSERT INTO projects_listing
    (project_id, since, call_id, closes_at, reference, title, status, memberships)
SELECT project_id, since, call_id, closes_at, reference, title, status, memberships FROM (
    SELECT project.id AS project_id, {SINCE_SQL} AS since, project.call_id,
        COALESCE(call.closes_at, {{never}}) AS closes_at, project.reference,
        LOWER(project.title) AS title, project.status,
        {{memberships}} AS memberships
    FROM projects_project project JOIN projects_call call ON call.id = project.call_id
    WHERE {{condition}}
) AS public_project WHERE since IS NOT NULL
"""
# `row` is a row of a project.
VALUES = """
reference = {row}.reference, title = LOWER({row}.title), status = {row}.status
"""
PARTS = """
INSERT INTO projects_listedpart
    (partnership_id, project_id, call_id, country_id, partner_id, seat_id, kind, leads, since)
SELECT part.id, part.project_id, listing.call_id, part.country_id, part.partner_id,
    partner.country_id, partner.kind, part.role = 'lead', listing.since
FROM projects_partnership part
JOIN projects_listing listing ON listing.project_id = part.project_id
LEFT JOIN partners_partner partner ON partner.id = part.partner_id
WHERE {condition}
"""
# One new partnership, cheap enough for imports of many rows.
NEW_PART = """
INSERT INTO projects_listedpart
    (partnership_id, project_id, call_id, country_id, partner_id, seat_id, kind, leads, since)
SELECT NEW.id, NEW.project_id, listing.call_id, NEW.country_id, NEW.partner_id,
    partner.country_id, partner.kind, NEW.role = 'lead', listing.since
FROM projects_listing listing
LEFT JOIN partners_partner partner ON partner.id = NEW.partner_id
WHERE listing.project_id = NEW.project_id
"""


def memberships_of(project: str, vendor: str) -> str:
    """The SQL of `memberships` for the project with this key expression."""
    dialect = DIALECTS[vendor]
    days = [dialect.day_as_text.format(column) for column in ["valid_from", "valid_to"]]
    return MEMBERSHIPS.format(
        all_countries=dialect.joined_texts.format("country_periods", ";"),
        periods=dialect.joined_texts.format("period", ","),
        period=" || '/' || ".join(days),
        project=project,
    )


def create_listing_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the tables of the listings. For migrations."""
    dialect = DIALECTS[schema_editor.connection.vendor]
    for statement in TABLES.format(key=dialect.key_type, moment=dialect.moment_type).split(";"):
        schema_editor.execute(statement, params=None)


def drop_listing_tables(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the tables of the listings. For migrations."""
    for table in ["projects_listedpart", "projects_listing"]:
        schema_editor.execute(f"DROP TABLE {table}", params=None)


def rewrite_projects(condition: str, vendor: str) -> list[str]:
    """Statements that write the rows of projects again.

    `condition` is SQL with a placeholder for the column of the project's key.
    """
    return [
        f"DELETE FROM projects_listing WHERE {condition.format('project_id')}",
        PROJECTS.format(
            never=DIALECTS[vendor].last_moment,
            memberships=memberships_of("project.id", vendor),
            condition=condition.format("project.id"),
        ),
        *rewrite_parts(condition),
    ]


def write_values(row: str) -> str:
    """A statement without a condition that writes the copied values of a project's row."""
    return f"UPDATE projects_listing SET {VALUES.format(row=row)}"


def rewrite_parts(condition: str) -> list[str]:
    """Statements that write the rows of the partnerships of projects again."""
    return [
        f"DELETE FROM projects_listedpart WHERE {condition.format('project_id')}",
        # Drafts have no listing, so an import of drafts writes no rows here.
        PARTS.format(condition=condition.format("listing.project_id")),
    ]


def columns_differ(old: str, operator: str, new: str, columns: list[str]) -> str:
    """SQL that is true if one of the columns differs between two rows."""
    return " OR ".join(f"{old}.{name} {operator} {new}.{name}" for name in columns)
