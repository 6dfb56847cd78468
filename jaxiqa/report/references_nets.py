"""What nets are cited by: the works that the records of weights name."""

from jaxiqa.report.work import Work, preprint

NETS = (
    preprint(
        "krizhevsky2014one",
        "Krizhevsky, Alex",
        "One weird trick for parallelizing convolutional neural networks",
        "1404.5997",
    ),
    preprint(
        "jia2014caffe",
        "Jia, Yangqing and Shelhamer, Evan and Donahue, Jeff and Karayev, Sergey and Long, "
        "Jonathan and Girshick, Ross and Guadarrama, Sergio and Darrell, Trevor",
        "{Caffe}: Convolutional Architecture for Fast Feature Embedding",
        "1408.5093",
    ),
    preprint(
        "simonyan2014very",
        "Simonyan, Karen and Zisserman, Andrew",
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "1409.1556",
    ),
    preprint(
        "szegedy2014going",
        "Szegedy, Christian and Liu, Wei and Jia, Yangqing and Sermanet, Pierre and Reed, Scott "
        "and Anguelov, Dragomir and Erhan, Dumitru and Vanhoucke, Vincent and Rabinovich, Andrew",
        "Going Deeper with Convolutions",
        "1409.4842",
    ),
    preprint(
        "szegedy2015rethinking",
        "Szegedy, Christian and Vanhoucke, Vincent and Ioffe, Sergey and Shlens, Jonathon and "
        "Wojna, Zbigniew",
        "Rethinking the {Inception} Architecture for Computer Vision",
        "1512.00567",
    ),
    preprint(
        "he2015deep",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        "Deep Residual Learning for Image Recognition",
        "1512.03385",
    ),
    preprint(
        "iandola2016squeezenet",
        "Iandola, Forrest N. and Han, Song and Moskewicz, Matthew W. and Ashraf, Khalid and "
        "Dally, William J. and Keutzer, Kurt",
        "{SqueezeNet}: {AlexNet}-level accuracy with 50x fewer parameters and $<$0.5MB model size",
        "1602.07360",
    ),
    preprint(
        "he2016identity",
        "He, Kaiming and Zhang, Xiangyu and Ren, Shaoqing and Sun, Jian",
        "Identity Mappings in Deep Residual Networks",
        "1603.05027",
    ),
    preprint(
        "zagoruyko2016wide",
        "Zagoruyko, Sergey and Komodakis, Nikos",
        "Wide Residual Networks",
        "1605.07146",
    ),
    preprint(
        "huang2016densely",
        "Huang, Gao and Liu, Zhuang and van der Maaten, Laurens and Weinberger, Kilian Q.",
        "Densely Connected Convolutional Networks",
        "1608.06993",
    ),
    preprint(
        "howard2017mobilenets",
        "Howard, Andrew G. and Zhu, Menglong and Chen, Bo and Kalenichenko, Dmitry and Wang, "
        "Weijun and Weyand, Tobias and Andreetto, Marco and Adam, Hartwig",
        "{MobileNets}: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        "1704.04861",
    ),
    preprint(
        "sandler2018mobilenetv2",
        "Sandler, Mark and Howard, Andrew and Zhu, Menglong and Zhmoginov, Andrey and Chen, "
        "Liang-Chieh",
        "{MobileNetV2}: Inverted Residuals and Linear Bottlenecks",
        "1801.04381",
    ),
    preprint(
        "gidaris2018unsupervised",
        "Gidaris, Spyros and Singh, Praveer and Komodakis, Nikos",
        "Unsupervised Representation Learning by Predicting Image Rotations",
        "1803.07728",
    ),
    preprint(
        "wu2018unsupervised",
        "Wu, Zhirong and Xiong, Yuanjun and Yu, Stella and Lin, Dahua",
        "Unsupervised Feature Learning via Non-Parametric Instance-level Discrimination",
        "1805.01978",
    ),
    preprint(
        "caron2018deep",
        "Caron, Mathilde and Bojanowski, Piotr and Joulin, Armand and Douze, Matthijs",
        "Deep Clustering for Unsupervised Learning of Visual Features",
        "1807.05520",
    ),
    preprint(
        "goyal2019scaling",
        "Goyal, Priya and Mahajan, Dhruv and Gupta, Abhinav and Misra, Ishan",
        "Scaling and Benchmarking Self-Supervised Visual Representation Learning",
        "1905.01235",
    ),
    preprint(
        "howard2019searching",
        "Howard, Andrew and Sandler, Mark and Chu, Grace and Chen, Liang-Chieh and Chen, Bo and "
        "Tan, Mingxing and Wang, Weijun and Zhu, Yukun and Pang, Ruoming and Vasudevan, Vijay and "
        "Le, Quoc V. and Adam, Hartwig",
        "Searching for {MobileNetV3}",
        "1905.02244",
    ),
    preprint(
        "tan2019efficientnet",
        "Tan, Mingxing and Le, Quoc V.",
        "{EfficientNet}: Rethinking Model Scaling for Convolutional Neural Networks",
        "1905.11946",
    ),
    preprint(
        "misra2019pirl",
        "Misra, Ishan and van der Maaten, Laurens",
        "Self-Supervised Learning of Pretext-Invariant Representations",
        "1912.01991",
    ),
    preprint(
        "chen2020simple",
        "Chen, Ting and Kornblith, Simon and Norouzi, Mohammad and Hinton, Geoffrey",
        "A Simple Framework for Contrastive Learning of Visual Representations",
        "2002.05709",
    ),
    preprint(
        "chen2020improved",
        "Chen, Xinlei and Fan, Haoqi and Girshick, Ross and He, Kaiming",
        "Improved Baselines with Momentum Contrastive Learning",
        "2003.04297",
    ),
    preprint(
        "caron2020unsupervised",
        "Caron, Mathilde and Misra, Ishan and Mairal, Julien and Goyal, Priya and Bojanowski, "
        "Piotr and Joulin, Armand",
        "Unsupervised Learning of Visual Features by Contrasting Cluster Assignments",
        "2006.09882",
    ),
    preprint(
        "zbontar2021barlow",
        "Zbontar, Jure and Jing, Li and Misra, Ishan and LeCun, Yann and Deny, St{\\'e}phane",
        "{Barlow Twins}: Self-Supervised Learning via Redundancy Reduction",
        "2103.03230",
    ),
    preprint(
        "caron2021emerging",
        "Caron, Mathilde and Touvron, Hugo and Misra, Ishan and J{\\'e}gou, Herv{\\'e} and "
        "Mairal, Julien and Bojanowski, Piotr and Joulin, Armand",
        "Emerging Properties in Self-Supervised Vision Transformers",
        "2104.14294",
    ),
    preprint(
        "noroozi2016unsupervised",
        "Noroozi, Mehdi and Favaro, Paolo",
        "Unsupervised Learning of Visual Representations by Solving Jigsaw Puzzles",
        "1603.09246",
    ),
    preprint(
        "zhang2016colorful",
        "Zhang, Richard and Isola, Phillip and Efros, Alexei A.",
        "Colorful Image Colorization",
        "1603.08511",
    ),
    Work(
        "lee2001occlusion",
        "Lee, Ann B. and Mumford, David and Huang, Jinggang",
        "Occlusion Models for Natural Images: A Statistical Study of a Scale-Invariant Dead Leaves "
        "Model",
        2001,
        "International Journal of Computer Vision 41, 35--59",
        doi="10.1023/A:1011109015675",
    ),
    Work(
        "hinton2006reducing",
        "Hinton, Geoffrey E. and Salakhutdinov, Ruslan R.",
        "Reducing the Dimensionality of Data with Neural Networks",
        2006,
        "Science 313, 504--507",
        doi="10.1126/science.1127647",
    ),
    Work(
        "vincent2008extracting",
        "Vincent, Pascal and Larochelle, Hugo and Bengio, Yoshua and Manzagol, Pierre-Antoine",
        "Extracting and Composing Robust Features with Denoising Autoencoders",
        2008,
        "International Conference on Machine Learning, 1096--1103",
        doi="10.1145/1390156.1390294",
    ),
    preprint(
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
