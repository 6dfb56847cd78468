"""Human contrast thresholds of the literature, typed in as numbers.

Here are ModelFest, ColorFest and the smaller gratings of Rovamo et al.; the others are rows of
`tables/contrast_thresholds.csv`: set, number, form, frequency (c/deg), size (deg), orientation,
luminance (cd/m2), background, (dL/L, dM/M, dS/S) on it at unit cone contrast, log10 threshold. Of
sets that have eccentric, flickering or dim stimuli too, those are not there. The last column of
every table is the log10 of the cone contrast at threshold, averaged over observers; the sensitivity
is 10 to minus that. Cone contrast is, to our knowledge,

    sqrt(((dL/L)^2 + (dM/M)^2 + (dS/S)^2) / 3),

which along the achromatic direction is the Michelson contrast. All stimuli are photopic, 8 cd/m2
or more. The figures follow the collection behind castleCSF (Ashraf, Mantiuk, Chapiro & Wuerger
2024, Journal of Vision 24(4), 5; data of the University of Cambridge, MIT licence), which put the
sets into one convention; some it has read off the papers' plots.
"""

import csv
import functools
import importlib.resources

CITATIONS = {
    "watson2000": "Watson (2000), Visual detection of spatial contrast patterns: evaluation of "
    "five simple models, Optics Express 6(1), 12-33, doi:10.1364/OE.6.000012",
    "wuerger2002": "Wuerger, Watson & Ahumada (2002), Towards a spatio-chromatic standard "
    "observer for detection, Proc. SPIE 4662, doi:10.1117/12.469512",
    "rovamo1993": "Rovamo, Luntinen & Nasanen (1993), Modelling the dependence of contrast "
    "sensitivity on grating area and spatial frequency, Vision Research 33(18), 2773-2788, "
    "doi:10.1016/0042-6989(93)90235-O",
    "mantiuk2011": "Mantiuk, Kim, Rempel & Heidrich (2011), HDR-VDP-2: a calibrated visual metric "
    "for visibility and quality predictions in all luminance conditions, ACM Transactions on "
    "Graphics 30(4), 40, doi:10.1145/2010324.1964935",
    "kim2013": "Kim, Mantiuk & Lee (2013), Measurements of achromatic and chromatic contrast "
    "sensitivity functions for an extended range of adaptation luminance, Proc. SPIE 8651, "
    "doi:10.1117/12.2002178",
    "wuerger2020": "Wuerger, Ashraf, Kim, Martinovic, Perez-Ortiz & Mantiuk (2020), "
    "Spatio-chromatic contrast sensitivity under mesopic and photopic light levels, Journal of "
    "Vision 20(4), 23, doi:10.1167/jov.20.4.23",
    "wright1983": "Wright & Johnston (1983), Spatio-temporal contrast sensitivity and visual field "
    "locus, Vision Research 23(10), 983-989, doi:10.1016/0042-6989(83)90008-1",
    "virsu1979": "Virsu & Rovamo (1979), Visual resolution, contrast sensitivity, and the cortical "
    "magnification factor, Experimental Brain Research 37, 475-494, doi:10.1007/BF00236818",
    "lucassen2018": "Lucassen, Lambooij, Sekulovski & Vogels (2018), Spatio-chromatic sensitivity "
    "explained by post-receptoral contrast, Journal of Vision 18(5), 13, doi:10.1167/18.5.13",
    "xu2020": "Xu, Luo & Sekulovski (2020), Investigation of spatial chromatic contrast around 5 "
    "colour centres, London Imaging Meeting 2020, doi:10.2352/issn.2694-118X.2020.LIM-31",
}

# set of `tables/contrast_thresholds.csv` -> key of its citation
TABULATED = {
    "rovamo1993-large": "rovamo1993",
    "hdrvdp_csf": "mantiuk2011",
    "kim2013": "kim2013",
    "hdr_csf": "wuerger2020",
    "wright1983": "wright1983",
    "virsu1979": "virsu1979",
    "lucassen2018": "lucassen2018",
    "five_centres": "xu2020",
}


@functools.cache
def tabulated() -> tuple[dict[str, str], ...]:
    """Returns the rows of `tables/contrast_thresholds.csv`, texts by column."""
    path = importlib.resources.files(__package__) / "tables" / "contrast_thresholds.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


