"""Readouts of a bank: equal to those of responses, for every form and net, without a net."""

import dataclasses

import exact
import numpy as np
import pytest
from rated import noisy, pairs_of, picture

from jaxiqa import Readout, distances, extract_bank, load_net, responses
from jaxiqa.bank import moments, open_bank, taps_of
from jaxiqa.bank.make import bank_of
from jaxiqa.bank.probes import PixelProbe
from jaxiqa.bank.subject import Subject
from jaxiqa.checks import InputError
from jaxiqa.readouts.forms import FORMS

NETS = {
    "alexnet.random-0": ("relu1", "pool2"),
    "squeezenet1_1.random-0": ("conv1", "fire2"),
    "vgg11.random-0": ("relu1_1", "conv2_1"),
}
# Each channel of DISTS is a ratio of moments, rounded to some 3e-7, and they add up.
RTOL = {"dists": 3e-5}
SIZES = {"a": (40, 48), "b": (57, 36)}
IMAGES = {key: picture(k, size) for k, (key, size) in enumerate(SIZES.items())}
# From next to nothing to strong; the last two pairs are equal images and one that is missing.
ROWS = [(key, f"{key}{level}") for level in (0.4, 3, 25) for key in SIZES]
IMAGES |= {name: noisy(IMAGES[key], float(name[1:]), k) for k, (key, name) in enumerate(ROWS)}
ROWS += [("a", "a"), ("a", "gone")]


@pytest.fixture(
    scope="module",
    params=[
        name if k == 0 else pytest.param(name, marks=pytest.mark.slow)
        for k, name in enumerate(NETS)
    ],
)
def banked(request, tmp_path_factory):
    """A net's bank of two taps, and their responses (h, w, C) by image in double precision."""
    net = load_net(request.param)
    taps, pairs = NETS[request.param], pairs_of(ROWS, IMAGES)
    bank = extract_bank(net, pairs, tmp_path_factory.mktemp("banks"), taps=taps)
    found = {}
    for size in SIZES.values():
        keys = [key for key, image in IMAGES.items() if image.shape[:2] == size]
        responded = responses(net, np.stack([IMAGES[key] for key in keys]), taps=taps)
        for place, key in enumerate(keys):
            found[key] = {tap: np.float64(maps[place]) for tap, maps in responded.items()}
    return taps, bank, found


def flat(response, relevance):
    """Responses (h, w, C) as one vector, its channels scaled by the root of their relevance."""
    return (response * np.sqrt(relevance)).ravel()


def unit(response):
    length = np.sqrt((response**2).sum(axis=-1, keepdims=True))
    return response / (length + 1e-10)


def gram(response):
    rows = response.reshape(-1, response.shape[-1])
    return rows.T @ rows / len(rows)


def descriptors(response, relevance, names):
    """The statistics of each channel in one vector."""
    found = {"mean": response.mean(axis=(0, 1)), "std": response.std(axis=(0, 1))}
    return np.concatenate([found[name] * np.sqrt(relevance) for name in names])


def direct(a, b, form, relevance):
    """The distance of one pair from its responses by tap, as the form is defined."""
    positions = [maps.shape[0] * maps.shape[1] for maps in a]
    weights = relevance or [np.ones(maps.shape[-1]) for maps in a]
    vectors = [
        np.concatenate([flat(x, w) for x, w in zip(m, weights, strict=True)]) for m in (a, b)
    ]
    names = {"mean": ("mean",), "std": ("std",), "mean-std": ("mean", "std")}
    match form:
        case "euclidean":
            return np.linalg.norm(vectors[1] - vectors[0]) / np.sqrt(max(positions))
        case "cosine":
            x, y = (v / np.linalg.norm(v) for v in vectors)
            return ((x - y) ** 2).sum() / 2
        case "unit":
            squares = [
                ((unit(x) - unit(y)) ** 2).mean(axis=(0, 1)) for x, y in zip(a, b, strict=True)
            ]
            return sum((w * u).sum() for w, u in zip(weights, squares, strict=True))
        case "dists":
            pairs = zip(a, b, weights, strict=True)
            return sum(
                exact.weighed_dists(x[None], y[None], np.reshape(w, (-1, 1)))[0]
                for x, y, w in pairs
            )
        case "gram":
            return np.sqrt(sum(((gram(x) - gram(y)) ** 2).sum() for x, y in zip(a, b, strict=True)))
    ours, theirs = (
        np.concatenate([descriptors(x, w, names[form]) for x, w in zip(m, weights, strict=True)])
        for m in (a, b)
    )
    return np.linalg.norm(ours - theirs)


def expected(found, taps, form, relevance=None):
    """(n,) distances of the pairs that can be compared."""
    pairs = [[[found[key][tap] for tap in taps] for key in row] for row in ROWS[:-1]]
    return np.array([direct(*pair, form, relevance) for pair in pairs])


@pytest.mark.parametrize("form", FORMS)
def test_readouts_equal_those_of_responses(banked, form):
    taps, bank, found = banked
    asked = [Readout(few, form) for few in (taps[:1], taps[1:], taps)]
    for readout, distance in zip(asked, distances(bank, asked), strict=True):
        assert np.isnan(distance[-1])
        assert distance[-2] == 0
        reference = expected(found, readout.taps, form)
        close = {"rtol": RTOL.get(form, 1e-5), "atol": 1e-12, "err_msg": str(readout)}
        np.testing.assert_allclose(distance[:-1], reference, **close)


