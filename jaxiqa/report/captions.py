"""What stands at each figure of the page: its title, and how to read it."""

# Name of a figure -> title, and how to read it.
CAPTIONS = {
    "depth": (
        "Agreement against depth",
        "One line for each net, from its first layer to its last. Bands are 95 % intervals from a "
        "bootstrap over reference images or stimuli; of means over seeds (xN) they are t intervals "
        "over the seeds too. With many nets only the chosen one has its band. Lines "
        "without points are metrics.",
    ),
    "goals": (
        "What training adds",
        "Each trained net less the same net without training, or less a metric, at the best of its "
        "Euclidean taps, with the 95 % interval of the difference: pairs or stimuli are drawn for "
        "both alike, and seeds count as drawn too. Colours and shapes tell what is sure after Holm "
        "over the nets shown.",
    ),
    "factors": (
        "The four factors",
        "The best tap of each net, by what it is, what it was trained to do, on which images, and "
        "how its responses are read. Best taps are chosen on these very pairs. Lines are metrics.",
    ),
    "ranking": (
        "The ranking",
        "From the best on. Colours tell what is sure: differences from the best net and from SSIM "
        "on shared draws, p below 0.05 after Holm over all tests; means over seeds (xN) are tested "
        "over seeds and draws together. Diamonds are metrics.",
    ),
    "heat": (
        "Kind by kind",
        "Agreement within each kind of distortion, or each level of it.",
    ),
    "layers": (
        "What each layer is worth",
        "Share of the distance that each layer carries, plain and with fitted channel relevance.",
    ),
    "channels": (
        "How few channels carry it",
        "Share of the distance that the largest channels carry together.",
    ),
}

SCATTER = (
    "What a distance says of each pair against what people said of it; of stimuli at threshold, "
    "how sensitive either is. Hover to see a pair, click to keep it, or choose it from the list."
)
