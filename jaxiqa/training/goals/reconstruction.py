"""Autoencoding and denoising: the scene again, from the last responses of the net.

References:
  Vincent, Larochelle, Bengio, Manzagol 2008, "Extracting and composing robust features with
  denoising autoencoders", ICML.
"""

import functools

import jax

from jaxiqa.training.goal import CROP, Goal, crops, explained
from jaxiqa.training.heads import BLOCK, decode, decoder, unfolded
from jaxiqa.training.width import CHANNELS

# Of the noise in code values, drawn for each image.
SIGMAS = (0.05, 0.3)


def _head(key: jax.Array) -> dict:
    return decoder(key, CHANNELS, 3 * BLOCK**2)


def _clean(key: jax.Array, scenes: jax.Array, labels: jax.Array) -> dict:
    images = crops(key, scenes, CROP)
    return {"images": images, "clean": images}


def _noisy(key: jax.Array, scenes: jax.Array, labels: jax.Array, *, sigmas) -> dict:
    crop_key, sigma_key, noise_key = jax.random.split(key, 3)
    images = crops(crop_key, scenes, CROP)
    low, high = sigmas
    sigma = jax.random.uniform(sigma_key, (len(images), 1, 1, 1), minval=low, maxval=high)
    noise = sigma * jax.random.normal(noise_key, images.shape)
    return {"images": images + noise, "clean": images}


def _score(responses, head, examples):
    clean = examples["clean"]
    told = unfolded(decode(head, responses))
    return explained(told, clean, clean.mean((1, 2), keepdims=True))


AUTOENCODING = Goal(
    "autoencoding",
    _head,
    _clean,
    _score,
    "variance explained",
    0.0,
    note="the scene itself, through 3 x 3 positions of the last tap",
    paper="Hinton and Salakhutdinov 2006, doi 10.1126/science.1127647",
)
DENOISING = Goal(
    "denoising",
    _head,
    functools.partial(_noisy, sigmas=SIGMAS),
    _score,
    "variance explained",
    0.0,
    note=f"the scene, from one with noise of {SIGMAS[0]} to {SIGMAS[1]} of the range added",
    paper="Vincent et al. 2008, doi 10.1145/1390156.1390294",
)
