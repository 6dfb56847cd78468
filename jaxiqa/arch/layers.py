"""What a node can be: one frozen dataclass per kind of layer, plain data without a framework.

The numbers follow torch's conventions (symmetric padding, floor division unless ``ceil``), because
the canonical definitions of most of these nets are torch's. Padding ``SAME`` is TensorFlow's: as
much as leaves ceil(extent / stride) positions, the odd one at the end.
"""

import dataclasses

SAME = "SAME"
Pair = int | tuple[int, int]


def pair(value: Pair) -> tuple[int, int]:
    """Returns (along height, along width) of a number that may stand for both."""
    return value if isinstance(value, tuple) else (value, value)


@dataclasses.dataclass(frozen=True)
class Conv:
    """A two-dimensional convolution; kernel and padding may differ between height and width.

    With ``groups`` equal to the number of channels it is depthwise. ``fixed`` holds the kernel,
    in the order HWIO, of a filter that no training changes.
    """

    features: int
    kernel: Pair
    stride: int = 1
    padding: Pair | str = 0
    groups: int = 1
    bias: bool = True
    fixed: tuple[float, ...] = ()


@dataclasses.dataclass(frozen=True)
class BatchNorm:
    """Normalisation by running statistics, as at inference."""

    epsilon: float = 1e-5


@dataclasses.dataclass(frozen=True)
class LayerNorm:
    """Normalisation of each position by its own mean and variance over channels."""

    epsilon: float = 1e-6


@dataclasses.dataclass(frozen=True)
class LocalResponseNorm:
    """x / (k + alpha / size * sum of x^2 over ``size`` neighbouring channels)^beta."""

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0


@dataclasses.dataclass(frozen=True)
class Relu:
    """max(x, 0)."""


@dataclasses.dataclass(frozen=True)
class Relu6:
    """min(max(x, 0), 6)."""


@dataclasses.dataclass(frozen=True)
class Sigmoid:
    """1 / (1 + exp(-x))."""


@dataclasses.dataclass(frozen=True)
class HardSigmoid:
    """relu6(x + 3) / 6."""


@dataclasses.dataclass(frozen=True)
class HardSwish:
    """x relu6(x + 3) / 6."""


@dataclasses.dataclass(frozen=True)
class Silu:
    """x / (1 + exp(-x)), also called swish."""


@dataclasses.dataclass(frozen=True)
class Gelu:
    """x times the normal distribution function of x, exactly and not by tanh."""


@dataclasses.dataclass(frozen=True)
class MaxPool:
    """Maximum over square windows; with ``ceil`` a last, partial window is kept."""

    window: int
    stride: int
    ceil: bool = False
    padding: int | str = 0


@dataclasses.dataclass(frozen=True)
class AveragePool:
    """Mean over square windows; padding counts as zeros, or not at all."""

    window: int
    stride: int
    ceil: bool = False
    padding: int | str = 0
    count_padding: bool = True


@dataclasses.dataclass(frozen=True)
class L2Pool:
    """Root of the mean of squares under a Hann window, 3 x 3 (DISTS, arXiv 2004.07728)."""

    window: int = 3
    stride: int = 2
    ceil: bool = False
    padding: int | str = 1
    epsilon: float = 1e-12


@dataclasses.dataclass(frozen=True)
class AdaptiveAveragePool:
    """Mean over a ``size`` x ``size`` grid of cells that covers a map of any extent."""

    size: int


@dataclasses.dataclass(frozen=True)
class Linear:
    """A fully connected layer over a ``window`` x ``window`` map, kept in NHWC as 1 x 1."""

    features: int
    window: int = 1


@dataclasses.dataclass(frozen=True)
class Concat:
    """Channels of all inputs, one after the other."""


@dataclasses.dataclass(frozen=True)
class Add:
    """Sum of two inputs."""


@dataclasses.dataclass(frozen=True)
class Scale:
    """A learned number per channel (layer scale, arXiv 2103.17239) times the input."""


@dataclasses.dataclass(frozen=True)
class Multiply:
    """First input times the second, which may hold one value per channel and image."""


@dataclasses.dataclass(frozen=True)
class Subsample:
    """Every ``stride``-th position, with as many zero channels before as after up to ``features``.

    The shortcut without weights, option A of He et al., arXiv 1512.03385, section 3.3.
    """

    features: int
    stride: int


@dataclasses.dataclass(frozen=True)
class Normalise:
    """(x - mean) / std per channel of the images, where that is a part of the net."""

    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Lightness:
    """L of CIE Lab (D65) less 50, one channel, of sRGB in [0, 1]."""


Activation = Relu | Relu6 | Sigmoid | HardSigmoid | HardSwish | Silu | Gelu
Norm = BatchNorm | LayerNorm | LocalResponseNorm
Pool = MaxPool | AveragePool | L2Pool
Joint = Concat | Add | Multiply
Layer = (
    Conv
    | Linear
    | Norm
    | Activation
    | Pool
    | AdaptiveAveragePool
    | Joint
    | Scale
    | Subsample
    | Normalise
    | Lightness
)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One array of a layer: where Flax keeps it, its shape there, and its name in a checkpoint."""

    collection: str
    name: str
    shape: tuple[int, ...]
    key: str


def _kernel(features: int, shape: tuple[int, ...], bias: bool) -> tuple[Parameter, ...]:
    kernel = Parameter("params", "kernel", (*shape, features), "weight")
    return (kernel, Parameter("params", "bias", (features,), "bias")) if bias else (kernel,)


def _per_channel(channels: int, *rows: tuple[str, str, str]) -> tuple[Parameter, ...]:
    return tuple(Parameter(place, name, (channels,), key) for place, name, key in rows)


_AFFINE = (("params", "scale", "weight"), ("params", "bias", "bias"))
_RUNNING = (("batch_stats", "mean", "running_mean"), ("batch_stats", "var", "running_var"))


def parameters(layer: Layer, channels: int) -> tuple[Parameter, ...]:
    """Returns the arrays that a layer holds when its input has ``channels`` channels."""
    match layer:
        case Conv(features, kernel):
            return _kernel(features, (*pair(kernel), channels // layer.groups), layer.bias)
        case Linear(features, window):
            return _kernel(features, (window, window, channels), bias=True)
        case BatchNorm():
            return _per_channel(channels, *_AFFINE, *_RUNNING)
        case LayerNorm():
            return _per_channel(channels, *_AFFINE)
        case Scale():
            return (Parameter("params", "scale", (channels, 1, 1), "layer_scale"),)
        case _:
            return ()
