"""How each kind of layer is computed: NHWC maps, HWIO kernels, torch's arithmetic."""

import functools

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxiqa.arch.geometry import pooled
from jaxiqa.arch.layers import (
    AdaptiveAveragePool,
    BatchNorm,
    Concat,
    Conv,
    Layer,
    Linear,
    MaxPool,
    Parameter,
    Relu,
)

Precision = lax.Precision


def _pointwise(images, kernel, precision):
    """A 1 x 1 convolution as one matrix product, about twice as fast on a CPU."""
    return jnp.einsum("nhwc,cd->nhwd", images, kernel[0, 0], precision=precision)


def _convolve(images, kernel, stride: int, padding: int, precision):
    if kernel.shape[:2] == (1, 1) and stride == 1 and padding == 0:
        return _pointwise(images, kernel, precision)
    return lax.conv_general_dilated(
        images,
        kernel,
        window_strides=(stride, stride),
        padding=((padding, padding), (padding, padding)),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        precision=precision,
    )


def _along_channels(values):
    """Shapes (C,) as (1, 1, 1, C), so that nothing is broadcast by accident."""
    return values[None, None, None, :]


def _conv(layer: Conv, arrays, inputs, precision):
    (images,) = inputs
    response = _convolve(images, arrays["kernel"], layer.stride, layer.padding, precision)
    return response + _along_channels(arrays["bias"])


def _linear(layer: Linear, arrays, inputs, precision):
    (images,) = inputs
    response = jnp.einsum("nhwc,hwcd->nd", images, arrays["kernel"], precision=precision)
    return response[:, None, None, :] + _along_channels(arrays["bias"])


def _batch_norm(layer: BatchNorm, arrays, inputs, precision):
    """(x - mean) / sqrt(var + epsilon) * scale + bias, in one multiplication and addition."""
    (images,) = inputs
    gain = arrays["scale"] * lax.rsqrt(arrays["var"] + layer.epsilon)
    return images * _along_channels(gain) + _along_channels(arrays["bias"] - arrays["mean"] * gain)


def _relu(layer: Relu, arrays, inputs, precision):
    return jax.nn.relu(inputs[0])


def _max_pool(layer: MaxPool, arrays, inputs, precision):
    """Pads the end with -inf just as far as the last window of the table's rule reaches."""
    (images,) = inputs
    ends = [
        max(0, (pooled(n, layer) - 1) * layer.stride + layer.window - n) for n in images.shape[1:3]
    ]
    return lax.reduce_window(
        images,
        -jnp.inf,
        lax.max,
        window_dimensions=(1, layer.window, layer.window, 1),
        window_strides=(1, layer.stride, layer.stride, 1),
        padding=((0, 0), (0, ends[0]), (0, ends[1]), (0, 0)),
    )


@functools.lru_cache(maxsize=64)
def _cells(extent: int, size: int) -> np.ndarray:
    """The (size, extent) matrix of means: cell i covers floor(i e / s) to ceil((i + 1) e / s)."""
    matrix = np.zeros((size, extent), np.float32)
    for cell in range(size):
        start, stop = cell * extent // size, -(-(cell + 1) * extent // size)
        matrix[cell, start:stop] = 1 / (stop - start)
    return matrix


def _adaptive_average_pool(layer: AdaptiveAveragePool, arrays, inputs, precision):
    (images,) = inputs
    if images.shape[1:3] == (layer.size, layer.size):
        return images
    rows, columns = (jnp.asarray(_cells(n, layer.size), images.dtype) for n in images.shape[1:3])
    pooled_rows = jnp.einsum("nhwc,ih->niwc", images, rows, precision=precision)
    return jnp.einsum("niwc,jw->nijc", pooled_rows, columns, precision=precision)


def _concat(layer: Concat, arrays, inputs, precision):
    return jnp.concatenate(inputs, axis=-1)


APPLY = {
    Conv: _conv,
    Linear: _linear,
    BatchNorm: _batch_norm,
    Relu: _relu,
    MaxPool: _max_pool,
    AdaptiveAveragePool: _adaptive_average_pool,
    Concat: _concat,
}

_INITIAL = {
    "kernel": nn.initializers.he_normal(),
    "bias": nn.initializers.zeros_init(),
    "scale": nn.initializers.ones_init(),
    "mean": nn.initializers.zeros_init(),
    "var": nn.initializers.ones_init(),
}


class Op(nn.Module):
    """One node as a Flax module that holds exactly the arrays its layer declares.

    Attributes:
      layer: what it computes.
      held: the arrays of the layer, from ``layers.parameters``.
      precision: of products, passed to each convolution and einsum.
    """

    layer: Layer
    held: tuple[Parameter, ...]
    precision: Precision

    @nn.compact
    def __call__(self, *inputs):
        arrays = {parameter.name: self._array(parameter) for parameter in self.held}
        return APPLY[type(self.layer)](self.layer, arrays, inputs, self.precision)

    def _array(self, parameter: Parameter):
        initial = _INITIAL[parameter.name]
        if parameter.collection == "params":
            return self.param(parameter.name, initial, parameter.shape)
        running = self.variable(
            parameter.collection,
            parameter.name,
            lambda: initial(jax.random.key(0), parameter.shape),
        )
        return running.value
