"""The definitions that the tables are held against, as torch modules with random weights.

torchvision's where it has the net, timm's where that has it, the authors' own of the trunk of
DISTS, else one of `oracle_written`.
"""

import re

import oracle_dists
import torch
import torchvision
from oracle_written import WRITTEN
from torch import nn

_TIMM = {
    "mobilenet_v1": "mobilenetv1_100",
    **{f"tf_efficientnet_b{k}": f"tf_efficientnet_b{k}" for k in range(8)},
    **{f"resnetv2_{depth}": f"resnetv2_{depth}" for depth in (50, 101)},
}


def origin(name: str) -> str:
    """Returns whose definition a net is held against, and its version."""
    if name in _TIMM:
        import timm

        return f"timm {timm.__version__}"
    if name == "vgg16_dists":
        return oracle_dists.origin()
    if name in WRITTEN:
        return f"{WRITTEN[name][0]}, torch {torch.__version__.partition('+')[0]}"
    return f"torchvision {torchvision.__version__.partition('+')[0]}"


def definition(name: str) -> nn.Module:
    """Returns the net by the definition that it is held against, weights as they are drawn."""
    if name in _TIMM:
        import timm

        return timm.create_model(_TIMM[name], pretrained=False)
    if name == "vgg16_dists":
        return oracle_dists.DistsTrunk()
    if name in WRITTEN:
        return WRITTEN[name][1]()
    if name.endswith("_narrow"):
        return narrowed(definition(name.removesuffix("_narrow")))
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = torchvision.models.get_model(name, weights=None, **options)
    for auxiliary in ("aux1", "aux2", "AuxLogits"):
        if hasattr(model, auxiliary):
            setattr(model, auxiliary, None)
    return model


def narrowed(model: nn.Module) -> nn.Module:
    """Returns torchvision's VGG with 1 / 16 of the channels, the same forward pass."""
    for part in (model.features, model.classifier):
        for place, layer in enumerate(part):
            if isinstance(layer, nn.Conv2d):
                first = place == 0
                sizes = layer.in_channels // (1 if first else 16), layer.out_channels // 16
                part[place] = nn.Conv2d(*sizes, layer.kernel_size, layer.stride, layer.padding)
            elif isinstance(layer, nn.Linear):
                part[place] = nn.Linear(layer.in_features // 16, layer.out_features // 16)
    return model


def channels_last(name: str, path: str) -> bool:
    """Returns whether a module's response is (N, h, w, C), as inside the blocks of ConvNeXt."""
    return name.startswith("convnext") and bool(re.search(r"\.block\.[1-5]$", path))


def load(model: nn.Module, arrays: dict) -> None:
    """Puts arrays by checkpoint key into a module that needs exactly these, but for counters."""
    state = model.state_dict()
    missing, unused = model.load_state_dict(
        {key: torch.from_numpy(array).reshape(state[key].shape) for key, array in arrays.items()},
        strict=False,
    )
    assert not unused
    assert all(key.endswith("num_batches_tracked") for key in missing)


def torch_responses(name: str, arrays: dict, images) -> dict:
    """Returns module path -> response to (N, H, W, 3) images, as torch lays it out.

    What follows in place does not overwrite it. The whole net's has the path ``logits``.
    """
    model = definition(name).eval()
    load(model, arrays)
    found = {}
    for path, module in model.named_modules():
        turned = channels_last(name, path)
        module.register_forward_hook(
            lambda module, inputs, output, path=path, turned=turned: found.update(
                {path: (output.permute(0, 3, 1, 2) if turned else output).clone().numpy()}
            )
        )
    with torch.no_grad():
        model(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()))
    return found | {"logits": found.pop("")}


def torch_shapes(name: str) -> tuple[dict, int]:
    """Returns checkpoint key -> shape, and how many numbers are learned."""
    model = definition(name)
    shapes = {key: tuple(array.shape) for key, array in model.state_dict().items()}
    return shapes, sum(parameter.numel() for parameter in model.parameters())
