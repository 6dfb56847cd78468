"""What metrics are called: their registered names as the field writes them."""

# By the part of a registered name before its dot.
NAMES = {
    "psnr": "PSNR",
    "ssim": "SSIM",
    "ssim_unrounded": "SSIM (unrounded grey)",
    "ms_ssim": "MS-SSIM",
    "cw_ssim": "CW-SSIM",
    "gmsd": "GMSD",
    "ms_gmsd": "MS-GMSD",
    "fsim": "FSIM",
    "vsi": "VSI",
    "vif": "VIF",
    "haarpsi": "HaarPSI",
    "mdsi": "MDSI",
    "nlpd": "NLPD",
    "dss": "DSS",
    "lpips": "LPIPS",
    "dists": "DISTS",
    "pocket": "Pocket",
}
_TRUNKS = {"alexnet": "AlexNet", "vgg16": "VGG-16", "squeezenet": "SqueezeNet"}


def metric_name(label: str) -> str:
    """Returns what a metric is called, its net and options in brackets; another label as it is.

    Args:
      label: as in a study, ``vif,form=wavelet`` or ``lpips.alexnet``.
    """
    name, *options = label.split(",")
    if name in NAMES and not options:
        return NAMES[name]
    base, dot, trunk = name.partition(".")
    if base not in NAMES or (dot and trunk not in _TRUNKS):
        return label
    more = ([_TRUNKS[trunk]] if dot else []) + [option.replace("=", " ") for option in options]
    return f"{NAMES[base]} ({', '.join(more)})"
