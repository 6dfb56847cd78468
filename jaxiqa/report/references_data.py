"""What data sets are cited by: databases of rated images, and experiments on thresholds."""

from jaxiqa.report.work import Work, preprint

_VISION = "Vision Research"
_JOV = "Journal of Vision"

RATED = (
    Work(
        "ponomarenko2009tid2008",
        "Ponomarenko, Nikolay and Lukin, Vladimir and Zelensky, Alexander and Egiazarian, Karen "
        "and Carli, Marco and Battisti, Federica",
        "{TID2008}: A Database for Evaluation of Full-Reference Visual Quality Assessment Metrics",
        2009,
        "Advances of Modern Radioelectronics 10, 30--45",
    ),
    Work(
        "ponomarenko2015tid2013",
        "Ponomarenko, Nikolay and Jin, Lina and Ieremeiev, Oleg and Lukin, Vladimir and "
        "Egiazarian, Karen and Astola, Jaakko and Vozel, Benoit and Chehdi, Kacem and Carli, Marco "
        "and Battisti, Federica and Kuo, C.-C. Jay",
        "Image Database {TID2013}: Peculiarities, Results and Perspectives",
        2015,
        "Signal Processing: Image Communication 30, 57--77",
        doi="10.1016/j.image.2014.10.009",
    ),
    Work(
        "lin2019kadid",
        "Lin, Hanhe and Hosu, Vlad and Saupe, Dietmar",
        "{KADID-10k}: A Large-scale Artificially Distorted {IQA} Database",
        2019,
        "International Conference on Quality of Multimedia Experience (QoMEX), 1--3",
        doi="10.1109/QoMEX.2019.8743252",
    ),
    Work(
        "larson2010csiq",
        "Larson, Eric C. and Chandler, Damon M.",
        "Most Apparent Distortion: Full-Reference Image Quality Assessment and the Role of "
        "Strategy",
        2010,
        "Journal of Electronic Imaging 19(1), 011006",
        doi="10.1117/1.3267105",
    ),
    Work(
        "sheikh2006live",
        "Sheikh, Hamid R. and Sabir, Muhammad F. and Bovik, Alan C.",
        "A Statistical Evaluation of Recent Full Reference Image Quality Assessment Algorithms",
        2006,
        "IEEE Transactions on Image Processing 15(11), 3440--3451",
        doi="10.1109/TIP.2006.881959",
    ),
    Work(
        "jayaraman2012livemd",
        "Jayaraman, Dinesh and Mittal, Anish and Moorthy, Anush K. and Bovik, Alan C.",
        "Objective Quality Assessment of Multiply Distorted Images",
        2012,
        "Asilomar Conference on Signals, Systems and Computers, 1693--1697",
        doi="10.1109/ACSSC.2012.6489321",
    ),
    Work(
        "sun2017mdid",
        "Sun, Wen and Zhou, Fei and Liao, Qingmin",
        "{MDID}: A Multiply Distorted Image Database for Image Quality Assessment",
        2017,
        "Pattern Recognition 61, 153--168",
        doi="10.1016/j.patcog.2016.07.033",
    ),
    preprint(
        "gu2020pipal",
        "Gu, Jinjin and Cai, Haoming and Chen, Haoyu and Ye, Xiaoxing and Ren, Jimmy S. and Dong, "
        "Chao",
        "{PIPAL}: A Large-Scale Image Quality Assessment Dataset for Perceptual Image Restoration",
        "2007.12142",
        "European Conference on Computer Vision (ECCV)",
    ),
)

THRESHOLDS = (
    Work(
        "watson2000visual",
        "Watson, Andrew B.",
        "Visual Detection of Spatial Contrast Patterns: Evaluation of Five Simple Models",
        2000,
        "Optics Express 6(1), 12--33",
        doi="10.1364/OE.6.000012",
    ),
    Work(
        "wuerger2002towards",
        "Wuerger, Sophie M. and Watson, Andrew B. and Ahumada, Albert J.",
        "Towards a Spatio-Chromatic Standard Observer for Detection",
        2002,
        "Human Vision and Electronic Imaging VII, Proc. SPIE 4662, 159--172",
        doi="10.1117/12.469512",
    ),
    Work(
        "rovamo1993modelling",
        'Rovamo, Jyrki and Luntinen, Olavi and N{\\"a}s{\\"a}nen, Risto',
        "Modelling the Dependence of Contrast Sensitivity on Grating Area and Spatial Frequency",
        1993,
        f"{_VISION} 33(18), 2773--2788",
        doi="10.1016/0042-6989(93)90235-O",
    ),
    Work(
        "mantiuk2011hdrvdp2",
        "Mantiuk, Rafa{\\l} and Kim, Kil Joong and Rempel, Allan G. and Heidrich, Wolfgang",
        "{HDR-VDP-2}: A Calibrated Visual Metric for Visibility and Quality Predictions in All "
        "Luminance Conditions",
        2011,
        "ACM Transactions on Graphics 30(4), 40",
        doi="10.1145/2010324.1964935",
    ),
    Work(
        "kim2013measurements",
        "Kim, Kil Joong and Mantiuk, Rafa{\\l} and Lee, Kyoung Ho",
        "Measurements of Achromatic and Chromatic Contrast Sensitivity Functions for an Extended "
        "Range of Adaptation Luminance",
        2013,
        "Human Vision and Electronic Imaging XVIII, Proc. SPIE 8651",
        doi="10.1117/12.2002178",
    ),
    Work(
        "wuerger2020spatiochromatic",
        "Wuerger, Sophie and Ashraf, Maliha and Kim, Minjung and Martinovic, Jasna and "
        "P{\\'e}rez-Ortiz, Mar{\\'i}a and Mantiuk, Rafa{\\l} K.",
        "Spatio-Chromatic Contrast Sensitivity under Mesopic and Photopic Light Levels",
        2020,
        f"{_JOV} 20(4), 23",
        doi="10.1167/jov.20.4.23",
    ),
    Work(
        "wright1983spatiotemporal",
        "Wright, M. J. and Johnston, A.",
        "Spatio-Temporal Contrast Sensitivity and Visual Field Locus",
        1983,
        f"{_VISION} 23(10), 983--989",
        doi="10.1016/0042-6989(83)90008-1",
    ),
    Work(
        "virsu1979visual",
        "Virsu, V. and Rovamo, J.",
        "Visual Resolution, Contrast Sensitivity, and the Cortical Magnification Factor",
        1979,
        "Experimental Brain Research 37, 475--494",
        doi="10.1007/BF00236818",
    ),
    Work(
        "lucassen2018spatiochromatic",
        "Lucassen, Marcel and Lambooij, Marc and Sekulovski, Dragan and Vogels, Ingrid",
        "Spatio-Chromatic Sensitivity Explained by Post-Receptoral Contrast",
        2018,
        f"{_JOV} 18(5), 13",
        doi="10.1167/18.5.13",
    ),
)

DATA = (*RATED, *THRESHOLDS)
