"""The tables themselves, architecture by architecture: wiring, names, sizes, counts."""

import jax
import jax.numpy as jnp
import pytest

from jaxiqa.arch import ARCHITECTURES
from jaxiqa.arch.geometry import channels, extents, listing, smallest_image
from jaxiqa.arch.graph import INPUT, feature_taps, resolve, upstream
from jaxiqa.arch.layers import BatchNorm, Conv, Scale
from jaxiqa.arch.network import Network
from jaxiqa.checks import InputError

every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)

# Learned parameters as torchvision documents them ("num_params" of each set of weights).
DOCUMENTED = {
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
}


@every_architecture
def test_nodes_come_after_their_inputs_and_names_are_unique(name):
    seen = [INPUT]
    for node in ARCHITECTURES[name].nodes:
        assert node.inputs
        assert set(node.inputs) <= set(seen)
        assert node.name not in seen
        seen.append(node.name)
    owners = {}
    for node in ARCHITECTURES[name].nodes:
        for path in filter(None, (node.path, *node.aliases)):
            owners.setdefault(path, []).append(node)
    # A module whose arrays do not belong to its last step, such as layer scale before a sum.
    for path, (first, *later) in owners.items():
        assert len(later) <= 1, path
        assert not later or (first.path == path and isinstance(first.layer, BatchNorm | Scale))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_learned_parameters_are_as_many_as_documented(name):
    rows = listing(ARCHITECTURES[name])
    running = sum(2 * row.channels for row in rows if row.node.name.startswith("bn"))
    assert sum(row.parameters for row in rows) - running == DOCUMENTED[name]


ONE_OF_A_KIND = (
    *("alexnet", "vgg11_bn", "squeezenet1_0", "resnet18", "resnet20", "inception_v3"),
    *("alexnet_colorization", "efficientnet_b0"),
)


# Those of nets that are held against another program's responses are looked at there too.
@pytest.mark.parametrize("name", ONE_OF_A_KIND)
def test_sizes_are_those_of_the_computed_responses(name):
    architecture = ARCHITECTURES[name]
    names = tuple(node.name for node in upstream(architecture, (architecture.features,)))
    network = Network(architecture, names)
    images = jax.ShapeDtypeStruct((2, 77, 132, 3), jnp.float32)
    shapes, _ = jax.eval_shape(network.init_with_output, jax.random.key(0), images)
    rows, columns, width = (
        extents(architecture, 77),
        extents(architecture, 132),
        channels(architecture),
    )
    for node in names:
        assert shapes[node].shape == (2, rows[node], columns[node], width[node]), node


@every_architecture
def test_one_axis_tells_the_extents_of_both(name):
    for node in ARCHITECTURES[name].nodes:
        if isinstance(node.layer, Conv) and isinstance(node.layer.kernel, tuple):
            assert node.layer.stride == 1
            assert node.layer.padding == tuple((size - 1) // 2 for size in node.layer.kernel)


@every_architecture
def test_the_smallest_image_is_the_smallest(name):
    architecture = ARCHITECTURES[name]
    for tap in (architecture.nodes[0].name, architecture.features):
        extent = smallest_image(architecture, tap)
        assert extents(architecture, extent)[tap] >= 1
        before = extents(architecture, extent - 1)
        assert any(before[node.name] < 1 for node in upstream(architecture, (tap,)))


def test_taps_are_named_as_the_field_names_them():
    alexnet = "conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 conv5 relu5 pool5"
    assert feature_taps(ARCHITECTURES["alexnet"]) == tuple(alexnet.split())
    vgg = feature_taps(ARCHITECTURES["vgg16"])
    assert vgg[:5] == ("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1")
    assert vgg[-3:] == ("conv5_3", "relu5_3", "pool5")
    assert feature_taps(ARCHITECTURES["vgg11_bn"])[:3] == ("conv1_1", "bn1_1", "relu1_1")
    fires = "conv1 relu1 pool1 fire2 fire3 pool3 fire4 fire5 pool5 fire6 fire7 fire8 fire9"
    assert feature_taps(ARCHITECTURES["squeezenet1_1"]) == tuple(fires.split())
    blocks = "layer1_0 layer1_1 layer2_0 layer2_1 layer3_0 layer3_1 layer4_0 layer4_1"
    assert feature_taps(ARCHITECTURES["resnet18"]) == tuple(
        f"conv1 bn1 relu1 maxpool {blocks}".split()
    )


@every_architecture
def test_stages_are_taps_in_order_of_depth(name):
    taps = feature_taps(ARCHITECTURES[name])
    places = [taps.index(stage) for stage in ARCHITECTURES[name].stages]
    assert len(places) > 1
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("net", "tap", "node"),
    [
        ("alexnet", "relu3", "relu3"),
        ("alexnet", "features.7", "relu3"),
        ("alexnet", "features", "pool5"),
        ("alexnet", "classifier.0", "avgpool"),
        ("alexnet", "classifier.6", "fc8"),
        ("alexnet", "logits", "fc8"),
        ("resnet50", "layer2.0", "layer2_0"),
        ("resnet50", "layer2", "layer2_3"),
        ("resnet50", "layer2.0.downsample", "layer2_0.downsample"),
        ("resnet50", "logits", "fc"),
        ("densenet121", "features.denseblock2", "denseblock2"),
        ("densenet121", "features", "norm5"),
        ("densenet121", "features.denseblock1.denselayer2", "denseblock1.denselayer2"),
        ("inception_v3", "Mixed_5d", "Mixed_5d"),
        ("inception_v3", "Mixed_7b.branch3x3_2a", "Mixed_7b.branch3x3_2a"),
        ("googlenet", "inception4c.branch2", "inception4c.branch2.1"),
        ("mobilenet_v2", "features.3", "block3"),
        ("mobilenet_v3_small", "features.1.block.1", "block1.gated"),
        ("efficientnet_b0", "features.4", "block4_2"),
        ("efficientnet_b0", "features.4.1", "block4_1"),
        ("convnext_tiny", "features.1.0", "block1_0"),
        ("tf_efficientnet_b0", "blocks.1.0.bn1", "block2_0.expand"),
        ("tf_efficientnet_b0", "blocks.1", "block2_1"),
        ("resnetv2_50", "stages.1.blocks.0.norm1", "block2_0.relu1"),
        ("mobilenet_v1", "blocks.4", "block5_1"),
        ("alexnet_jigsaw", "_feature_blocks.1", "norm1"),
    ],
)
def test_a_tap_is_a_name_or_a_module_path(net, tap, node):
    assert resolve(ARCHITECTURES[net], tap) == node


def test_a_trunk_has_no_logits():
    with pytest.raises(InputError, match="unknown tap of alexnet_rotnet 'logits'"):
        resolve(ARCHITECTURES["alexnet_rotnet"], "logits")


def test_an_unknown_tap_names_its_near_matches():
    with pytest.raises(
        InputError, match=r"unknown tap of alexnet 'rellu3', did you mean .*'relu3'"
    ):
        resolve(ARCHITECTURES["alexnet"], "rellu3")


def test_strides_of_alexnet():
    strides = {row.node.name: row.stride for row in listing(ARCHITECTURES["alexnet"])}
    assert [strides[tap] for tap in ("conv1", "pool1", "relu2", "pool2", "relu5", "pool5")] == [
        4, 8, 8, 16, 16, 32,
    ]  # fmt: skip
    assert strides["fc8"] == 0
