"""Study files: what is read from them, written back, and every mistake told with file and key."""

import pathlib
import tomllib
from dataclasses import fields

import numpy as np
import pytest

from jaxiqa.checkpoints.load import architecture_of
from jaxiqa.checkpoints.sources import sources
from jaxiqa.checks import InputError
from jaxiqa.metrics.metric_file import MetricFile, save_metric
from jaxiqa.readouts.readout import Readout, parse_form
from jaxiqa.study.choices import DATA_NAMES, DataChoice, MetricChoice, NetChoice, StudyFile
from jaxiqa.study.plan import SHIPPED
from jaxiqa.study.study_file import default_factors, example, read_study

NET = '[[net]]\nname = "alexnet.random"\n'
DATA = '[[data]]\nname = "contrast-thresholds"\n'
FILES = ("pairs.csv", "alexnet-owt-7be5be79.pth", "my-alexnet.safetensors", "weights/a.pth")


@pytest.fixture
def folder(tmp_path):
    """A folder that holds, empty, all files that the texts below name."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def read(folder, text):
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return read_study(path)


def test_the_example_shows_every_key_and_is_read(folder):
    found = read(folder, example())
    assert found == StudyFile(
        data=(
            DataChoice(folder / "pairs.csv", None, True, "opinion_std"),
            DataChoice(name="contrast-thresholds"),
            DataChoice(name="tid2013", exclude=("synthetic", "distortion=16"), pairs=500),
        ),
        nets=(
            NetChoice(
                name="alexnet.imagenet",
                weights=folder / "alexnet-owt-7be5be79.pth",
                function="classification",
                environment="ImageNet-1k",
            ),
            NetChoice(
                name="alexnet",
                weights=folder / "my-alexnet.safetensors",
                label="alexnet, jigsaw",
                taps=("relu3", "relu1+relu5"),
                function="jigsaw",
                environment="ImageNet-22k",
            ),
            NetChoice("alexnet.random", function="none", environment="none"),
        ),
        out=folder / "results",
        taps=("all", "stages"),
        readouts=("euclidean", "gram", "euclidean/balanced"),
        seeds=(0, 1, 2),
        moments="all",
        resamples=1000,
        seed=0,
        banks=folder / "banks",
        metrics=(
            MetricChoice("vif", ("form=wavelet",)),
            MetricChoice("lpips.alexnet", (), folder / "alexnet-owt-7be5be79.pth", "high", "LPIPS"),
        ),
    )
    top = tomllib.loads(example())
    keys = {field.name for field in fields(StudyFile)} - {"nets", "metrics", "resamples", "seed"}
    assert set(top) == keys | {"net", "metric", "statistics"}
    assert set(top["statistics"]) == {"resamples", "seed"}
    assert {key for net in top["net"] for key in net} == {f.name for f in fields(NetChoice)}
    assert {key for data in top["data"] for key in data} == {f.name for f in fields(DataChoice)}
    assert {key for one in top["metric"] for key in one} == {f.name for f in fields(MetricChoice)}


def test_what_is_left_out_has_a_default(folder):
    found = read(folder, DATA + NET)
    assert found == StudyFile(
        (DataChoice(name="contrast-thresholds"),),
        (NetChoice("alexnet.random", function="none", environment="none"),),
        folder / "jaxiqa-study",
    )
    assert (found.taps, found.readouts) == (("all", "stages"), ("euclidean",))
    assert (found.seeds, found.moments) == ((0, 1, 2), None)
    assert (found.resamples, found.seed, found.banks) == (1000, 0, None)


def test_the_names_of_what_ships_are_those_of_the_study():
    assert set(DATA_NAMES) == set(SHIPPED)


def test_random_nets_stand_for_their_seeds_and_all_have_taps(folder):
    labelled = '[[net]]\nname = "vgg16.random"\nlabel = "untrained"\ntaps = ["relu1_2"]\n'
    one = '[[net]]\nname = "alexnet.random-7"\n'
    found = read(folder, 'seeds = [4, 2]\ntaps = ["relu1", "all"]\n' + DATA + NET + labelled + one)
    assert len(found.nets) == 3
    assert [(net.name, net.label, net.taps) for net in found.expanded_nets] == [
        ("alexnet.random-4", None, ("relu1", "all")),
        ("alexnet.random-2", None, ("relu1", "all")),
        ("vgg16.random-4", "untrained.random-4", ("relu1_2",)),
        ("vgg16.random-2", "untrained.random-2", ("relu1_2",)),
        ("alexnet.random-7", None, ("relu1", "all")),
    ]
    assert {net.architecture for net in found.expanded_nets} == {"alexnet", "vgg16"}
    assert all(architecture_of(net.name) for net in found.expanded_nets)


def test_paths_start_at_the_file_and_not_at_the_current_folder(folder, monkeypatch):
    (folder / "below").mkdir()
    text = (
        'out = "../out"\nbanks = "../b"\n[[data]]\ncsv = "../pairs.csv"\n'
        '[[net]]\nname = "alexnet"\nweights = '
    )
    (folder / "below" / "study.toml").write_text(f'{text}"~/a.pth"\n')
    monkeypatch.setenv("HOME", str(folder / "weights"))
    monkeypatch.chdir(folder / "weights")
    found = read_study(pathlib.Path("../below/study.toml"))
    assert (found.out, found.banks) == (folder / "out", folder / "b")
    assert found.data[0].csv == folder / "pairs.csv"
    assert found.nets[0].weights == folder / "weights" / "a.pth"


def test_factors_are_those_of_the_record_unless_the_file_says_more(folder):
    weights = 'weights = "weights/a.pth"\n'
    named = f'[[net]]\nname = "vgg16.imagenet"\n{weights}'
    bare = f'[[net]]\nname = "vgg11"\n{weights}'
    said = f'[[net]]\nname = "vgg13.imagenet"\n{weights}environment = "ILSVRC 2012"\n'
    found = read(folder, 'taps = ["all"]\n' + DATA + named + bare + said)
    assert [(net.function, net.environment) for net in found.nets] == [
        ("classification", "ImageNet-1k"),
        ("unknown", "unknown"),
        ("classification", "ILSVRC 2012"),
    ]
    for name, record in sources().items():
        assert default_factors(name) == (record.function, record.environment)
    assert default_factors("vgg16.random-3") == default_factors("vgg16.random") == ("none", "none")


ODD = 'tab\\t, quote \\", back\\\\slash, \\u007f, [x] = # and Ünïcödé 🙂'


@pytest.mark.parametrize("text", [example(), DATA + NET])
def test_what_is_written_is_read_as_the_same_study_from_anywhere(folder, text):
    found = read(folder, text)
    (folder / "copy").mkdir()
    assert read(folder / "copy", found.to_toml()) == found


def test_odd_names_survive_writing(folder):
    odd = tomllib.loads(f'text = "{ODD}"')["text"]
    study = StudyFile(
        (DataChoice(folder / odd, higher_is_better=False),),
        (NetChoice("alexnet", folder / odd, odd, ("relu1",), odd, "[[net]]"),),
        folder / odd,
        seeds=(999_999_999,),
        resamples=0,
    )
    written = tomllib.loads(study.to_toml())
    assert written["out"] == str(folder / odd)
    assert written["data"] == [{"csv": str(folder / odd), "higher_is_better": False}]
    (net,) = written["net"]
    assert (net["label"], net["function"], net["environment"]) == (odd, odd, "[[net]]")
    assert (written["seeds"], written["statistics"]["resamples"]) == ([999_999_999], 0)


def test_metrics_alone_are_a_study_and_their_files_start_at_its_folder(folder):
    arrays = {"relu1": np.ones(64, np.float32)}
    readout = Readout(("relu1",), *parse_form("unit"))
    fitted = MetricFile("fit", "alexnet.random-0", "alexnet", readout, arrays, {})
    save_metric(folder / "weights" / "fit.safetensors", fitted)
    text = DATA + '[[metric]]\nname = "weights/fit.safetensors"\noptions = ["resize = 256"]\n'
    found = read(folder, text)
    path = str(folder / "weights" / "fit.safetensors")
    assert (found.nets, found.metrics) == ((), (MetricChoice(path, ("resize=256",)),))
    assert found.metrics[0].called == "fit,resize=256"
    assert read(folder, found.to_toml()) == found


CSV = '[[data]]\ncsv = "pairs.csv"\n'
TRAINED = '[[net]]\nname = "vgg16.imagenet"\nweights = "weights/a.pth"\n'
METRIC = '[[metric]]\nname = "vif"\n'
WRONG = [
    ("", "data is missing, expected at least one table, written [[data]]"),
    (DATA, "net is missing, expected at least one table, written [[net]]"),
    (DATA + '[net]\nname = "alexnet.random"', "net must be at least one table, written [[net]]"),
    ("data = []\n" + NET, "data must be at least one table, written [[data]], got []"),
    (
        'readout = ["gram"]\n' + DATA + NET,
        "unknown key 'readout', did you mean 'readouts' or 'out'? It",
    ),
    (DATA + "nam = 1\n" + NET, "[[data]] 1: unknown key 'nam', did you mean 'name'?"),
    (DATA + NET + NET + "wieghts = 1\n", "[[net]] 2: unknown key 'wieghts', did you mean 'weights"),
    ("out = 3\n" + DATA + NET, "out must be a text in one line, got 3"),
    ("banks = false\n" + DATA + NET, "banks must be a text in one line, got False"),
    ('out = " "\n' + DATA + NET, "out must be a text in one line, got ' '"),
    ('taps = "all"\n' + DATA + NET, "taps must be a list of texts, at least one and each once"),
    ("taps = []\n" + DATA + NET, "taps must be a list of texts, at least one and each once"),
    ('taps = ["relu1", 2]\n' + DATA + NET, "taps must be a list of texts"),
    ('taps = ["relu1", "relu1"]\n' + DATA + NET, "each once, got ['relu1', 'relu1']"),
    ('taps = ["rellu1"]\n' + DATA + NET, "taps: unknown tap of alexnet 'rellu1', did you mean"),
    (
        'taps = ["relu3"]\n' + DATA + NET + TRAINED,
        "Or give [[net]] 2 taps of its own",
    ),
    ('taps = ["relu2+features.4"]\n' + DATA + NET, "taps: relu2+features.4 holds one tap twice"),
    ('taps = ["relu2+"]\n' + DATA + NET, "taps: unknown tap of alexnet ''"),
    (DATA + NET + 'taps = ["all+relu1"]\n', "[[net]] 1: taps: unknown tap of alexnet 'all'"),
    ('readouts = ["euclidian"]\n' + DATA + NET, "readouts: unknown form of a readout 'euclidian'"),
    ('readouts = ["gram/dataset-mean"]\n' + DATA + NET, "readouts: form 'gram' takes no relevance"),
    (
        'readouts = ["unit/balanced/dataset-mean", "unit/dataset-mean/balanced"]\n' + DATA + NET,
        "readouts: unit/balanced/dataset-mean and unit/dataset-mean/balanced are the same",
    ),
    ("seeds = [0, -1]\n" + DATA + NET, "seeds must be a list of whole numbers of at most 9"),
    ("seeds = [1000000000]\n" + DATA + NET, "seeds must be a list of whole numbers of at most 9"),
    ("seeds = [true]\n" + DATA + NET, "seeds must be a list of whole numbers"),
    ('moments = "most"\n' + DATA + NET, "moments: unknown choice 'most'. It takes all, needed"),
    (DATA + NET + "[statistics]\nresample = 3\n", "[statistics]: unknown key 'resample', did you"),
    (DATA + NET + "[statistics]\nresamples = 1e3\n", "[statistics]: resamples must be a whole"),
    (DATA + NET + "[statistics]\nseed = -1\n", "[statistics]: seed must be a whole number from 0"),
    ("statistics = 3\n" + DATA + NET, "statistics must be a table, written [statistics], got 3"),
    ("[[data]]\n" + NET, "[[data]] 1: give either csv, a table of rated pairs, or name, one of"),
    (CSV + 'name = "contrast-thresholds"\n' + NET, "[[data]] 1: give either csv"),
    ('[[data]]\nname = "contrast-treshold"\n' + NET, "did you mean 'contrast-thresholds'"),
    ('[[data]]\ncsv = "none.csv"\n' + NET, "[[data]] 1: csv: no such file: "),
    (CSV + 'higher_is_better = "yes"\n' + NET, "higher_is_better must be true or false, got 'yes'"),
    (
        CSV + 'standard_error_of_opinion = "std"\n' + NET,
        "standard_error_of_opinion: unknown choice 'std'. It takes opinion_std",
    ),
    (DATA + "higher_is_better = true\n" + NET, "higher_is_better belongs to a csv, not to contr"),
    (DATA + '[[net]]\nlabel = "a"\n', "[[net]] 1: name is missing, expected a text in one line"),
    (DATA + '[[net]]\nname = "alexnt"\n', "[[net]] 1: name: unknown net 'alexnt', did you mean"),
    (DATA + '[[net]]\nname = "alexnet.imagnet"\n', "did you mean 'alexnet.imagenet'"),
    (DATA + '[[net]]\nname = "alexnet"\nweights = "b.pth"\n', "[[net]] 1: weights: no such file: "),
    (DATA + NET + 'weights = "weights/a.pth"\n', "weights: alexnet.random has random ones; leave"),
    (DATA + NET + 'label = "two\\nlines"\n', "label must be a text in one line, got 'two\\nlines'"),
    (DATA + NET + NET, "[[net]]: alexnet.random-0 is given twice"),
    (DATA + NET + '[[net]]\nname = "alexnet.random-2"\n', "alexnet.random-2 is given twice"),
    (DATA + 2 * TRAINED, "[[net]]: vgg16.imagenet is given twice"),
    (
        DATA + '[[net]]\nname = "alexnet.random-0"\nlabel = "x"\n' + TRAINED + 'label = "x"\n',
        "[[net]]: x is given twice",
    ),
    (
        DATA
        + TRAINED
        + '[[net]]\nname = "vgg16.random-0"\nlabel = "vgg16.imagenet"\ntaps = ["all"]\n',
        "[[net]]: vgg16.imagenet is given twice",
    ),
    ("metric = []\n" + DATA, "metric must be at least one table, written [[metric]], got []"),
    (DATA + "[[metric]]\n", "[[metric]] 1: name is missing, expected a text in one line"),
    (DATA + METRIC + "option = 1\n", "[[metric]] 1: unknown key 'option', did you mean 'options'"),
    (DATA + METRIC + 'options = "form=pixel"\n', "[[metric]] 1: options must be a list of texts"),
    (
        DATA + METRIC + 'options = ["form"]\n',
        "[[metric]] 1: options: metric vif: expected NAME,OPT",
    ),
    (DATA + METRIC + 'options = ["form=a"]\n', "[[metric]] 1: name: unknown form of vif: 'a'"),
    (DATA + METRIC + 'precision = "high"\n', "[[metric]] 1: name: vif has no net"),
    (DATA + METRIC + 'weights = "b.pth"\n', "[[metric]] 1: weights: no such file: "),
    (DATA + METRIC + 'weights = "weights/a.pth"\n', "name: vif reads no weights of a file; leave"),
    (DATA + METRIC + METRIC, "[[metric]]: two metrics are called vif; give each once, or"),
    (DATA + METRIC + 'label = "ssim"\n', "[[metric]]: vif is called ssim as another metric"),
    (DATA + '[[metric]]\nname = "lpips"\n', "name: unknown metric 'lpips', did you mean 'lpips."),
    ("out = results\n" + DATA + NET, "is not TOML: Invalid value (at line 1, column 7)"),
    ("a = " + "[" * 5000, "is not TOML"),
    ("a = 1" + "0" * 5000, "is not TOML"),
]


@pytest.mark.parametrize(("text", "message"), WRONG, ids=[message[:60] for _, message in WRONG])
def test_mistakes_are_one_line_that_names_file_and_key(folder, text, message):
    with pytest.raises(InputError) as caught:
        read(folder, text)
    told = str(caught.value)
    assert told.startswith(str(folder / "study.toml"))
    assert message in told
    assert len(told.splitlines()) == 1


def test_files_that_cannot_be_read_are_named(folder):
    for name, content in (("latin.toml", b"# \xe9"), ("zip.toml", b"PK\x03\x04\xff\xff")):
        (folder / name).write_bytes(content)
        with pytest.raises(InputError, match=rf"{name} is not UTF-8; save the file as UTF-8"):
            read_study(folder / name)
    with pytest.raises(InputError, match=r"no such file: .*none.toml$"):
        read_study(folder / "none.toml")
    with pytest.raises(InputError, match="is a folder, expected a TOML file"):
        read_study(folder)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder):
    (folder / "study.toml").write_bytes(
        b"\xef\xbb\xbf" + (DATA + NET).replace("\n", "\r\n").encode()
    )
    assert read_study(folder / "study.toml").nets[0].name == "alexnet.random"


def test_every_readout_of_the_example_is_one():
    assert all(parse_form(text) for text in tomllib.loads(example())["readouts"])
