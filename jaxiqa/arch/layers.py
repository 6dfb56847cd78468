"""What a node can be: one frozen dataclass per kind of layer, plain data without a framework.

The numbers follow torch's conventions (symmetric padding, floor division unless ``ceil``), because
the canonical definitions of these nets are torch's.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Conv:
    """A two-dimensional convolution with a square kernel."""

    features: int
    kernel: int
    stride: int = 1
    padding: int = 0


@dataclasses.dataclass(frozen=True)
class BatchNorm:
    """Normalisation by running statistics, as at inference."""

    epsilon: float = 1e-5


@dataclasses.dataclass(frozen=True)
class Relu:
    """max(x, 0)."""


@dataclasses.dataclass(frozen=True)
class MaxPool:
    """Maximum over square windows; with ``ceil`` a last, partial window is kept."""

    window: int
    stride: int
    ceil: bool = False


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


Layer = Conv | BatchNorm | Relu | MaxPool | AdaptiveAveragePool | Linear | Concat


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One array of a layer: where Flax keeps it, its shape there, and its name in a checkpoint."""

    collection: str
    name: str
    shape: tuple[int, ...]
    key: str


def parameters(layer: Layer, channels: int) -> tuple[Parameter, ...]:
    """Returns the arrays that a layer holds when its input has ``channels`` channels."""
    match layer:
        case Conv(features, kernel):
            shape = (kernel, kernel, channels, features)
        case Linear(features, window):
            shape = (window, window, channels, features)
        case BatchNorm():
            return tuple(
                Parameter(collection, name, (channels,), key)
                for collection, name, key in (
                    ("params", "scale", "weight"),
                    ("params", "bias", "bias"),
                    ("batch_stats", "mean", "running_mean"),
                    ("batch_stats", "var", "running_var"),
                )
            )
        case _:
            return ()
    return (
        Parameter("params", "kernel", shape, "weight"),
        Parameter("params", "bias", (features,), "bias"),
    )
