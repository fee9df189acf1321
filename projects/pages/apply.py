"""The page for applicants, while a call is open and while none is."""

from crispy_forms.layout import Div
from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from partners.models import Country
from projects.eligibility.rules import LeadFromMemberState, MemberStates, Verdict, rules_of
from projects.list_index.facet_sets import public_calls, public_sets
from projects.models import Call, Partnership, Phase
from projects.pages.call_mail import AddressForm, is_offered
from projects.pages.coverage import applications_of, applications_title, funded_applications
from projects.pages.open_call import call_block, closed_sentence, open_calls
from psf.http.requests import accepts_parameters
from psf.lists.public_form import PublicForm, submit_button
from psf.text.numbers_and_amounts import number_word
from psf.text.phrases import join_names

NAMES = ["lead", "second", "third"]


class PartnerCheckForm(PublicForm):
    """The countries of three organisations. Nothing is stored."""

    action = "/apply/#check"
    lead = forms.ChoiceField(label=gettext_lazy("Lead partner"))
    second = forms.ChoiceField(label=gettext_lazy("Partner"))
    third = forms.ChoiceField(label=gettext_lazy("Partner"), required=False)

    def __init__(self, query: QueryDict, countries: list[Country]) -> None:
        super().__init__(query if any(name in query for name in NAMES) else None)
        choices = [("", _("Choose")), *((row.code, row.name) for row in countries)]
        for name in NAMES:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def layout(self) -> list[object]:
        return [Div(*NAMES, submit_button(_("Check")), css_class="check__row")]


def partner_verdict(call: Call, partners: list[Country]) -> tuple[str, str]:
    """The answer of the rules of a call on countries, the lead partner's first, and the reason."""
    stated = {type(rule): rule for rule in rules_of(call)}
    rule = stated.get(MemberStates)
    if not isinstance(rule, MemberStates):
        return _("This call has no rule on member states"), ""
    verdict, counted, excluded = rule.count(Partnership(country=row) for row in partners)
    if verdict == Verdict.UNKNOWN:
        return _("This cannot be checked yet"), _("The closing day of the call is not known.")
    names = {row.code: row.name for row in partners}
    reasons = [
        _("%(country)s does not count (%(why)s).") % {"country": names[code], "why": why}
        for code, why in excluded.items()
    ]
    count = ngettext("%(countries)s counts.", "%(countries)s count.", len(counted))
    text = [count % {"countries": join_names(counted.values())}, *reasons]
    text.append(_("The rule: %(rule)s.") % {"rule": rule.in_words()})
    number = _("%(number)s member states") % {"number": number_word(len(counted))}
    if len(counted) == 1:
        number = _("one member state")
    if LeadFromMemberState in stated and partners[0].code not in counted:
        number = _("the lead partner is not from a member state")
        verdict = Verdict.BROKEN
    title = _("Yes: %(number)s") if verdict == Verdict.MET else _("No: %(number)s")
    return title % {"number": number}, " ".join(text if counted else text[1:])


@require_safe
@accepts_parameters(*NAMES)
def apply(request: HttpRequest, query: QueryDict) -> HttpResponse:
    """How to apply to the open call; without one, the rules of the last call."""
    calls = public_calls()
    opened, coming = open_calls(), [call for call in calls if call.phase() == Phase.COMING]
    past = [call for call in calls if call not in coming and rules_of(call)]
    call = next(iter(opened or past), None)
    countries = list(Country.objects.public().with_memberships())
    form, verdict, funded = PartnerCheckForm(query, countries), None, funded_applications(calls)
    if call and form.is_valid():
        by_code = {row.code: row for row in countries}
        chosen = [by_code[form.cleaned_data[name]] for name in NAMES if form.cleaned_data[name]]
        verdict = partner_verdict(call, chosen)
    context = {
        "block": call_block(call) if call else None,
        "open_calls": opened,
        "coming": next(reversed(coming), None),
        "closed": closed_sentence(calls),
        "check": form.html(),
        "mail_form": AddressForm().html() if is_offered() else "",
        "verdict": verdict,
        "funded": funded,
        "funded_title": applications_title(*applications_of(funded)),
        "number_of_projects": public_sets().everything.bit_count(),
    }
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "projects/apply.html", context, status=status)
