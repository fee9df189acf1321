"""The facts of calls and projects, and of everything on their pages."""

from collections.abc import Callable
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from partners.facts import LISTED as LISTED_OF_PARTNERS
from projects.amounts import project_amount
from projects.eligibility.rules import rules_of
from projects.models import (
    Amendment,
    Call,
    Decision,
    Document,
    Output,
    Partnership,
    Priority,
    Project,
    RuleKey,
    Source,
    Topic,
)
from projects.models.choices import APPLICANT_KINDS
from psf.facts.declaration import Fact, read_declaration
from psf.facts.facts import Facts
from psf.text.dates import Precision, describe
from psf.text.phrases import join_names, language_name

DECLARED = read_declaration(Path(__file__).parent / "fields_and_columns.toml")


def is_published(item: Document | Output) -> bool:
    return item.published_at is not None


def _language(item: Document | Output) -> str:
    return language_name(item.language)


def _file_address(output: Output) -> str:
    if output.document is None:
        return ""
    document = output.document
    return reverse("projects:document", args=[output.project.slug, document.pk, document.file_name])


def _joined(part: Partnership) -> str:
    day = describe(part.joined_on, Precision.DAY) if part.joined_on else ""
    return _("from %(day)s") % {"day": day} if day else ""


def _left(part: Partnership) -> str:
    day = describe(part.left_on, Precision.DAY) if part.left_on else ""
    return _("until %(day)s") % {"day": day} if day else ""


def _announced_end(project: Project) -> str:
    """The end before the first prolongation; "" if the project was not prolonged."""
    first = project.first_prolongation()
    return (first.end_before() or _("not known")) if first else ""


def _difference(project: Project) -> str:
    """The different countries and the explanation, as on the page; "" if both lists agree."""
    disagreement = project.disagreement()
    parts = [disagreement.in_words(), project.disagreement_explained] if disagreement else []
    return "; ".join(filter(None, parts))


PARTNERSHIP = Facts(
    DECLARED.facts["partner"],
    Partnership,
    words={"joined_on": _joined, "left_on": _left},
    relation="partnerships",
    label=lambda part: gettext_lazy("Lead partner") if part.is_lead() else gettext_lazy("Partner"),
    # A new lead partner is a change of words.
    fact_key=lambda part: "lead" if part.is_lead() else f"partnership-{part.pk}",
)
OUTPUT = Facts(
    DECLARED.facts["output"],
    Output,
    words={"language": _language, "file": _file_address},
    relation="outputs",
    is_shown=is_published,
    label=lambda output: gettext_lazy("Result"),
)
DOCUMENT = Facts(
    DECLARED.facts["document"],
    Document,
    words={"language": _language},
    relation="documents",
    is_shown=is_published,
)
SOURCE = Facts(DECLARED.facts["source"], Source, relation="sources")
AMENDMENT = Facts(DECLARED.facts["amendment"], Amendment, relation="amendments")
PRIORITY, TOPIC = (Facts(DECLARED.facts["term"], model) for model in [Priority, Topic])
PROJECT = Facts(
    DECLARED.facts["projects"],
    Project,
    words={
        "period": Project.period,
        "announced_end": _announced_end,
        "grant": lambda project: str(project_amount(project)),
        "difference": _difference,
    },
    parts=(PARTNERSHIP, OUTPUT, DOCUMENT, SOURCE, AMENDMENT),
)

DECISION = Facts(DECLARED.facts["decision"], Decision, relation="decision")


def _kinds(call: Call) -> str:
    kinds = call.applicant_kinds.split()
    return join_names(label for kind, label in APPLICANT_KINDS.items() if kind in kinds)


def _of_decision(fact: Fact) -> Callable[[Call], str]:
    def words(call: Call) -> str:
        decision = call.public_decision()
        return DECISION.in_words(decision, fact) if decision else ""

    return words


def _of_rule(key: str) -> Callable[[Call], str]:
    return lambda call: next((rule.in_words() for rule in rules_of(call) if rule.key == key), "")


def _announced(name: str) -> Callable[[Call], str]:
    def words(call: Call) -> str:
        number = getattr(call.announced_counts(), name)
        return "" if number is None else str(number)

    return words


CALL = Facts(
    DECLARED.facts["calls"],
    Call,
    words={
        "opens": Call.opens,
        "closes": Call.closes,
        "applicant_kinds": _kinds,
        **{f"{name}_count": _announced(name) for name in ["received", "eligible", "funded"]},
        **{key: _of_rule(key) for key in RuleKey.values},
        **{fact.told_by: _of_decision(fact) for fact in DECISION.lines.values() if fact.told_by},
        "announcement": lambda call: _("published") if call.public_decision() else "",
    },
    parts=(DECISION, SOURCE),
)

# The records in lists of the data, by section.
LISTED = LISTED_OF_PARTNERS | {
    "partner": PARTNERSHIP,
    "output": OUTPUT,
    "document": DOCUMENT,
    "source": SOURCE,
    "participation": Facts(DECLARED.facts["participation"], Partnership),
    **{name: Facts(DECLARED.facts[name]) for name in ["term", "country", "membership", "blank"]},
}
