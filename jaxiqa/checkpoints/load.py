"""From a name and a file to a net."""

import dataclasses
import hashlib
import pathlib
import re

import numpy as np

from jaxiqa import checks
from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import node_parameters
from jaxiqa.arch.graph import Architecture
from jaxiqa.arch.initial import random_variables
from jaxiqa.arch.net import Net, missing_arrays
from jaxiqa.checkpoints import store
from jaxiqa.checkpoints.fit import fit
from jaxiqa.checkpoints.read import digest, read
from jaxiqa.checkpoints.sources import source, sources
from jaxiqa.images import IMAGENET, Preprocess, from_record, to_record

_RANDOM = re.compile(r"random(?:-(\d{1,9}))?")


def _architecture(name: str) -> Architecture:
    listing = "`jaxiqa nets` lists them."
    return ARCHITECTURES[checks.choose(name, ARCHITECTURES, kind="net", listing=listing)]


def is_random(name: str) -> bool:
    """Returns whether a name such as ``vgg16.random-1`` asks for random weights."""
    return bool(_RANDOM.fullmatch(name.partition(".")[2]))


def variables_digest(variables: dict) -> str:
    """Returns a sha256 over the names, shapes and bytes of all arrays."""
    found = hashlib.sha256()
    for collection, nodes in sorted(variables.items()):
        for node, arrays in sorted(nodes.items()):
            for name, array in sorted(arrays.items()):
                found.update(f"{collection}/{node}/{name}{array.shape}{array.dtype}".encode())
                found.update(np.ascontiguousarray(array))
    return found.hexdigest()


def _random_net(name: str) -> Net:
    """The net of no function, behind the preprocessing that its trained siblings have."""
    architecture_name, _, training = name.partition(".")
    architecture = _architecture(architecture_name)
    seed = int(_RANDOM.fullmatch(training)[1] or 0)
    variables = random_variables(architecture, seed)
    return Net(variables, architecture, IMAGENET, name, f"seed {seed}")


def _resolve(name: str) -> tuple[Architecture, Preprocess]:
    """The table and the preprocessing of ``architecture`` or ``architecture.training``."""
    architecture, _, training = name.partition(".")
    found = _architecture(architecture)
    record = source(name) if training else sources().get(f"{architecture}.imagenet")
    return found, record.preprocess if record else IMAGENET


def _converted(name: str, path: str | pathlib.Path) -> Net:
    """The net in a folder that ``convert`` wrote; what it holds is checked against the table."""
    architecture, _ = _resolve(name)
    variables, record = store.load(path)
    if record["architecture"] != architecture.name:
        raise checks.InputError(
            f"{path} holds weights of {record['architecture']}, not of {architecture.name}"
        )
    if variables_digest(variables) != record["variables_sha256"]:
        raise checks.InputError(f"the converted weights in {path} are damaged; convert them again")
    found = Net(
        variables,
        architecture,
        from_record(record["preprocess"]),
        name,
        f"sha256 {record['source']['sha256']}",
    )
    _check_shapes(found, path)
    return found


def _check_shapes(net: Net, path) -> None:
    for node, held in node_parameters(net.architecture).items():
        for parameter in held:
            array = net.variables.get(parameter.collection, {}).get(node, {}).get(parameter.name)
            if array is not None and array.shape != parameter.shape:
                raise checks.InputError(
                    f"{path}: {node} {parameter.name} is {array.shape} and should be "
                    f"{parameter.shape}; convert the weights again"
                )


def _no_weights(name: str) -> checks.InputError:
    architecture, _, training = name.partition(".")
    record = sources().get(name if training else f"{architecture}.imagenet")
    where = f" (for example {record.file} from {record.address})" if record else ""
    return checks.InputError(
        f"{name} needs weights: give a checkpoint file or a converted folder{where}, "
        f"or take random ones with {architecture}.random-0"
    )


def load_net(
    name: str,
    weights: str | pathlib.Path | None = None,
    *,
    preprocess: Preprocess | None = None,
) -> Net:
    """Returns a net with its weights and the preprocessing that they expect.

    Args:
      name: an architecture (``alexnet``), with or without its training (``alexnet.imagenet``), or
        with random weights of some seed (``alexnet.random-3``).
      weights: a checkpoint file (torch ``.pth`` in either format, safetensors, npz), a folder of
        npy arrays, or a folder that ``jaxiqa weights convert`` wrote. A partial checkpoint serves
        the taps that it reaches. None only for random weights.
      preprocess: what the weights expect of RGB images in [0, 1], where it is not what the
        record of the training (else ImageNet's mean and deviation) says.

    Returns:
      The net; its weights are NumPy arrays until a computation places them on a device.

    Raises:
      InputError: an unknown name, no weights, a file that cannot be read, or arrays that do not
        fit the architecture.
    """
    if is_random(name):
        if weights is not None:
            raise checks.InputError(f"{name} has random weights; leave out {weights}")
        net = _random_net(name)
    else:
        architecture, expected = _resolve(name)
        if weights is None:
            raise _no_weights(name)
        if store.is_stored(weights):
            net = _converted(name, weights)
        else:
            fitted = fit(architecture, read(weights), source=str(weights))
            origin = f"sha256 {digest(weights)}"
            net = Net(fitted.variables, architecture, expected, name, origin)
    return net if preprocess is None else dataclasses.replace(net, preprocess=preprocess)


def convert(name: str, weights: str | pathlib.Path, out: str | pathlib.Path) -> dict:
    """Returns the record that was written, with the weights, to the folder ``out``.

    Args:
      name: an architecture, with or without its training.
      weights: a checkpoint as ``load_net`` takes it.
      out: a folder that does not exist yet.

    Raises:
      InputError: as ``load_net``, or the folder holds something already.
    """
    path = pathlib.Path(weights)
    net = load_net(name, path)
    nodes = [node.name for node in net.architecture.nodes]
    record = {
        "format": store.FORMAT,
        "name": name,
        "architecture": net.architecture.name,
        "preprocess": to_record(net.preprocess),
        "source": {"file": path.resolve().name, "sha256": net.source.removeprefix("sha256 ")},
        "missing": list(missing_arrays(net, nodes)),
        "variables_sha256": variables_digest(net.variables),
        "versions": store.versions(),
    }
    store.save(out, net.variables, record)
    return record
