"""What metrics are cited by."""

from jaxiqa.report.work import Work, preprint

_TIP = "IEEE Transactions on Image Processing"
LPIPS = preprint(
    "zhang2018unreasonable",
    "Zhang, Richard and Isola, Phillip and Efros, Alexei A. and Shechtman, Eli and Wang, Oliver",
    "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    "1801.03924",
)
DISTS = preprint(
    "ding2020dists",
    "Ding, Keyan and Ma, Kede and Wang, Shiqi and Simoncelli, Eero P.",
    "Image Quality Assessment: Unifying Structure and Texture Similarity",
    "2004.07728",
)
SSIM = Work(
    "wang2004ssim",
    "Wang, Zhou and Bovik, Alan C. and Sheikh, Hamid R. and Simoncelli, Eero P.",
    "Image Quality Assessment: From Error Visibility to Structural Similarity",
    2004,
    f"{_TIP} 13(4), 600--612",
    doi="10.1109/TIP.2003.819861",
)

# Of metrics, by how their names start; the longest start counts. PSNR has none of its own.
METRICS: dict[str, Work | None] = {
    "psnr": None,
    "pocket": None,
    "ssim": SSIM,
    "lpips": LPIPS,
    "dists": DISTS,
    "ms_ssim": Work(
        "wang2003multiscale",
        "Wang, Zhou and Simoncelli, Eero P. and Bovik, Alan C.",
        "Multiscale Structural Similarity for Image Quality Assessment",
        2003,
        "Asilomar Conference on Signals, Systems and Computers, 1398--1402",
        doi="10.1109/ACSSC.2003.1292216",
    ),
    "gmsd": Work(
        "xue2014gmsd",
        "Xue, Wufeng and Zhang, Lei and Mou, Xuanqin and Bovik, Alan C.",
        "Gradient Magnitude Similarity Deviation: A Highly Efficient Perceptual Image Quality "
        "Index",
        2014,
        f"{_TIP} 23(2), 684--695",
        doi="10.1109/TIP.2013.2293423",
    ),
    "fsim": Work(
        "zhang2011fsim",
        "Zhang, Lin and Zhang, Lei and Mou, Xuanqin and Zhang, David",
        "{FSIM}: A Feature Similarity Index for Image Quality Assessment",
        2011,
        f"{_TIP} 20(8), 2378--2386",
        doi="10.1109/TIP.2011.2109730",
    ),
    "vsi": Work(
        "zhang2014vsi",
        "Zhang, Lin and Shen, Ying and Li, Hongyu",
        "{VSI}: A Visual Saliency-Induced Index for Perceptual Image Quality Assessment",
        2014,
        f"{_TIP} 23(10), 4270--4281",
        doi="10.1109/TIP.2014.2346028",
    ),
    "vif": Work(
        "sheikh2006vif",
        "Sheikh, Hamid R. and Bovik, Alan C.",
        "Image Information and Visual Quality",
        2006,
        f"{_TIP} 15(2), 430--444",
        doi="10.1109/TIP.2005.859378",
    ),
    "mdsi": Work(
        "nafchi2016mdsi",
        "Nafchi, Hossein Ziaei and Shahkolaei, Atena and Hedjam, Rachid and Cheriet, Mohamed",
        "Mean Deviation Similarity Index: Efficient and Reliable Full-Reference Image Quality "
        "Evaluator",
        2016,
        "IEEE Access 4, 5579--5590",
        doi="10.1109/ACCESS.2016.2604042",
    ),
    "haarpsi": Work(
        "reisenhofer2018haarpsi",
        "Reisenhofer, Rafael and Bosse, Sebastian and Kutyniok, Gitta and Wiegand, Thomas",
        "A {Haar} Wavelet-Based Perceptual Similarity Index for Image Quality Assessment",
        2018,
        "Signal Processing: Image Communication 61, 33--43",
        doi="10.1016/j.image.2017.11.001",
    ),
    "ms_gmsd": Work(
        "zhang2017msgmsd",
        "Zhang, Bo and Sander, Pedro V. and Bermak, Amine",
        "Gradient Magnitude Similarity Deviation on Multiple Scales for Color Image Quality "
        "Assessment",
        2017,
        "IEEE International Conference on Acoustics, Speech and Signal Processing",
        doi="10.1109/ICASSP.2017.7952357",
    ),
    "nlpd": Work(
        "laparra2016nlpd",
        "Laparra, Valero and Ball{\\'e}, Johannes and Berardino, Alexander and Simoncelli, Eero P.",
        "Perceptual Image Quality Assessment using a Normalized {Laplacian} Pyramid",
        2016,
        "Electronic Imaging, Human Vision and Electronic Imaging 2016(16), 1--6",
        doi="10.2352/ISSN.2470-1173.2016.16.HVEI-103",
    ),
    "cw_ssim": Work(
        "sampat2009cwssim",
        "Sampat, Mehul P. and Wang, Zhou and Gupta, Shalini and Bovik, Alan C. and Markey, Mia K.",
        "Complex Wavelet Structural Similarity: A New Image Similarity Index",
        2009,
        f"{_TIP} 18(11), 2385--2401",
        doi="10.1109/TIP.2009.2025923",
    ),
    "dss": Work(
        "balanov2015dss",
        "Balanov, Amnon and Schwartz, Arik and Moshe, Yair and Peleg, Nimrod",
        "Image Quality Assessment based on {DCT} Subband Similarity",
        2015,
        "IEEE International Conference on Image Processing, 2105--2109",
    ),
}
