"""The state of the public data, for tags and caches."""

from psf.exports import responses


def test_data_without_a_version_have_no_state_and_no_tag(monkeypatch, rf):
    request = rf.get("/projects.csv?country=lv")
    monkeypatch.setattr(responses.versions, "read", lambda: None)
    assert (responses.data_state("edition"), responses.data_tag(request, "edition")) == (None, None)


def test_state_changes_with_the_version_and_the_edition(monkeypatch, rf, db):
    states = set()
    for version, edition in [(7, "a"), (7, "b"), (8, "a"), (7, "a")]:
        monkeypatch.setattr(responses.versions, "read", lambda version=version: version)
        states.add(responses.data_state(edition))
    assert (len(states), {len(state) for state in states}) == (3, {16})
    addresses = ["/projects.csv", "/projects.csv?country=lv"]
    assert len({responses.data_tag(rf.get(address), "a") for address in addresses}) == 2
