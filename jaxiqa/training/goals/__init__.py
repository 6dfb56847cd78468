"""The registry of goals. A new one is a file here and a line below."""

from jaxiqa.training.goal import Goal
from jaxiqa.training.goals.classification import CLASSIFICATION
from jaxiqa.training.goals.colorization import COLORIZATION
from jaxiqa.training.goals.contrastive import CONTRASTIVE
from jaxiqa.training.goals.jigsaw import JIGSAW
from jaxiqa.training.goals.reconstruction import AUTOENCODING, DENOISING
from jaxiqa.training.goals.rotation import ROTATION

GOALS: dict[str, Goal] = {
    "classification": CLASSIFICATION,
    "rotation": ROTATION,
    "jigsaw": JIGSAW,
    "colorization": COLORIZATION,
    "contrastive": CONTRASTIVE,
    "autoencoding": AUTOENCODING,
    "denoising": DENOISING,
}
