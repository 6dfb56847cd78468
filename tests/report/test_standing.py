"""Groups of the ranking, from comparisons with the best net and with SSIM."""

import pytest
from made_study import compared, row

from jaxiqa.report.standing import ABOVE, BELOW, FAR, LEVEL, TOP, UNTESTED, standings

SSIM, BEST, OTHER = (
    row("ssim", 0.8),
    row("vgg16.imagenet:pool2", 0.9),
    row("alexnet.imagenet:relu1", 0.85),
)
LOW = row("alexnet.imagenet:relu1", 0.7)


@pytest.mark.parametrize(
    ("other", "beside_best", "beside_ssim", "group"),
    [
        (OTHER, 0.2, 0.001, TOP),
        (OTHER, 0.001, 0.001, ABOVE),
        (OTHER, 0.001, 0.2, LEVEL),
        (LOW, 0.001, 0.001, BELOW),
        (OTHER, 0.001, None, FAR),
        (OTHER, None, 0.001, UNTESTED),
    ],
)
def test_a_row_stands_where_the_tests_put_it(other, beside_best, beside_ssim, group):
    tests = [(other, BEST, beside_best), (SSIM, other, beside_ssim)]
    made = [compared(a, b, p) for a, b, p in tests if p is not None]
    found = standings([SSIM, BEST, other], made)
    assert found["made", other.name] == group
    assert found["made", BEST.name] == TOP


def test_ssim_below_the_best_is_level_with_itself():
    found = standings([SSIM, BEST], [compared(BEST, SSIM, 0.001)])
    assert found["made", "ssim"] == LEVEL
