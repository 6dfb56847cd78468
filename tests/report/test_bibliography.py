"""BibTeX of exactly what was used."""

import re

import pytest
from made_study import row

from jaxiqa.checkpoints.sources import sources
from jaxiqa.data import contrast_thresholds
from jaxiqa.data.databases import DATABASES
from jaxiqa.metrics import METRICS
from jaxiqa.report import references
from jaxiqa.report.bibliography import bibliography, cited, nets_used

KEY = re.compile(r"^@\w+\{([^,]+),$", re.MULTILINE)


def keys(text):
    return KEY.findall(text)


def nets(*labels):
    return [{"label": label, "architecture": label.partition(".")[0]} for label in labels]


def test_what_was_used_is_cited_once_and_nothing_else():
    rows = [
        row("ssim", 0.5),
        row("psnr", 0.5),
        row("lpips.vgg16", 0.5),
        row("alexnet.imagenet:relu1", 1),
    ]
    made = bibliography(rows, nets("alexnet.imagenet", "vgg16.random-0", "vgg16.random-1"), [])
    assert keys(made) == [
        "hernandezcamara2023deepiqa",
        "krizhevsky2014one",
        "simonyan2014very",
        "wang2004ssim",
        "zhang2018unreasonable",
    ]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("pocket.random-0", "krizhevsky2014one"),
        ("resnet50.random-3", "he2015deep"),
        ("resnet50@mine/net.npz", "he2015deep"),
        ("resnet50.barlow_twins-in1k", "zbontar2021barlow"),
        ("resnet20.random", "he2015deep"),
    ],
)
def test_weights_without_a_record_are_cited_by_their_architecture(label, key):
    used = [{"label": label, "architecture": label.partition(".")[0].partition("@")[0]}]
    assert keys(bibliography([], used, [])) == ["hernandezcamara2023deepiqa", key]


def test_nets_that_metrics_read_are_cited_too():
    rows = [row("lpips.alexnet", 0.5), row("vgg16.imagenet:relu1", 0.5)]
    metrics = [{"label": "lpips.alexnet", "architecture": "alexnet"}, {"label": "ms_ssim"}]
    used = nets_used(rows, metrics)
    assert [one["architecture"] for one in used] == ["vgg16", "alexnet"]
    assert {"krizhevsky2014one", "simonyan2014very"} <= set(keys(bibliography(rows, used, [])))


def test_a_metric_that_ships_cites_the_very_net_that_it_reads():
    metrics = [{"label": "mine", "name": "pocket", "architecture": "pocket"}]
    used = nets_used([], metrics)
    assert used == [{"label": "pocket.contrastive-0", "architecture": "pocket"}]
    assert keys(bibliography([], used, []))[1:] == ["chen2020simple"]


def test_keys_differ_and_words_are_no_commands():
    told = r"Somebody, A_B 100 % {of} #1 \x, doi 10.1000/x_1."
    made = bibliography([], [], [("my set", told), ("my_set", f"{told}!"), ("網", told)])
    assert keys(made)[1:] == ["myset", "myset-2", "unnamed"]
    assert r"title = {{my\_set}}" in made
    assert r"A\_B 100 \% of \#1 x" in made
    assert "doi = {10.1000/x_1}" in made
    assert made.count("{") == made.count("}")


@pytest.mark.parametrize("source", sources().values(), ids=lambda source: source.name)
def test_every_record_of_weights_has_its_entry(source):
    entries = cited(source.paper, source.name)
    assert len(entries) == len(source.paper.split("; "))
    assert not any("howpublished" in entry for entry in entries)


@pytest.mark.parametrize("name", DATABASES)
def test_every_database_has_an_entry(name):
    entries = cited(DATABASES[name].citation, name)
    assert entries
    assert len(set(keys("\n".join(entries)))) == len(entries)


@pytest.mark.parametrize("name", [name for name in DATABASES if not name.startswith("tid2013-")])
def test_every_database_is_cited_by_an_article(name):
    first = cited(DATABASES[name].citation, name)[0]
    assert first.startswith("@article") or "1801.03924" in first


def test_thresholds_are_cited_by_articles():
    entries = cited(contrast_thresholds().citation, "contrast-thresholds")
    assert len(entries) == 3
    assert all(entry.startswith("@article") for entry in entries)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_known(name):
    assert any(name.startswith(start) for start in references.METRICS)


@pytest.mark.parametrize("work", references.WORKS.values(), ids=lambda work: work.key)
def test_an_entry_has_balanced_braces_and_its_year(work):
    assert work.bibtex.count("{") == work.bibtex.count("}")
    assert not work.arxiv or work.year == 2000 + int(work.arxiv[:2])
