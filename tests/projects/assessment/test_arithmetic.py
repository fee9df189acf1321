"""The arithmetic of the ranked list, compared with an independent calculation."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given, strategies as st

from projects.assessment import ranking
from projects.assessment.ranking import AssessorPercent, disagreement

rows_of_points = st.lists(
    st.integers(1, 100).flatmap(
        lambda maximum: st.tuples(st.integers(0, maximum), st.just(maximum), st.integers(1, 100))
    ),
    min_size=1,
    max_size=6,
)
percents = st.fractions(0, 100, max_denominator=60)
given_rows = st.dictionaries(
    st.tuples(st.integers(1, 6), st.sampled_from("ABCD")), percents, min_size=1, max_size=20
).map(
    lambda found: [AssessorPercent(project, who, value) for (project, who), value in found.items()]
)


@given(rows_of_points)
def test_per_cent_by_weights(rows):
    repeated = [p / m for p, m, w in rows for _ in range(w)]  # each as often as it weighs
    assert abs(float(ranking.weighted_percent(rows)) - 100 * sum(repeated) / len(repeated)) < 1e-9
    assert 0 <= ranking.weighted_percent(rows) <= 100


def test_the_least_and_the_most():
    assert ranking.weighted_percent([(0, 5, 3), (0, 10, 1)]) == 0
    assert ranking.weighted_percent([(5, 5, 3), (10, 10, 1)]) == 100
    # Half of a scale of 5 with the weight 3, all of a scale of 10 with the weight 1.
    assert ranking.weighted_percent([(2, 4, 3), (10, 10, 1)]) == Fraction(125, 2)


@given(given_rows)
def test_adjusted_means(rows):
    floats = [(row.project, row.assessor, float(row.percent)) for row in rows]
    level = sum(value for _p, _a, value in floats) / len(floats)
    moved = {}
    for project, assessor, value in floats:
        own = [v for _p, a, v in floats if a == assessor]
        shift = level - sum(own) / len(own) if len(own) > 1 else 0
        moved.setdefault(project, []).append(value + shift)
    adjusted = ranking.adjusted(rows)
    assert adjusted.keys() == moved.keys()
    for project, values in moved.items():
        assert abs(float(adjusted[project]) - sum(values) / len(values)) < 1e-9


def test_a_ranking_without_scores_is_empty():
    assert ranking.adjusted([]) == {}
    assert disagreement([]) == ""


def test_a_strict_and_a_mild_assessor_are_put_on_one_level():
    rows = [AssessorPercent(1, "strict", Fraction(20)), AssessorPercent(2, "strict", Fraction(40))]
    rows += [AssessorPercent(3, "mild", Fraction(70)), AssessorPercent(4, "mild", Fraction(90))]
    assert ranking.adjusted(rows) == {1: 45, 2: 65, 3: 45, 4: 65}


@given(st.lists(percents, max_size=4))
def test_a_difference_of_more_than_twenty_points_is_named(results):
    sentence = disagreement(results)
    assert bool(sentence) is any(one - other > 20 for one in results for other in results)
    if sentence:
        low, high = ranking.rounded(min(results)), ranking.rounded(max(results))
        assert sentence.endswith(f": {low} and {high}.")


@given(st.lists(percents, max_size=8).map(lambda all_: sorted(all_, reverse=True)))
def test_a_place_counts_the_better_applications(results):
    assert ranking.places(results) == [
        1 + sum(other > result for other in results) for result in results
    ]


amounts = st.none() | st.decimals(0, 100000, places=2)


@given(st.lists(amounts, max_size=8), st.decimals(0, 300000, places=2))
def test_where_the_money_ends(requested, budget):
    totals = ranking.running_totals(requested)
    fitting = ranking.number_that_fit(totals, budget)
    for number in range(len(requested) + 1):
        above = requested[:number]
        pays = None not in above and sum(above, Decimal()) <= budget
        assert pays is (number <= fitting)
        if number and None not in above:
            assert totals[number - 1] == sum(above)
        elif number:
            assert totals[number - 1] is None


@given(st.fractions(0, 100))
def test_averages_are_rounded_to_tenths(value):
    shown = ranking.rounded(value)
    assert shown == round(shown, 1)
    assert abs(Fraction(shown) - value) <= Fraction(1, 20)
    assert ranking.rounded(Fraction(1, 20)) == Decimal("0.1")
