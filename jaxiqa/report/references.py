"""What can be cited, by hand: one line a work, under its arXiv number, DOI or name."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Work:
    """A work as BibTeX has it.

    Attributes:
      key: of the entry.
      authors: joined by "and".
      title: with braces around what keeps its case.
      year: of publication.
      venue: journal or proceedings, with volume and pages; empty for a preprint alone.
      arxiv: number, or empty.
      doi: without address, or empty.
    """

    key: str
    authors: str
    title: str
    year: int
    venue: str = ""
    arxiv: str = ""
    doi: str = ""

    @property
    def bibtex(self) -> str:
        """The entry: an article of its venue, or a preprint."""
        fields = {"author": self.authors, "title": self.title, "year": str(self.year)}
        if self.venue:
            fields["journal"] = self.venue
        if self.arxiv:
            fields |= {"eprint": self.arxiv, "archiveprefix": "arXiv"}
        if self.doi:
            fields["doi"] = self.doi
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@{'article' if self.venue else 'misc'}{{{self.key},\n{lines}\n}}\n"


def _preprint(key: str, authors: str, title: str, arxiv: str, venue: str = "") -> Work:
    year = 2000 + int(arxiv[:2])
    return Work(key, authors, title, year, venue, arxiv)


PAPER = _preprint(
    "hernandezcamara2023deepiqa",
    "Hern{\\'a}ndez-C{\\'a}mara, Pablo and Vila-Tom{\\'a}s, Jorge and Laparra, Valero and "
    "Malo, Jes{\\'u}s",
    "Analysis of Deep Image Quality Models",
    "2302.13345",
)

# Of nets: what the weights records name.
NETS = (
    _preprint(
        "krizhevsky2014one",
        "Krizhevsky, Alex",
        "One weird trick for parallelizing convolutional neural networks",
        "1404.5997",
    ),
    _preprint(
        "jia2014caffe",
        "Jia, Yangqing and Shelhamer, Evan and Donahue, Jeff and Karayev, Sergey and Long, "
        "Jonathan and Girshick, Ross and Guadarrama, Sergio and Darrell, Trevor",
        "{Caffe}: Convolutional Architecture for Fast Feature Embedding",
        "1408.5093",
    ),
    _preprint(
        "simonyan2014very",
        "Simonyan, Karen and Zisserman, Andrew",
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "1409.1556",
    ),
    _preprint(
        "szegedy2014going",
        "Szegedy, Christian and Liu, Wei and Jia, Yangqing and Sermanet, Pierre and Reed, Scott "
        "and Anguelov, Dragomir and Erhan, Dumitru and Vanhoucke, Vincent and Rabinovich, Andrew",
        "Going Deeper with Convolutions",
        "1409.4842",
    ),
    _preprint(
        "szegedy2015rethinking",
        "Szegedy, Christian and Vanhoucke, Vincent and Ioffe, Sergey and Shlens, Jonathon and "
        "Wojna, Zbigniew",
        "Rethinking the {Inception} Architecture for Computer Vision",
        "1512.00567",
    ),
    _preprint(
        "he2015deep",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        "Deep Residual Learning for Image Recognition",
        "1512.03385",
    ),
    _preprint(
        "iandola2016squeezenet",
        "Iandola, Forrest N. and Han, Song and Moskewicz, Matthew W. and Ashraf, Khalid and "
        "Dally, William J. and Keutzer, Kurt",
        "{SqueezeNet}: {AlexNet}-level accuracy with 50x fewer parameters and $<$0.5MB model size",
        "1602.07360",
    ),
    _preprint(
        "he2016identity",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        "Identity Mappings in Deep Residual Networks",
        "1603.05027",
    ),
    _preprint(
        "zagoruyko2016wide",
        "Zagoruyko, Sergey and Komodakis, Nikos",
        "Wide Residual Networks",
        "1605.07146",
    ),
    _preprint(
        "huang2016densely",
        "Huang, Gao and Liu, Zhuang and van der Maaten, Laurens and Weinberger, Kilian Q.",
        "Densely Connected Convolutional Networks",
        "1608.06993",
    ),
    _preprint(
        "howard2017mobilenets",
        "Howard, Andrew G. and Zhu, Menglong and Chen, Bo and Kalenichenko, Dmitry and Wang, "
        "Weijun and Weyand, Tobias and Andreetto, Marco and Adam, Hartwig",
        "{MobileNets}: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        "1704.04861",
    ),
    _preprint(
        "sandler2018mobilenetv2",
        "Sandler, Mark and Howard, Andrew and Zhu, Menglong and Zhmoginov, Andrey and Chen, "
        "Liang-Chieh",
        "{MobileNetV2}: Inverted Residuals and Linear Bottlenecks",
        "1801.04381",
    ),
    _preprint(
        "gidaris2018unsupervised",
        "Gidaris, Spyros and Singh, Praveer and Komodakis, Nikos",
        "Unsupervised Representation Learning by Predicting Image Rotations",
        "1803.07728",
    ),
    _preprint(
        "wu2018unsupervised",
        "Wu, Zhirong and Xiong, Yuanjun and Yu, Stella and Lin, Dahua",
        "Unsupervised Feature Learning via Non-Parametric Instance-level Discrimination",
        "1805.01978",
    ),
    _preprint(
        "caron2018deep",
        "Caron, Mathilde and Bojanowski, Piotr and Joulin, Armand and Douze, Matthijs",
        "Deep Clustering for Unsupervised Learning of Visual Features",
        "1807.05520",
    ),
    _preprint(
        "goyal2019scaling",
        "Goyal, Priya and Mahajan, Dhruv and Gupta, Abhinav and Misra, Ishan",
        "Scaling and Benchmarking Self-Supervised Visual Representation Learning",
        "1905.01235",
    ),
    _preprint(
        "howard2019searching",
        "Howard, Andrew and Sandler, Mark and Chu, Grace and Chen, Liang-Chieh and Chen, Bo and "
        "Tan, Mingxing and Wang, Weijun and Zhu, Yukun and Pang, Ruoming and Vasudevan, Vijay and "
        "Le, Quoc V. and Adam, Hartwig",
        "Searching for {MobileNetV3}",
        "1905.02244",
    ),
    _preprint(
        "tan2019efficientnet",
        "Tan, Mingxing and Le, Quoc V.",
        "{EfficientNet}: Rethinking Model Scaling for Convolutional Neural Networks",
        "1905.11946",
    ),
    _preprint(
        "misra2019pirl",
        "Misra, Ishan and van der Maaten, Laurens",
        "Self-Supervised Learning of Pretext-Invariant Representations",
        "1912.01991",
    ),
    _preprint(
        "chen2020simple",
        "Chen, Ting and Kornblith, Simon and Norouzi, Mohammad and Hinton, Geoffrey",
        "A Simple Framework for Contrastive Learning of Visual Representations",
        "2002.05709",
    ),
    _preprint(
        "chen2020improved",
        "Chen, Xinlei and Fan, Haoqi and Girshick, Ross and He, Kaiming",
        "Improved Baselines with Momentum Contrastive Learning",
        "2003.04297",
    ),
    _preprint(
        "caron2020unsupervised",
        "Caron, Mathilde and Misra, Ishan and Mairal, Julien and Goyal, Priya and Bojanowski, "
        "Piotr and Joulin, Armand",
        "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
        "2006.09882",
    ),
    _preprint(
        "zbontar2021barlow",
        "Zbontar, Jure and Jing, Li and Misra, Ishan and LeCun, Yann and Deny, St{\\'e}phane",
        "{Barlow Twins}: Self-Supervised Learning via Redundancy Reduction",
        "2103.03230",
    ),
    _preprint(
        "caron2021emerging",
        "Caron, Mathilde and Touvron, Hugo and Misra, Ishan and J{\\'e}gou, Herv{\\'e} and "
        "Mairal, Julien and Bojanowski, Piotr and Joulin, Armand",
        "Emerging Properties in Self-Supervised Vision Transformers",
        "2104.14294",
    ),
    _preprint(
        "liu2022convnet",
        "Liu, Zhuang and Mao, Hanzi and Wu, Chao-Yuan and Feichtenhofer, Christoph and Darrell, "
        "Trevor and Xie, Saining",
        "A {ConvNet} for the 2020s",
        "2201.03545",
    ),
    Work(
        "zhou2017places",
        "Zhou, Bolei and Lapedriza, Agata and Khosla, Aditya and Oliva, Aude and Torralba, Antonio",
        "{Places}: A 10 Million Image Database for Scene Recognition",
        2018,
        "IEEE Transactions on Pattern Analysis and Machine Intelligence 40(6), 1452--1464",
        doi="10.1109/TPAMI.2017.2723009",
    ),
)

_TIP = "IEEE Transactions on Image Processing"
_LPIPS = _preprint(
    "zhang2018unreasonable",
    "Zhang, Richard and Isola, Phillip and Efros, Alexei A. and Shechtman, Eli and Wang, Oliver",
    "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    "1801.03924",
)
_DISTS = _preprint(
    "ding2020dists",
    "Ding, Keyan and Ma, Kede and Wang, Shiqi and Simoncelli, Eero P.",
    "Image Quality Assessment: Unifying Structure and Texture Similarity",
    "2004.07728",
)
_SSIM = Work(
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
    "ssim": _SSIM,
    "lpips": _LPIPS,
    "dists": _DISTS,
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

WORKS: dict[str, Work] = {work.arxiv or work.doi: work for work in (PAPER, *NETS, _LPIPS, _DISTS)}
