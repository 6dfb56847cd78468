"""Checkpoints of other programs, read as plain arrays without those programs.

``read`` tells a file's format by its content and returns its arrays by name; ``digest`` says which
file it was. Nothing in a file is ever executed. A format is one reader and one line in ``FORMATS``.
"""

from jaxiqa.checkpoints import (
    arrays,
    caffe,
    frozen_graph,
    keras,
    onnx,
    tf_names,
    torch_stream,
    torch_zip,
)
from jaxiqa.checkpoints.read import Format, digest, read

FORMATS: dict[str, Format] = {
    "torch .pth (zip format)": Format(torch_zip.matches, torch_zip.read),
    "torch .pth (stream format)": Format(torch_stream.matches, torch_stream.read),
    "safetensors": Format(arrays.is_safetensors, arrays.read_safetensors),
    "Keras .keras": Format(keras.is_archive, keras.read_archive),
    "Keras .h5": Format(keras.is_h5, keras.read_h5),
    "npz": Format(arrays.is_npz, tf_names.read_npz),
    "a folder of npy files": Format(arrays.is_npy_folder, arrays.read_npy_folder),
    "ONNX": Format(onnx.matches, onnx.read),
    "TensorFlow frozen .pb": Format(frozen_graph.matches, frozen_graph.read),
    "Caffe .caffemodel": Format(caffe.matches, caffe.read),
}

__all__ = ["FORMATS", "Format", "digest", "read"]
