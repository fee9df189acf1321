"""Evidence: facts frozen on the day of a check or a decision, compared with today."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from django.apps.registry import Apps
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from projects.eligibility.rules import ACCEPTED, RuleFinding, Verdict, check_rules
from projects.models import Call, Evidence, EvidenceKind, Project
from psf.database.sql import DIALECTS, for_database


def install_evidence_trigger(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the trigger. For migrations."""
    if "evidence" not in apps.all_models["projects"]:  # earlier migrations have no evidence
        return
    dialect = for_database(DIALECTS, schema_editor.connection)
    name, message = "evidence_never_changes", "evidence never changes"
    for statement in dialect.refuse_updates("projects_evidence", name, message):
        schema_editor.execute(statement, params=None)


ELIGIBILITY_FIELDS = [
    "received_on",
    "received_time",
    "starts_on",
    "ends_on",
    "requested_eur",
    "total_budget_eur",
]


def freeze(
    kind: EvidenceKind,
    call: Call,
    content: Mapping[str, object],
    by: User,
    project: Project | None = None,
) -> Evidence:
    """Store the content in canonical JSON: sorted keys, no spaces."""
    text = json.dumps(
        content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return Evidence.objects.create(
        kind=kind,
        call=call,
        project=project,
        taken_by=by.get_username(),
        content=text,
        sha256=sha256(text.encode()).hexdigest(),
    )


def freeze_eligibility(project: Project, by: User) -> Evidence:
    """Freeze values, rule texts and verdicts of a project from `for_rules()`."""
    values = {name: getattr(project, name) for name in ELIGIBILITY_FIELDS}
    partners = [f"{row.country_id}: {row.partner_id}" for row in project.partnerships.all()]
    rules = [_rule_facts(finding) for finding in check_rules(project)]
    content = {
        "reference": project.reference,
        "status": project.status,
        "values": {**values, "partners": partners},
        "rules": rules,
    }
    return freeze(EvidenceKind.ELIGIBILITY, project.call, content, by, project)


def _rule_facts(finding: RuleFinding) -> dict[str, str]:
    return {
        "key": str(finding.rule.key.value),
        "text": f"{finding.rule.label}: {finding.rule.in_words()}",
        "verdict": str(finding.verdict.value),
        "working": finding.working,
    }


def changed_evidence() -> list[Evidence]:
    """The evidence with another content than its check sum says."""
    rows = Evidence.objects.select_related("call", "project").iterator()
    return [row for row in rows if not row.is_intact()]


class FrozenRule(NamedTuple):
    """A frozen verdict, and the finding of today; None if the call no longer has the rule."""

    key: str
    text: str
    verdict: Verdict
    working: str
    now: RuleFinding | None

    def is_same(self) -> bool:
        """Whether rule, verdict and working are the same today."""
        frozen = [self.key, self.text, str(self.verdict), self.working]
        return self.now is not None and frozen == [*_rule_facts(self.now).values()]


class FrozenEligibility(NamedTuple):
    evidence: Evidence
    rules: list[FrozenRule]


def frozen_eligibility(project: Project) -> FrozenEligibility | None:
    """The last frozen check of a project from `for_rules()`, compared with today."""
    rows = (row for row in project.evidence.all() if row.kind == EvidenceKind.ELIGIBILITY)
    evidence = next(rows, None)
    if evidence is None:
        return None
    today = {str(row.rule.key.value): row for row in check_rules(project)}
    rules = [
        FrozenRule(
            row["key"],
            row["text"],
            Verdict(row["verdict"]),
            row["working"],
            today.get(row["key"]),
        )
        for row in json.loads(evidence.content)["rules"]
    ]
    return FrozenEligibility(evidence, rules)


def accepted_rules(project: Project) -> set[str]:
    """The keys of the rules that the project met, or had waived, at its frozen check."""
    frozen = frozen_eligibility(project)
    return {rule.key for rule in frozen.rules if rule.verdict in ACCEPTED} if frozen else set()