ACHROMATIC = (1.0, 1.0, 1.0)

# (dL/L, dM/M, dS/S) on the set's own background, scaled to unit cone contrast. Number 2 is the
# one called achromatic in ColorFest; with the cone units of the collection its S part is larger.
COLORFEST_DIRECTIONS = {
    2: (0.64843, 0.66007, 1.46419),
    3: (0.80913, -1.50409, -0.28814),
    4: (0.03192, 0.04272, 1.73123),
    5: (0.07232, -0.01436, 1.73048),
    6: (-0.00708, 0.10846, 1.72864),
    7: (0.31269, 0.26193, 1.68334),
    8: (0.25986, 0.33774, 1.67881),
}

# frequency (c/deg), sigma of the Gaussian (deg), log10 threshold; in ModelFest's own order, 1-14
MODELFEST = (
    (1.12, 0.5, -1.82095),
    (2, 0.5, -1.96031),
    (2.83, 0.5, -2.06316),
    (4, 0.5, -2.10648),
    (5.66, 0.5, -1.99191),
    (8, 0.5, -1.84361),
    (11.3, 0.5, -1.62089),
    (16, 0.5, -1.29775),
    (22.6, 0.5, -0.95945),
    (30, 0.5, -0.56747),
    (2, 0.25, -1.76928),
    (4, 0.125, -1.61855),
    (8, 0.0625, -1.19286),
    (16, 0.03125, -0.51348),
)

# frequency (c/deg), colour direction, log10 threshold; sigma is COLORFEST_SIGMA (deg) throughout
COLORFEST_SIGMA = 0.5
COLORFEST = (
    (1.2, 2, -1.67049),
    (1.2, 3, -2.63414),
    (1.2, 4, -1.64093),
    (1.2, 5, -1.62863),
    (1.2, 6, -1.44704),
    (1.2, 7, -1.57346),
    (1.2, 8, -1.42478),
    (2, 2, -1.92277),
    (2, 3, -2.46607),
    (2, 4, -1.43477),
    (2.8, 2, -2.00510),
    (2.8, 3, -2.39607),
    (2.8, 4, -1.25981),
    (2.8, 5, -1.50270),
    (2.8, 6, -1.31854),
    (2.8, 7, -1.62233),
    (2.8, 8, -1.45934),
    (4, 2, -1.95947),
    (4, 3, -2.24486),
    (4, 4, -1.23256),
    (5.66, 2, -1.78128),
    (5.66, 3, -2.19341),
    (5.66, 4, -1.08476),
    (8, 2, -1.71588),
    (8, 3, -2.13694),
    (8, 4, -0.90482),
    (8, 5, -1.14416),
    (8, 6, -1.11316),
    (8, 7, -1.33573),
    (8, 8, -1.20445),
    (11.3, 2, -1.45424),
    (11.3, 3, -1.93112),
    (11.3, 4, -1.10075),
    (16, 2, -1.18793),
    (16, 3, -1.87534),
    (22.6, 2, -0.79801),
    (22.6, 3, -1.48277),
    (22.6, 4, -0.75292),
    (30, 2, -0.39278),
    (30, 3, -1.28757),
)

# frequency (c/deg), side of the square (deg), log10 threshold; the vertical gratings of the
# paper whose side is at most 1.9 degrees, so that they fit the image with a margin
ROVAMO1993 = (
    (1, 1.00000, -1.80328),
    (2, 0.48812, -1.86885),
    (2, 0.98130, -2.04918),
    (4, 0.24467, -1.84615),
    (4, 0.49002, -2.09341),
    (4, 0.98140, -2.39011),
    (8, 0.12356, -1.61538),
    (8, 0.23751, -1.86264),
    (8, 0.48282, -2.12637),
    (8, 0.94553, -2.40659),
    (8, 1.85169, -2.58791),
    (16, 0.05650, -0.90164),
    (16, 0.12096, -1.26230),
    (16, 0.23545, -1.59016),
    (16, 0.47609, -1.80328),
    (16, 0.96266, -1.86885),
    (32, 0.12077, -0.59016),
    (32, 0.24280, -0.86885),
    (32, 0.48812, -0.98361),
    (32, 0.98130, -1.08197),
)
