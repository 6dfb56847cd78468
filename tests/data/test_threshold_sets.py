"""Sets beyond ModelFest's geometry: their tables, their displays, and what these cannot show."""

import collections
import csv

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import (
    all_contrast_thresholds,
    as_pairs,
    background,
    contrast_thresholds,
    fit_criterion,
    full_contrast_thresholds,
    render,
    short_contrast_thresholds,
    wide_contrast_thresholds,
)
from jaxiqa.data import threshold_tables as tables
from jaxiqa.data.display import (
    GROUNDS,
    MODELFEST,
    MONITOR,
    RGB_TO_XYZ,
    WIDE,
    Display,
    cone_contrast,
    ground,
    linear_from_code,
    lms_from_linear,
)
from jaxiqa.data.stimuli import extent, in_gamut, pattern
from jaxiqa.data.threshold_sets import ALL_SETS, catalogue

ALL, BROAD = all_contrast_thresholds(), wide_contrast_thresholds()
EVERY = {stimulus.name: stimulus for stimulus in catalogue(ALL_SETS)}
COUNTS = {
    "modelfest": 14,
    "colorfest": 40,
    "rovamo1993": 20,
    "rovamo1993-large": 26,
    "hdrvdp_csf": 30,
    "kim2013": 38,
    "hdr_csf": 161,
    "wright1983": 3,
    "virsu1979": 6,
    "lucassen2018": 71,
    "five_centres": 420,
}
SOURCE = {name: name.removesuffix("-large") for name in tables.TABULATED}


def test_every_set_is_complete_cited_and_photopic():
    found = collections.Counter(stimulus.set for stimulus in EVERY.values())
    assert found == COUNTS
    assert tuple(found) == ALL_SETS
    assert sum(COUNTS.values()) == len(EVERY) == 829
    for stimulus in EVERY.values():
        assert stimulus.luminance >= 8
        assert stimulus.citation in tables.CITATIONS
        assert np.mean(np.square(stimulus.direction)) == pytest.approx(1, abs=3e-5)


