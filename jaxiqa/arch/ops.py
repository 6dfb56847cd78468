"""How each kind of layer is computed: NHWC maps, HWIO kernels, torch's arithmetic."""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jax import lax

from jaxiqa.arch import layers
from jaxiqa.arch.convolution import convolve
from jaxiqa.arch.layers import Layer, Parameter
from jaxiqa.arch.pooling import adaptive_average_pool, average_pool, l2_pool, max_pool

Precision = lax.Precision


def _along_channels(values, dtype):
    """Shapes (C,) as (1, 1, 1, C), so that nothing is broadcast by accident."""
    return values.reshape(1, 1, 1, -1).astype(dtype)


def _conv(layer: layers.Conv, arrays, inputs, precision):
    (images,) = inputs
    response = convolve(images, arrays["kernel"].astype(images.dtype), layer, precision)
    return response + _along_channels(arrays["bias"], images.dtype) if layer.bias else response


def _linear(layer: layers.Linear, arrays, inputs, precision):
    (images,) = inputs
    kernel = arrays["kernel"].astype(images.dtype)
    response = jnp.einsum("nhwc,hwcd->nd", images, kernel, precision=precision)
    return response[:, None, None, :] + _along_channels(arrays["bias"], images.dtype)


def _batch_norm(layer: layers.BatchNorm, arrays, inputs, precision):
    """(x - mean) / sqrt(var + epsilon) * scale + bias, in one multiplication and addition."""
    (images,) = inputs
    gain = arrays["scale"] * lax.rsqrt(arrays["var"] + layer.epsilon)
    offset = arrays["bias"] - arrays["mean"] * gain
    return images * _along_channels(gain, images.dtype) + _along_channels(offset, images.dtype)


def _layer_norm(layer: layers.LayerNorm, arrays, inputs, precision):
    (images,) = inputs
    centred = images - jnp.mean(images, axis=-1, keepdims=True)
    variance = jnp.mean(lax.square(centred), axis=-1, keepdims=True)
    normal = centred * lax.rsqrt(variance + layer.epsilon)
    scale, bias = (_along_channels(arrays[name], images.dtype) for name in ("scale", "bias"))
    return normal * scale + bias


def _local_response_norm(layer: layers.LocalResponseNorm, arrays, inputs, precision):
    (images,) = inputs
    channels, before = images.shape[-1], layer.size // 2
    around = ((0, 0), (0, 0), (0, 0), (before, layer.size - 1 - before))
    squares = jnp.pad(lax.square(images), around)
    energy = sum(squares[..., start : start + channels] for start in range(1, layer.size))
    energy = energy + squares[..., :channels]
    return images * (layer.k + layer.alpha / layer.size * energy) ** -layer.beta


def _subsample(layer: layers.Subsample, arrays, inputs, precision):
    (images,) = inputs
    kept = images[:, :: layer.stride, :: layer.stride]
    beside = (layer.features - images.shape[-1]) // 2
    return jnp.pad(kept, ((0, 0), (0, 0), (0, 0), (beside, beside)))


def _lightness(layer: layers.Lightness, arrays, inputs, precision):
    """The branch that is not taken gets harmless numbers, so that gradients stay finite."""
    (images,) = inputs
    linear = jnp.where(images > 0.04045, ((images + 0.055) / 1.055) ** 2.4, images / 12.92)
    red, green, blue = (linear[..., k : k + 1] for k in range(3))
    luminance = 0.212671 * red + 0.715160 * green + 0.072169 * blue
    bright = luminance > 0.008856
    root = jnp.cbrt(jnp.where(bright, luminance, 1.0))
    return jnp.where(bright, 116 * root - 16, 903.3 * luminance) - 50


def _scale(layer: layers.Scale, arrays, inputs, precision):
    (images,) = inputs
    return images * _along_channels(arrays["scale"], images.dtype)


def _normalise(layer: layers.Normalise, arrays, inputs, precision):
    (images,) = inputs
    mean, std = (
        _along_channels(jnp.asarray(x, jnp.float32), images.dtype) for x in (layer.mean, layer.std)
    )
    return (images - mean) / std


def _hard_sigmoid(images):
    return jax.nn.relu6(images + 3) * (1 / 6)


def _pointwise(function):
    """The rule of a layer without arrays that is a function of its inputs."""
    return lambda layer, arrays, inputs, precision: function(*inputs)


APPLY = {
    layers.Conv: _conv,
    layers.Linear: _linear,
    layers.BatchNorm: _batch_norm,
    layers.LayerNorm: _layer_norm,
    layers.LocalResponseNorm: _local_response_norm,
    layers.Relu: _pointwise(jax.nn.relu),
    layers.Relu6: _pointwise(jax.nn.relu6),
    layers.Sigmoid: _pointwise(jax.nn.sigmoid),
    layers.HardSigmoid: _pointwise(_hard_sigmoid),
    layers.HardSwish: _pointwise(lambda images: images * _hard_sigmoid(images)),
    layers.Silu: _pointwise(jax.nn.silu),
    layers.Gelu: _pointwise(lambda images: jax.nn.gelu(images, approximate=False)),
    layers.MaxPool: lambda layer, arrays, inputs, precision: max_pool(*inputs, layer),
    layers.AveragePool: lambda layer, arrays, inputs, precision: average_pool(*inputs, layer),
    layers.AdaptiveAveragePool: lambda layer, arrays, inputs, precision: adaptive_average_pool(
        *inputs, layer.size, precision
    ),
    layers.Concat: _pointwise(lambda *inputs: jnp.concatenate(inputs, axis=-1)),
    layers.Add: _pointwise(jnp.add),
    layers.Multiply: _pointwise(jnp.multiply),
    layers.Scale: _scale,
    layers.L2Pool: lambda layer, arrays, inputs, precision: l2_pool(*inputs, layer),
    layers.Normalise: _normalise,
    layers.Lightness: _lightness,
    layers.Subsample: _subsample,
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