@pytest.mark.parametrize("form", ["euclidean", "unit", "mean", "mean-std", "cosine"])
def test_set_wide_relevance_is_one_over_the_mean_of_each_channel(banked, form):
    taps, bank, found = banked
    of = {"mean-std": ("mean_difference", "var_difference", "var_reference", "var_distorted")}
    names = of.get(form, ("energy", "unit_energy", "mean_difference"))
    relevance = []
    for tap in taps:
        held = {k: np.float64(v[:-1]) for k, v in moments(bank, tap, names).items()}
        spread = np.sqrt(held.get("var_distorted", 0)) - np.sqrt(held.get("var_reference", 0))
        mean = {
            "unit": lambda held=held: held["unit_energy"],
            "mean": lambda held=held: held["mean_difference"] ** 2,
            "mean-std": lambda held=held, s=spread: held["mean_difference"] ** 2 + s**2,
        }.get(form, lambda held=held: held["energy"])().mean(axis=0)
        relevance.append(np.divide(1, mean, out=np.zeros_like(mean), where=mean > 0))
    (distance,) = distances(bank, [Readout(taps, form, relevance="dataset-mean")])
    np.testing.assert_allclose(distance[:-1], expected(found, taps, form, relevance), rtol=2e-5)


@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.channelwise])
def test_given_relevance_weighs_channels_as_it_does_on_responses(banked, form):
    taps, bank, found = banked
    generator = np.random.default_rng(3)
    relevance = {tap: generator.random(found["a"][tap].shape[-1], np.float32) for tap in taps}
    relevance[taps[0]][::2] = 0
    one, both = distances(bank, [Readout(taps[:1], form), Readout(taps, form)], relevance=relevance)
    for few, distance in ((taps[:1], one), (taps, both)):
        weights = [np.float64(relevance[tap]) for tap in few]
        reference = expected(found, few, form, weights)
        np.testing.assert_allclose(distance[:-1], reference, rtol=RTOL.get(form, 1e-5), atol=1e-12)


def test_relevance_that_does_not_fit_is_named(banked):
    taps, bank, _ = banked
    for readout, relevance, message in (
        (Readout(taps[:1]), {taps[0]: np.ones(1)}, "expected .*: one weight for each channel"),
        (Readout(taps), {}, "relevance is missing for tap"),
        (Readout(taps[:1], "gram"), {taps[0]: np.ones(1)}, "takes no relevance"),
        (Readout(taps, relevance="dataset-mean"), {}, "has a relevance of its own"),
    ):
        with pytest.raises(InputError, match=message):
            distances(bank, [readout], relevance=relevance)


def test_averaged_taps_count_by_their_mean_response(banked):
    taps, bank, found = banked
    shares = [found["a"][tap].shape[-1] for tap in taps]
    squares = [np.square(expected(found, (tap,), "euclidean")) for tap in taps]
    (distance,) = distances(bank, [Readout(taps, combination="averaged")])
    reference = np.sqrt(sum(s / count for s, count in zip(squares, shares, strict=True)))
    np.testing.assert_allclose(distance[:-1], reference, rtol=1e-5)


def test_balanced_taps_have_the_same_mean_of_squares(banked):
    taps, bank, _ = banked
    first, second, both = distances(
        bank, [Readout(taps[:1]), Readout(taps[1:]), Readout(taps, combination="balanced")]
    )
    halves = sum(np.square(d) / np.nanmean(np.square(d)) for d in (first, second))
    np.testing.assert_allclose(np.square(both), halves, rtol=1e-9)


def test_no_net_and_no_image_is_needed(banked, monkeypatch):
    taps, bank, _ = banked
    again = open_bank(bank.path)
    assert taps_of(again) == taps
    before = distances(bank, [Readout(taps, "unit")])
    monkeypatch.setattr("jaxiqa.arch.net.apply", None)
    np.testing.assert_array_equal(distances(again, [Readout(taps, "unit")]), before)


def test_what_a_bank_does_not_hold_is_named(tmp_path):
    net, pairs = load_net("alexnet.random-0"), pairs_of(ROWS[:3], IMAGES)
    bank = extract_bank(net, pairs, tmp_path, taps=("relu1",), moments=("energy",))
    with pytest.raises(InputError, match=r"holds relu1, not 'relu2'; extract it with that tap"):
        distances(bank, [Readout(("relu2",))])
    with pytest.raises(InputError, match=r"unknown tap of alexnet 'rleu1', did you mean 'relu1'"):
        distances(bank, [Readout(("rleu1",))])
    with pytest.raises(InputError, match=r"unknown moment 'unit_energy'.*holds energy"):
        distances(bank, [Readout(("relu1",), "unit")])
    with pytest.raises(InputError, match="unknown moment 'enrgy', did you mean 'energy'"):
        extract_bank(net, pairs, tmp_path, moments=("enrgy",))
    with pytest.raises(InputError, match="unknown precision 'low'"):
        extract_bank(net, pairs, tmp_path, precision="low")


def test_a_bank_of_simple_metrics_has_no_readouts(tmp_path):
    class Silent:
        def start(self, *told):
            return lambda count: None

    subject = Subject(pairs_of(ROWS[:4], IMAGES), "digest", PixelProbe(("psnr",)), {}, {}, "held")
    bank = bank_of(subject, tmp_path, batch=1, progress=Silent())
    with pytest.raises(InputError, match="holds simple metrics and no responses of a net"):
        taps_of(bank)


def test_an_architecture_of_another_version_is_named(banked):
    _, bank, _ = banked
    looked = bank.record["identity"]["looked at"] | {"architecture": "resnet999"}
    identity = bank.record["identity"] | {"looked at": looked}
    other = dataclasses.replace(bank, record=bank.record | {"identity": identity})
    with pytest.raises(InputError, match="unknown net 'resnet999'"):
        taps_of(other)
