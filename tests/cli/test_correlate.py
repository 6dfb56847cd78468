"""Tables of scores, correlated without images."""

import csv
import io
import json
import math

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data.score_table import distances, scores_from_csv
from jaxiqa.statistics.compare import compare_all
from jaxiqa.statistics.correlate import correlate

GENERATOR = np.random.default_rng(0)
N = 60
OPINION = GENERATOR.normal(5, 1, N)
LEVEL = np.tile([1, 2, 3], N // 3)
SCENES = [f"r{k // 6}" for k in range(N)]
GOOD = -OPINION + GENERATOR.normal(0, 0.5, N)
SIMILAR = OPINION + GENERATOR.normal(0, 1, N)


def written(path, **columns):
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
    return path


@pytest.fixture
def scores(tmp_path):
    """Two scores, one a similarity with a gap and an infinity, beside what pairs have too."""
    similar = [f"{value:.17g}" for value in SIMILAR]
    similar[7], similar[-1] = "", "inf"
    return written(
        tmp_path / "scores.csv",
        distorted=[f"d{k}.png" for k in range(N)],
        opinion=OPINION,
        level=LEVEL,
        reference_id=SCENES,
        Good=GOOD,
        Similar=similar,
    )


KEPT = np.arange(N) != 7
OTHER = -np.where(np.arange(N) == N - 1, np.inf, SIMILAR)


def test_columns_of_numbers_that_pairs_do_not_have_are_scores(scores):
    table = scores_from_csv(scores)
    assert list(table.scores) == ["Good", "Similar"]
    np.testing.assert_array_equal(table.opinion, OPINION)
    np.testing.assert_array_equal(table.scores["Good"], GOOD)
    assert table.reference_id == tuple(SCENES)
    assert np.flatnonzero(np.isnan(table.scores["Similar"])).tolist() == [7]
    signed = distances(table, higher_is_better=["Similar"])
    np.testing.assert_array_equal(signed["Similar"][KEPT], OTHER[KEPT])
    assert list(scores_from_csv(scores, scores=["level"]).scores) == ["level"]
    assert scores_from_csv(scores, reference_id="distorted").reference_id[3] == "d3.png"


def test_json_holds_our_statistics(run, scores):
    code, out, err = run("correlate", scores, "--higher-is-better", "Similar", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    options = {"higher_is_better": True, "resamples": 1000, "seed": 0}
    first = correlate(GOOD, OPINION, reference_id=SCENES, **options)
    few = [scene for scene, kept in zip(SCENES, KEPT, strict=True) if kept]
    second = correlate(OTHER[KEPT], OPINION[KEPT], reference_id=few, **options)
    for row, expected, failed in zip(found["scores"], (first, second), (0, 1), strict=True):
        assert row["failed"] == failed
        for name in ("n", "srocc", "srocc_low", "krocc_high", "plcc_logistic"):
            assert row[name] == pytest.approx(getattr(expected, name))
    assert found["scores"][1]["plcc"] is None  # an infinity has none
    both = {"Good": GOOD, "Similar": np.where(KEPT, OTHER, np.nan)}
    (compared,) = compare_all(
        both, OPINION, against=("Good", "Similar"), reference_id=SCENES, **options
    )
    assert len(found["comparisons"]) == 1
    assert found["comparisons"][0]["label"] == "Good"
    assert found["comparisons"][0]["srocc"] == pytest.approx(compared.srocc)
    assert found["comparisons"][0]["p_holm"] == pytest.approx(compared.p_holm)


def test_csv_and_table_hold_the_same(run, scores):
    words = ("correlate", scores, "--higher-is-better", "Similar", "--resamples", 50)
    code, out, err = run(*words, "--csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["score"] for row in rows] == ["Good", "Similar"]
    assert [row["n"] for row in rows] == ["60", "59"]
    assert rows[1]["plcc"] == ""
    code, table, _ = run(*words)
    assert code == 0
    for row in rows:
        value, low, high = (float(row[name]) for name in ("srocc", "srocc_low", "srocc_high"))
        assert f"{value:.3f} [{low:.2f}, {high:.2f}]" in table
    assert "Differences" in table


def test_choice_of_columns_and_signs(run, tmp_path):
    path = written(tmp_path / "dmos.csv", DMOS=-OPINION, mine=GOOD, its=GOOD, more=SIMILAR)
    words = ("--opinion", "DMOS", "--lower-is-better", "--resamples", 0, "--json")
    code, out, err = run("correlate", path, *words, "--against", "mine")
    assert code == 0
    found = {row["score"]: row for row in json.loads(out)["scores"]}
    assert set(found) == {"mine", "its", "more"}
    assert found["mine"]["srocc"] > 0.8
    assert found["mine"]["srocc_low"] is None
    assert found["more"]["srocc"] < -0.5
    assert "more: negative; --higher-is-better NAME" in err
    compared = json.loads(out)["comparisons"]
    assert [(c["label"], c["against"]) for c in compared] == [("its", "mine"), ("more", "mine")]
    assert compared[0]["srocc"] == 0
    code, out, _ = run("correlate", path, *words, "--score", "its")
    assert [row["score"] for row in json.loads(out)["scores"]] == ["its"]


def test_columns_that_are_no_scores_are_named(run, tmp_path):
    broken = [f"{value:.6g}" for value in GOOD]
    broken[3] = "n/a"
    path = written(
        tmp_path / "some.csv",
        opinion=OPINION,
        reference_id=SCENES,
        mine=GOOD,
        broken=broken,
        flat=[1] * N,
        blank=[""] * N,
    )
    code, out, err = run("correlate", path, "--resamples", 0, "--json")
    assert (code, [row["score"] for row in json.loads(out)["scores"]]) == (0, ["mine"])
    assert err.splitlines() == [
        "jaxiqa: broken is left out: line 5 is 'n/a', no number",
        "jaxiqa: flat is left out: 1 in every line",
        "jaxiqa: blank is left out: no line has a number",
    ]


def test_rows_without_references_are_told_of(run, tmp_path):
    path = written(tmp_path / "bare.csv", opinion=OPINION, mine=GOOD)
    code, _, err = run("correlate", path, "--resamples", 5, "--csv")
    assert code == 0
    assert err == (
        "jaxiqa: no column of references: rows are drawn one by one, and intervals are too narrow "
        "where rows share a reference; name it with --reference-id\n"
    )


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--score", "good"], "no column 'good', did you mean 'Good'?"),
        (["--score", "distorted"], "line 2: distorted must be a number, got 'd0.png'"),
        (["--opinion", "mos"], "no column 'mos'; the file has"),
        (["--opinion", "Similar"], "line 9: Similar must be a finite number, got ''"),
        (["--reference-id", "scene"], "no column 'scene'"),
        (["--reference-id", "Similar"], "line 9: Similar is blank"),
        (["--higher-is-better", "Simlar"], "unknown score 'Simlar', did you mean 'Similar'?"),
        (["--against", "level"], "unknown score 'level'"),
        (["--resamples", "-1"], "--resamples must be 2 or more, or 0 for no intervals, got -1"),
        (["--resamples", "1"], "--resamples must be 2 or more, or 0 for no intervals, got 1"),
        (["--csv", "--against", "Good"], "--csv prints no comparisons"),
        (["--json", "--csv"], "not allowed with argument"),
    ],
)
def test_what_is_refused(refused, scores, words, part):
    assert part in refused("correlate", scores, *words)


def test_tables_that_are_none(refused, tmp_path):
    assert "no such file" in refused("correlate", tmp_path / "no.csv")
    assert "expected a CSV file of scores" in refused("correlate", tmp_path)
    bare = written(tmp_path / "bare.csv", opinion=[1, 2], distorted=["a", "b"])
    assert "no column of scores beside opinion, distorted" in refused("correlate", bare)
    flat = written(tmp_path / "flat.csv", opinion=[1, 2, 3], mine=[4, 4, 4])
    assert "mine: 4 in every line" in refused("correlate", flat)
    asked = refused("correlate", flat, "--score", "mine")
    assert "score 'mine': distance is 4 for all 3 pairs" in asked
    with pytest.raises(InputError, match="has no rows below the names of its columns"):
        scores_from_csv(written(tmp_path / "head.csv", opinion=[], mine=[]))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("scores_tid2013.csv", 5),
        ("scores_kadid10k.csv", 1),
        pytest.param("scores_kadid10k.csv", 5, marks=pytest.mark.slow),
    ],
)
def test_published_correlations(shared, run, name, count):
    folder = shared / "data/metrics"
    known = json.loads((folder / "scores_known.json").read_text())[name]
    names = sorted(known)[:count]
    words = [word for score in names for word in ("--score", score)]
    code, out, err = run("correlate", folder / name, *words, "--resamples", 0, "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)["scores"]
    assert [row["score"] for row in rows] == names
    for row in rows:
        expected = known[row["score"]]
        assert (row["n"], row["failed"]) == (expected["n"], 0)
        for ours, theirs in (("plcc", "pearson"), ("srocc", "spearman"), ("krocc", "kendall")):
            # agreement is positive with us, however the score is signed
            assert math.isclose(row[ours], -expected[theirs], abs_tol=1e-6)
