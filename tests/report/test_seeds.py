"""Means over seeds, against closed forms and against what repeated experiments show."""

import math

import numpy as np
import pytest
from made_study import row
from scipy import stats

from jaxiqa.report.scatter import Rated
from jaxiqa.report.seed_tests import seed_comparisons, together
from jaxiqa.report.seeds import family, mean_of_seeds, t_interval
from jaxiqa.statistics.compare import compare_all

REFERENCES, EACH = 12, 5
N = REFERENCES * EACH


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        ("pocket.rotation-2", "pocket.rotation"),
        ("vgg16.random-11", "vgg16.random"),
        ("resnet-50", "resnet-50"),
        ("alexnet.epoch-3", "alexnet.epoch-3"),
    ],
)
def test_a_seed_is_told_from_other_numbers(net, expected):
    assert family(net) == expected


def test_without_doubt_about_pairs_it_is_students_interval():
    values = [0.2, 0.5, 0.4]
    expected = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert mean_of_seeds(values, values, values) == pytest.approx((np.mean(values), *expected))


def test_seeds_that_agree_leave_the_interval_over_pairs():
    found = mean_of_seeds([0.5] * 3, [0.4] * 3, [0.6] * 3)
    assert found == pytest.approx((0.5, 0.4, 0.6), abs=1e-6)


def test_two_sources_of_doubt_are_welchs_test():
    a, b = [0.1, 0.3, 0.2], [0.6, 0.4, 0.9, 0.8]
    parts = [(np.var(side, ddof=1) / len(side), len(side) - 1) for side in (a, b)]
    *_, p = t_interval(np.mean(a) - np.mean(b), parts)
    assert p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)


def test_a_correlation_stays_one_and_what_is_unknown_stays_so():
    _, low, high = mean_of_seeds([-0.9, 0.9], [-1, 0.8], [-0.8, 1])
    assert (low, high) == (-1, 1)
    assert all(map(math.isnan, mean_of_seeds([0.1, math.nan], [0, math.nan], [0.2, math.nan])))
    assert t_interval(0.0, [(0.0, 1)]) == (0.0, 0.0, 1.0)


def made(noises):
    """Rows of ``name: noise`` with distances that follow opinion up to that noise."""
    draw = np.random.default_rng(0)
    opinion = draw.normal(size=N)
    known = {"random": ("none", "none"), "jigsaw": ("jigsaw", "dead leaves")}
    rows, distances = [], []
    for name, noise in noises.items():
        distances.append(-opinion + noise * draw.normal(size=N))
        srocc = float(stats.spearmanr(distances[-1], -opinion)[0])
        goal = name.partition(".")[2].partition("-")[0]
        more = {}
        if goal in known:
            function, environment = known[goal]
            more = {"architecture": "pocket", "function": function, "environment": environment}
        rows.append(row(f"{name}:relu1" if goal else name, srocc, **more))
    groups = np.repeat(np.arange(REFERENCES), EACH)
    rated = Rated("made", {}, opinion, tuple(rows), np.array(distances), -opinion, groups)
    return rows, rated


SEEDED = {"ssim": 1.0} | {f"pocket.jigsaw-{k}": 0.5 for k in range(3)}
SEEDED |= {f"pocket.random-{k}": 3.0 for k in range(3)}


def test_means_are_tested_against_metrics_the_best_and_the_untrained():
    rows, rated = made(SEEDED)
    found = seed_comparisons(rows, [rated], resamples=200, seed=0)
    jigsaw, random = (f"pocket.{goal} x3 euclidean relu1" for goal in ("jigsaw", "random"))
    pairs = {frozenset((one.label, one.against)): one for one in found}
    assert set(pairs) == {
        frozenset(both) for both in ((jigsaw, "ssim"), (random, "ssim"), (jigsaw, random))
    }
    one = pairs[frozenset((jigsaw, random))]
    sign = 1 if one.label == jigsaw else -1
    means = [
        np.mean([r.srocc for r in rows if f".{goal}-" in r.net]) for goal in ("jigsaw", "random")
    ]
    assert sign * one.srocc == pytest.approx(means[0] - means[1], abs=1e-9)
    assert one.p_holm < 0.01
    assert sign * one.srocc_low > 0 or sign * one.srocc_high > 0
    assert one.references == REFERENCES


def test_equal_seeds_are_one_net_and_its_paired_test():
    rows, rated = made({"ssim": 1.0, "pocket.jigsaw-0": 0.5})
    twice = [
        *rows,
        row(
            "pocket.jigsaw-1:relu1",
            rows[1].srocc,
            architecture="pocket",
            function="jigsaw",
            environment="dead leaves",
        ),
    ]
    values = np.vstack([rated.distances, rated.distances[1:]])
    both = Rated("made", {}, rated.opinion, tuple(twice), values, rated.worse, rated.groups)
    (one,) = seed_comparisons(twice, [both], resamples=300, seed=0)
    (paired,) = compare_all(
        {"jigsaw": values[1], "ssim": values[0]},
        rated.opinion,
        against=["ssim"],
        higher_is_better=True,
        reference_id=rated.groups.tolist(),
        resamples=300,
    )
    sign = 1 if one.against == "ssim" else -1
    assert (sign * one.srocc, one.srocc_p) == pytest.approx(
        (paired.srocc, paired.srocc_p), rel=1e-6
    )


def test_what_the_study_says_of_single_seeds_gives_way():
    rows, rated = made(SEEDED)
    from made_study import compared

    study = [compared(one, rows[0], 0.001) for one in rows[1:]]
    tested = seed_comparisons(rows, [rated], resamples=50, seed=0)
    assert together(rows, study, tested) == tested
    assert together(rows[:2], study[:1], []) == study[:1]


def test_what_was_thinned_out_is_not_tested():
    import dataclasses

    rows, rated = made(SEEDED)
    thin = dataclasses.replace(rated, whole=False)
    assert seed_comparisons(rows, [thin], resamples=50, seed=0) == []
