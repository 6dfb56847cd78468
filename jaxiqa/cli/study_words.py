"""What `jaxiqa study --help` says before and after the options."""

import textwrap

from jaxiqa.cli.study_data import PHOTO_PAIRS, PHOTOS
from jaxiqa.readouts.forms import FORMS
from jaxiqa.readouts.readout import COMBINATIONS, RELEVANCES
from jaxiqa.study.study_file import example


def readout_words() -> str:
    """Forms, combinations and relevances with what they are."""
    words = {name: form.description for name, form in FORMS.items()} | COMBINATIONS | RELEVANCES
    return "\n".join(f"  {name:13} {description}" for name, description in words.items())


DESCRIPTION = f"""Correlates distances with human opinion, at every tap of every net.

Without --data it runs on contrast-thresholds, which ships: patterns at the threshold of human
vision, computed from formulas; and on {PHOTO_PAIRS} of the 720 pairs of {PHOTOS} where that is
prepared (`--pairs 720` takes them all).
Without --net it takes the small nets that ship, one architecture trained for seven goals and for
none, unless --metric asks for something. Both run offline. PSNR and SSIM stand beside in every
study. A whole study can be written in a TOML file in place of options.

What is extracted is kept in DIR/banks: an interrupted study goes on where it stopped, and the next
one that asks for other readouts of the same taps computes no net again. At its end stands one page,
DIR/report.html, which opens offline (`jaxiqa report --help`)."""

EPILOG = f"""\
PAIRS.csv has the columns reference, distorted, opinion and may have opinion_std, reference_id,
distortion, level, split, higher_is_better; paths are relative to the file.

readouts, FORM or FORM/COMBINATION or FORM/RELEVANCE:
{readout_words()}

a study file:

{textwrap.indent(example(), "  ")}
examples:
  jaxiqa study
  jaxiqa study --data pairs.csv --net alexnet --weights alexnet-owt-7be5be79.pth --out results
  jaxiqa study --data pairs.csv --net alexnet.random-0 --readout unit --readout gram
  jaxiqa study --data pairs.csv --metric ms_ssim --metric vif,form=wavelet --metric lpips.alexnet
  jaxiqa study study.toml"""
