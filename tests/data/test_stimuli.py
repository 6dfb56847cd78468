"""Rendered stimuli: what they measure, and the tables against their source."""

import csv

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import background, contrast_thresholds, render
from jaxiqa.data import threshold_tables as tables
from jaxiqa.data.display import cone_contrast
from jaxiqa.data.stimuli import PIXELS, PIXELS_PER_DEGREE, in_gamut, pattern
from jaxiqa.data.threshold_sets import SETS, catalogue

CENTRE = PIXELS // 2
THRESHOLDS = contrast_thresholds()
TOP = THRESHOLDS.ladder[-1]
BY_NAME = {stimulus.name: stimulus for stimulus in catalogue()}
GABORS = [s for s in THRESHOLDS.stimuli if s.form == "gabor"]
GRATINGS = [s for s in THRESHOLDS.stimuli if s.form == "grating"]


def projected(stimulus, contrast):
    """Cone contrast along the direction of the stimulus, bars upright, (256, 256)."""
    unit = np.asarray(stimulus.direction) / np.sqrt(np.mean(np.square(stimulus.direction)))
    measured = cone_contrast(render(stimulus, contrast)) @ unit / 3
    return measured.T if stimulus.orientation == 90 else measured


@pytest.mark.parametrize(
    ("name", "count", "horizontal"),
    [("modelfest", 14, True), ("colorfest", 40, False), ("rovamo1993", 20, False)],
)
def test_sets_are_complete(name, count, horizontal):
    stimuli = catalogue((name,))
    assert len(stimuli) == len({s.name for s in stimuli}) == count
    assert {s.orientation == 90 for s in stimuli} == {horizontal}
    assert all(s.citation in tables.CITATIONS for s in stimuli)


@pytest.mark.parametrize(
    ("name", "frequency", "size", "sensitivity"),
    [
        ("modelfest-01", 1.12, 0.5, 66.21),
        ("modelfest-04", 4, 0.5, 127.79),
        ("modelfest-14", 16, 0.03125, 3.262),
        ("colorfest-02", 1.2, 0.5, 430.66),
        ("colorfest-18", 4, 0.5, 91.09),
        ("colorfest-40", 30, 0.5, 19.389),
        ("rovamo1993-01", 1, 1.0, 63.574),
        ("rovamo1993-20", 32, 0.98130, 12.077),
    ],
)
def test_spot_values(name, frequency, size, sensitivity):
    stimulus = BY_NAME[name]
    assert (stimulus.frequency, stimulus.size) == pytest.approx((frequency, size), rel=1e-5)
    assert 1 / stimulus.threshold == pytest.approx(sensitivity, rel=1e-4)


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_are_those_of_the_source(shared):
    folder = shared / "data/thresholds"
    directions = {
        r["col_dir_id"]: np.array([float(r[f"{c}_delta"]) for c in "LMS"])
        for r in rows(folder / "color_directions.csv")
    }
    grounds = {
        r["bkg_id"]: np.array([float(r[c]) for c in "LMS"])
        for r in rows(folder / "backgrounds.csv")
    }
    source = {name: [] for name in SETS}
    for row in rows(folder / "data_aggregated.csv"):
        side = float(row["area"]) ** 0.5
        if row["dataset"] in SETS and (row["stimulus"] == "gabor" or side <= 1.9):
            relative = directions[row["col_dir_id"]] / grounds[row["bkg_id"]]
            size = float(row["ge_sigma"]) if row["stimulus"] == "gabor" else side
            source[row["dataset"]].append(
                (int(row["stim_id"]), float(row["s_frequency"]), size,
                 float(row["log_cone_contrast"]), float(row["orientation"]),
                 *(relative / np.sqrt(np.mean(relative**2))))
            )  # fmt: skip
    for name in SETS:
        typed = [
            (s.frequency, s.size, np.log10(s.threshold), s.orientation, *s.direction)
            for s in catalogue((name,))
        ]
        ordered = sorted(source[name], key=lambda row: row[0])
        np.testing.assert_allclose(typed, [row[1:] for row in ordered], atol=6e-6)


def test_background_is_uniform_grey_at_half_of_the_peak():
    image = background()
    assert image.shape == (256, 256, 3)
    assert image.dtype == np.float32
    assert np.unique(image).tolist() == [pytest.approx(0.735357, abs=1e-6)]
    np.testing.assert_allclose(cone_contrast(image), 0, atol=2e-7)


