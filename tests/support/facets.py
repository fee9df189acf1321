"""Checks of the counts beside a list."""


def length(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.context["paginator"].count


def assert_counts_are_true(client, address, query):
    response = client.get(f"{address}?{query}")
    assert response.status_code == 200, query
    context = response.context
    assert context["paginator"].count == len(listed(client, address, query)), query
    for facet in context["facets"]:
        for choice in [*facet.first, *facet.more]:
            if choice.chosen:
                others = [
                    pair for pair in query.split("&") if not pair.startswith(f"{facet.name}=")
                ]
                url = "&".join([*others, f"{facet.name}={choice.value}"])
                assert length(client, f"{address}?{url}") == choice.number, (query, choice)
                assert f"{facet.name}={choice.value}&" not in f"{choice.url}&"
            else:
                assert length(client, address + choice.url) == choice.number > 0, (query, choice)
            if choice.also:
                assert length(client, address + choice.also) >= choice.number
    return context


def listed(client, address, query):
    """Every row of every page."""
    rows, page = [], 1
    while True:
        context = client.get(f"{address}?{query}&page={page}").context
        rows += context["object_list"]
        if not context["page_obj"].has_next():
            assert len({row.pk for row in rows}) == len(rows)
            return rows
        page += 1


def choices_of(context, name):
    facet = next(facet for facet in context["facets"] if facet.name == name)
    return {choice.value: choice.number for choice in [*facet.first, *facet.more]}
