"""Pages of filtered lists, and offers for an empty list."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import ListView

from psf.lists.filterset import FILTERS, ListFilterSet, SearchFilterSet
from psf.search.highlight import explain

PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


def numbered_page(rows: Sequence[Any] | QuerySet, per_page: int, number: str) -> dict[str, Any]:
    """The context of a page of rows and of its pager. Raises `Http404` without such a page."""
    if not PAGE_NUMBER.fullmatch(number):
        raise Http404
    paginator = Paginator(rows, per_page)
    try:
        page = paginator.page(int(number))
    except EmptyPage:
        raise Http404 from None
    return {"page_obj": page, "numbers": paginator.get_elided_page_range(page.number)}


class FilteredList(ListView):
    """A public list with filters. An invalid value gives a page with status 400."""

    http_method_names = ["get", "head"]
    paginate_by = 25
    filterset_class: type[ListFilterSet]
    filterset: Any

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view: Any = super().as_view(**initkwargs)
        view.parameters = frozenset([cls.page_kwarg, *cls.filterset_class.base_filters, *FILTERS])
        return view

    def get_queryset(self) -> Any:
        self.filterset = self.filterset_class(self.request.GET)
        self.request.GET = self.filterset.data  # for the addresses of the page and of its data
        return self.filterset.result_rows() if self.filterset.is_valid() else []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not PAGE_NUMBER.fullmatch(request.GET.get("page") or "1"):
            raise Http404
        response = super().get(request, *args, **kwargs)
        if not self.filterset.is_valid():
            response.status_code = 400
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        paginator, page = context["paginator"], context["page_obj"]
        valid = self.filterset.is_valid()
        if valid and self.filterset.form.cleaned_data.get("q"):
            text = self.filterset.form.cleaned_data["q"]
            explain(context["object_list"], text, self.filterset.index)
        chosen = self.filterset.chosen() if valid else []
        form = self.filterset.form_with_facets()
        is_empty = chosen and not paginator.count
        with_search = cast(SearchFilterSet, self.filterset)  # as each list with filters has
        return context | {
            "form": form,
            "form_html": form.html(),
            "facets": form.facets,
            "valid": valid,
            "chosen": chosen,
            "narrowed": self.filterset.narrowed(),
            "order": self.filterset.order_label() if valid else "",
            "query": self.filterset.query(),
            "numbers": paginator.get_elided_page_range(page.number),
            "offers": build_offers(with_search) if is_empty else [],
        }


MAX_OFFERS = 3


class Offer(NamedTuple):
    """Another list: description, number of rows and address."""

    text: str
    number: int
    url: str


def build_offers(filterset: SearchFilterSet) -> list[Offer]:
    """Return the list with the words corrected, then without one of its filters, longest first."""
    names = [*filterset.chosen_values()]
    corrected, offers = [], []
    for words in filterset.corrected_texts():
        url = filterset.address_with("q", [words])
        corrected.append(Offer(_("“%(text)s”") % {"text": words}, filterset.size(url), url))
    # The page already links to the full list, so a single filter is not offered for removal.
    for name in names if len(names) > 1 else []:
        url = filterset.address_with(name, [])
        values = [filterset.value_label(name, value) for value in filterset.query().getlist(name)]
        chosen = {"name": filterset.form.fields[name].label, "values": ", ".join(values)}
        text = _("without “%(name)s: %(values)s”") % chosen
        offers.append(Offer(text, filterset.size(url), url))
    in_order = [*corrected, *sorted(offers, key=lambda offer: -offer.number)]
    return [offer for offer in in_order if offer.number][:MAX_OFFERS]