def rows(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_is_that_of_the_source(shared):
    folder = shared / "data/thresholds"
    deltas = {
        (row["dataset"], row["col_dir_id"]): [float(row[f"{c}_delta"]) for c in "LMS"]
        for row in rows(folder / "color_directions.csv")
    }
    grounds = {
        row["bkg_id"]: ([float(row[c]) for c in "LMS"], row["bkg_label"])
        for row in rows(folder / "backgrounds.csv")
    }
    source = collections.defaultdict(list)
    for row in rows(folder / "data_aggregated.csv"):
        seen = float(row["t_frequency"]) == 0 == float(row["eccentricity"])
        if seen and float(row["luminance"]) >= 8:
            source[row["dataset"]].append(row)
    source["rovamo1993"] = [r for r in source["rovamo1993"] if float(r["area"]) ** 0.5 > 1.9]
    for name, dataset in SOURCE.items():
        for stimulus, row in zip(catalogue((name,)), source[dataset], strict=True):
            cones, label = grounds[row["bkg_id"]]
            relative = np.array(deltas[dataset, row["col_dir_id"]]) / cones
            relative /= np.sqrt(np.mean(relative**2))
            square = stimulus.form == "grating"
            size = float(row["area"]) ** 0.5 if square else float(row["ge_sigma"])
            numbers = [float(row[c]) for c in ("s_frequency", "luminance", "orientation")]
            np.testing.assert_allclose(
                (stimulus.frequency, stimulus.luminance, stimulus.orientation, stimulus.size),
                (*numbers, size),
                rtol=1e-5,
            )
            np.testing.assert_allclose(stimulus.direction, relative, atol=6e-6)
            assert 1 / stimulus.threshold == pytest.approx(float(row["sensitivity"]), rel=2e-5)
            assert stimulus.ground == (label if label in GROUNDS else "neutral")


def test_coloured_grounds_are_those_of_the_source(shared):
    # L + M in the source's units is luminance, so that the parts of it are chromaticity
    units = np.array([0.68990272, 0.34832189, 0.0371597])
    for row in rows(shared / "data/thresholds/backgrounds.csv"):
        if row["bkg_label"] in GROUNDS:
            cones = np.array([float(row[c]) for c in "LMS"])
            drawn = lms_from_linear(ground(row["bkg_label"])) * units
            np.testing.assert_allclose(drawn / drawn[:2].sum(), cones / cones[:2].sum(), atol=3e-4)


@pytest.mark.parametrize("name", GROUNDS)
def test_coloured_grounds_have_half_of_the_peak(name):
    linear = ground(name)
    assert linear.max() == pytest.approx(0.5)
    assert linear.min() > 0
    x, y, z = RGB_TO_XYZ @ linear
    assert (x / (x + y + z), y / (x + y + z)) == pytest.approx(GROUNDS[name])
    np.testing.assert_allclose(linear_from_code(background(ground=name)[3, 4]), linear, atol=1e-7)


def test_what_ships_and_what_is_left_out():
    assert len(short_contrast_thresholds().stimuli) == 35
    assert len(full_contrast_thresholds().stimuli) == 72
    assert full_contrast_thresholds().left_out_by_reason == {"out of gamut": 2}
    assert (len(ALL.stimuli), ALL.left_out_by_reason) == (
        247,
        {
            "finer than 3 pixels a cycle": 15,
            "larger than the image": 508,
            "out of gamut": 10,
            "brighter than the display": 49,
        },
    )
    assert (len(BROAD.stimuli), BROAD.left_out_by_reason) == (
        727,
        {
            "finer than 3 pixels a cycle": 38,
            "larger than the image": 4,
            "out of gamut": 11,
            "brighter than the display": 49,
        },
    )
    for found in (ALL, BROAD):
        assert len(found.stimuli) + len(found.left_out) == 829
        assert len(found.left_out) == len(found.reasons)
        for key in tables.CITATIONS.values():
            assert key in found.citation


def test_each_reason_holds():
    for name, reason in zip(ALL.left_out, ALL.reasons, strict=True):
        stimulus = EVERY[name]
        assert {
            "brighter than the display": stimulus.luminance > 200,
            "larger than the image": extent(stimulus) > 512 / 60,
            "finer than 3 pixels a cycle": stimulus.frequency > 20,
            "out of gamut": not in_gamut(stimulus, 2 * stimulus.threshold, MONITOR),
        }[reason]
    dim = contrast_thresholds(("hdr_csf",), display=Display(512, 60, white=100))
    assert {s.luminance for s in dim.stimuli} == {20}
    with pytest.raises(InputError, match=r"\(71 larger than the image\); lower the ladder or"):
        contrast_thresholds(("lucassen2018",))


SOME = [BROAD.stimuli[k] for k in range(0, len(BROAD.stimuli), 45)]


@pytest.mark.parametrize("stimulus", SOME, ids=lambda s: s.name)
def test_measured_back_at_the_centre(stimulus):
    contrast = 2 * stimulus.threshold
    image = render(stimulus, contrast, WIDE)
    assert image.shape == (512, 512, 3)
    assert image.min() >= 0
    assert image.max() <= 1
    measured = cone_contrast(image[256, 256], stimulus.ground)
    peak = pattern(stimulus, WIDE)[256, 256]
    np.testing.assert_allclose(measured, contrast * peak * np.array(stimulus.direction), atol=3e-5)
    np.testing.assert_allclose(image[0, 0], background(WIDE, stimulus.ground)[0, 0], atol=0.02)
    if stimulus.size * stimulus.frequency < 2:
        return  # too few cycles for a peak of the spectrum
    line = pattern(stimulus, WIDE)
    line = line[:, 256] if stimulus.orientation == 90 else line[256]
    found = np.argmax(np.abs(np.fft.rfft(line, 4096))) * 25 / 4096
    assert found == pytest.approx(stimulus.frequency, abs=0.06)


@pytest.mark.parametrize(
    ("name", "area"),
    [("virsu1979-002", 19.635), ("lucassen2018-030", 280.55), ("five_centres-030", 271.72)],
)
def test_discs_have_their_area_and_no_mean(name, area):
    stimulus = EVERY[name]
    shape = pattern(stimulus, WIDE)
    covered = np.abs(shape) > 1e-12
    assert covered.mean() * WIDE.degrees**2 == pytest.approx(area, rel=0.12)
    assert abs(shape.sum()) < 1e-9 * np.abs(shape).sum()


def test_gamut_is_that_of_the_image():
    for stimulus in SOME[::4]:
        low, high = 0.0, 40.0
        for _ in range(30):
            middle = (low + high) / 2
            low, high = (middle, high) if in_gamut(stimulus, middle, WIDE) else (low, middle)
        code = render(stimulus, low, WIDE)
        assert min(code.min(), 1 - code.max()) == pytest.approx(0, abs=1e-4)


def test_pairs_have_the_ground_of_their_stimulus_as_reference():
    pairs = as_pairs(BROAD)
    assert set(pairs.reference) == {"background", *(f"background-{name}" for name in GROUNDS)}
    row = pairs.distorted.index("five_centres-100@2")
    shown = EVERY["five_centres-100"]
    assert pairs.reference[row] == f"background-{shown.ground}" == pairs.reference_id[row]
    reference, distorted = (pairs.read(key[row]) for key in (pairs.reference, pairs.distorted))
    np.testing.assert_array_equal(reference, background(WIDE, shown.ground))
    np.testing.assert_array_equal(distorted, render(shown, 2 * shown.threshold, WIDE))


def test_digests_know_the_display():
    shown = [
        contrast_thresholds(("virsu1979",), display=Display(pixels, 25)) for pixels in (400, 420)
    ]
    assert shown[0].stimuli == shown[1].stimuli
    assert as_pairs(shown[0]).digest != as_pairs(shown[1]).digest


def test_digests_of_the_first_sets_are_kept():
    # banks that were made before there was a choice of displays still fit
    assert as_pairs(short_contrast_thresholds()).digest.startswith("74c8c99746fe")
    assert as_pairs(full_contrast_thresholds()).digest.startswith("63d2e4164285")
    assert contrast_thresholds().display == MODELFEST


def test_a_metric_that_sees_like_people_on_all_of_them():
    sensitivity = 10**ALL.log_human_sensitivity
    fit = fit_criterion(3 * ALL.contrasts * sensitivity[:, None], ALL)
    assert fit.rms_db == pytest.approx(0, abs=1e-9)
    assert (fit.extrapolated, fit.unseen) == (0, 0)
