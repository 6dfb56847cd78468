"""The 2AFC score."""

import numpy as np
import pytest

from jaxiqa.checks import InputError
from jaxiqa.data import agreement


def test_agreement_is_the_share_that_chose_alike():
    share = agreement([0.2, 0.2, 1.0, 0.8], [1, 2, 3, 4.0], [2, 1, 2, 4.0])
    np.testing.assert_allclose(share, [0.8, 0.2, 1.0, 0.5])


@pytest.mark.parametrize(
    "distances", [([1.0], [1.0, 2.0]), ([np.nan, 1], [1, 2]), ([[1, 2]], [[1, 2]])]
)
def test_distances_that_do_not_fit(distances):
    with pytest.raises(InputError):
        agreement([0.5, 0.5], *distances)


def test_a_study_says_that_they_are_no_pairs(tmp_path):
    from jaxiqa.study.choices import DataChoice
    from jaxiqa.study.plan import data_sets
    from jaxiqa.study.study_file import read_study

    with pytest.raises(InputError, match=r"^bapps-2afc holds triplets, and a study"):
        data_sets([DataChoice(name="bapps-2afc")])
    path = tmp_path / "study.toml"
    path.write_text('[[data]]\nname = "bapps-2afc"\n[[net]]\nname = "pocket.random-0"\n')
    with pytest.raises(InputError, match="name: bapps-2afc holds triplets, and a study"):
        read_study(path)