@pytest.mark.parametrize("stimulus", THRESHOLDS.stimuli, ids=lambda s: s.name)
def test_every_stimulus_is_in_range_at_the_top_of_the_ladder(stimulus):
    image = render(stimulus, stimulus.threshold * TOP)
    assert image.shape == (256, 256, 3)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1
    assert not np.array_equal(image, background())
    assert np.array_equal(render(stimulus, 0), background())
    if stimulus.direction == tables.ACHROMATIC:
        assert np.array_equal(image[..., 0], image[..., 1])
        assert np.array_equal(image[..., 0], image[..., 2])


@pytest.mark.parametrize("stimulus", GABORS, ids=lambda s: s.name)
def test_gabor_measured_back(stimulus):
    contrast = stimulus.threshold * TOP
    peak = cone_contrast(render(stimulus, contrast))[CENTRE, CENTRE]
    assert np.sqrt(np.mean(peak**2)) == pytest.approx(contrast, abs=1e-6)
    np.testing.assert_allclose(peak, contrast * np.asarray(stimulus.direction), atol=1e-5)
    shape = projected(stimulus, contrast) / contrast
    assert abs(shape.mean()) < 0.007
    # along the bar through the centre only the envelope is left
    offset = max(1, round(stimulus.size * PIXELS_PER_DEGREE))
    bell = np.exp(-((offset / PIXELS_PER_DEGREE / stimulus.size) ** 2) / 2)
    assert shape[CENTRE + offset, CENTRE] == pytest.approx(bell, abs=1e-3)
    spectrum = np.abs(np.fft.rfft(shape[CENTRE], 4 * PIXELS))
    found = np.argmax(spectrum) * PIXELS_PER_DEGREE / (4 * PIXELS)
    assert found == pytest.approx(stimulus.frequency, abs=0.15 + 0.02 * stimulus.frequency)


@pytest.mark.parametrize("stimulus", GRATINGS, ids=lambda s: s.name)
def test_grating_measured_back(stimulus):
    contrast = stimulus.threshold * TOP
    shape = projected(stimulus, contrast) / contrast
    assert abs(shape.sum()) < 1e-3 * np.abs(shape).sum()
    along = shape[:, CENTRE] / shape[CENTRE, CENTRE]
    assert along.sum() / PIXELS_PER_DEGREE == pytest.approx(stimulus.size, rel=2e-4)
    # amplitude of the wave inside the square, by least squares with a free level
    reach = int(stimulus.size * PIXELS_PER_DEGREE / 2 - 0.5)
    degrees = np.arange(-reach, reach + 1) / PIXELS_PER_DEGREE
    phase = 2 * np.pi * stimulus.frequency * degrees
    waves = np.stack([np.cos(phase), np.sin(phase), np.ones_like(phase)], axis=1)
    fit, residual, *_ = np.linalg.lstsq(waves, shape[CENTRE, CENTRE - reach : CENTRE + reach + 1])
    np.testing.assert_allclose(fit[:2], [1, 0], atol=2e-4)
    assert np.all(residual < 1e-6)


def test_bars_lie_as_the_table_says():
    upright, lying = pattern(BY_NAME["colorfest-18"]), pattern(BY_NAME["modelfest-04"])
    np.testing.assert_allclose(upright, lying.T)
    # a quarter of a degree along the bar keeps the sign, half a cycle across it turns it
    assert lying[CENTRE, CENTRE + 30] > 0.8
    assert lying[CENTRE + 15, CENTRE] < -0.9


def test_contrasts_the_display_cannot_show():
    stimulus = BY_NAME["modelfest-04"]
    assert in_gamut(stimulus, 1.0)
    assert not in_gamut(stimulus, 1.001)
    assert render(stimulus, 1.0).max() == pytest.approx(1, abs=1e-6)
    with pytest.raises(InputError, match=r"modelfest-04 at cone contrast 1\.2 is outside"):
        render(stimulus, 1.2)


@pytest.mark.parametrize("contrast", [-0.1, float("nan"), float("inf")])
def test_contrasts_that_are_none(contrast):
    with pytest.raises(InputError, match="contrast must be a number of 0 or more"):
        render(BY_NAME["modelfest-04"], contrast)


def test_unknown_set_names_the_near_one():
    with pytest.raises(
        InputError, match=r"unknown stimulus set 'modelfst', did you mean 'modelfest'"
    ):
        catalogue(("modelfst",))
