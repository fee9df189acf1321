from django.db import migrations

BY_PARTNER = """
DROP INDEX listedpart_by_partner;
CREATE INDEX listedpart_by_partner ON projects_listedpart
    (partner_id, since, project_id, leads, seat_id, kind, call_id)
"""


class Migration(migrations.Migration):
    dependencies = [("projects", "0021_named_and_addressed")]

    operations = [migrations.RunSQL(BY_PARTNER, migrations.RunSQL.noop)]
