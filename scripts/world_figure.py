"""The figure of `compare_world.py`: scenes, and four statistics beside those of photographs."""

import matplotlib.figure
import numpy as np

from jaxiqa.world import statistics
from jaxiqa.world.leaves import CLASSES, SHAPES, TEXTURES

# Of the palette of Okabe and Ito.
STYLES = {
    "photographs": {"color": "#0072B2", "linestyle": "-"},
    "scenes": {"color": "#D55E00", "linestyle": "--"},
}
COARSE = 8
# Pixels of each set.
SHOWN = 1200


def draw_world(sets: dict[str, np.ndarray], labels: np.ndarray) -> matplotlib.figure.Figure:
    """Returns the figure.

    Args:
      sets: patches (N, s, s, 3) in [0, 1], "photographs" and "scenes".
      labels: (N,), classes of the scenes.
    """
    figure = matplotlib.figure.Figure(figsize=(9, 8.4), layout="constrained")
    (examples, spectra), (marginals, colours) = figure.subplots(2, 2)
    draw_examples(examples, sets["scenes"], labels)
    draw_spectra(spectra, sets)
    draw_marginals(marginals, sets)
    draw_colours(colours, sets)
    for axes in (spectra, marginals, colours):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def draw_examples(axes, scenes: np.ndarray, labels: np.ndarray) -> None:
    """Draws the first scene of each class, shapes in rows and textures in columns."""
    extent, step = scenes.shape[1], scenes.shape[1] + 4
    mosaic = np.ones((len(SHAPES) * step - 4, len(TEXTURES) * step - 4, 3), np.float32)
    for label in range(len(CLASSES)):
        row, column = (step * place for place in divmod(label, len(TEXTURES)))
        for scene in scenes[labels == label][:1]:
            mosaic[row : row + extent, column : column + extent] = scene
    axes.imshow(mosaic, interpolation="nearest")
    axes.set(title="One scene of each class")
    axes.set_xticks(step * np.arange(len(TEXTURES)) + extent / 2, TEXTURES)
    axes.set_yticks(step * np.arange(len(SHAPES)) + extent / 2, SHAPES, rotation=90, va="center")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def draw_spectra(axes, sets: dict[str, np.ndarray]) -> None:
    """Draws the power of grey against frequency, and the law of an exponent of 2."""
    for name, images in sets.items():
        frequency, power = statistics.power_spectrum(statistics.luma(images))
        axes.loglog(frequency, power, label=name, **STYLES[name])
    axes.loglog(frequency, 0.1 * frequency**-2.0, ":", color="black", label="slope -2")
    axes.set(title="Power spectrum", xlabel="cycles per pixel", ylabel="mean of |F|²")
    axes.set_xticks([1 / 64, 1 / 16, 1 / 4], ["1/64", "1/16", "1/4"])
    axes.minorticks_off()
    axes.legend(frameon=False)


def draw_marginals(axes, sets: dict[str, np.ndarray]) -> None:
    """Draws densities of responses by their standard deviation, two filters one above the other."""
    edges = np.linspace(-10, 10, 101)
    middles = (edges[1:] + edges[:-1]) / 2
    for name, images in sets.items():
        greys = statistics.luma(images)
        finest, coarse = statistics.derivatives(greys)[0], statistics.haar(greys, COARSE)[0]
        for responses, shift, label in ((finest, 1, name), (coarse, 1e-4, None)):
            density, _ = np.histogram(responses / responses.std(), edges, density=True)
            held = density > 0
            axes.semilogy(middles[held], shift * density[held], label=label, **STYLES[name])
    near = np.linspace(-4, 4, 81)
    gaussian = np.exp(-(near**2) / 2) / np.sqrt(2 * np.pi)
    axes.semilogy(near, gaussian, ":", color="black", label="Gaussian")
    axes.semilogy(near, 1e-4 * gaussian, ":", color="black")
    axes.text(-10, 0.3, "differences\nof neighbours", va="top")
    axes.text(-10, 3e-5, f"Haar, {COARSE} x {COARSE}\n(by 10 000)", va="top")
    axes.set(title="Filter responses", xlabel="standard deviations", ylabel="density")
    axes.set(ylim=(1e-9, 30))
    axes.legend(frameon=False)


def draw_colours(axes, sets: dict[str, np.ndarray]) -> None:
    """Draws colours on the two chromatic axes of the photographs, and ellipses of 2 deviations."""
    _, principal = statistics.colour_axes(sets["photographs"])
    draw, turn = np.random.default_rng(0), np.linspace(0, 2 * np.pi, 200)
    for name, images in sets.items():
        plane = images.reshape(-1, 3) @ principal[1:].T.astype(np.float32)
        x, y = draw.choice(plane, SHOWN).T
        color = STYLES[name]["color"]
        axes.scatter(x, y, 3, color=color, alpha=0.25, linewidths=0)
        scale = np.linalg.cholesky(np.cov(plane, rowvar=False))
        ring = plane.mean(0) + 2 * np.stack([np.cos(turn), np.sin(turn)], -1) @ scale.T
        axes.plot(*ring.T, label=name, **STYLES[name])
    axes.set(title="Colours", xlabel="red against blue", ylabel="green against magenta")
    axes.set(xlim=(-0.3, 0.6), ylim=(-0.3, 0.4))
    axes.legend(frameon=False)
