"""The programs that people run instead, on the same network and images: PyTorch and ONNX Runtime on the CPU.

Started by measure.ts, which speaks with it in lines of JSON on standard input and output:
  {"do": "prepare", "peer": NAME, "batch": N}  ->  {"version": ..., "prepareMs": ..., "firstRunMs": ...}
  {"do": "run", "peer": NAME, "first": I, "count": N, "warmMs": MS}
                                               ->  {"ms": [...], "predictions": [...]}   batches I .. I + N - 1
or {"error": ...}. For "warmMs" the first of them is run before, untimed. Images are normalized before anything is
timed; a time is from a batch in host memory to logits in host memory.

usage: peers.py FOLDER      (spec.json, tensors.bin, test.bin, calibration.bin, written by measure.ts)
"""
import json
import os
import sys
import time

import numpy as np

FOLDER = sys.argv[1]
with open(os.path.join(FOLDER, "spec.json")) as file:
    SPEC = json.load(file)
TOPOLOGY = SPEC["topology"]
THREADS = SPEC["threads"]


def load_tensors():
    data = np.fromfile(os.path.join(FOLDER, "tensors.bin"), np.float32)
    tensors, start = {}, 0
    for name, shape in SPEC["tensors"]:
        size = int(np.prod(shape))
        tensors[name] = data[start : start + size].reshape(shape)
        start += size
    return tensors


def load_images(name):
    """Raw bytes [n][height][width][channels] as normalized floats [n][channels][height][width]."""
    shape = TOPOLOGY["input"]
    pixels = np.fromfile(os.path.join(FOLDER, name), np.uint8)
    pixels = pixels.reshape(-1, shape["height"], shape["width"], shape["channels"]).astype(np.float32)
    normalization = TOPOLOGY["normalization"]
    mean = np.array(normalization["mean"], np.float32)
    deviation = np.array(normalization["deviation"], np.float32)
    return np.ascontiguousarray(((pixels / 255 - mean) / deviation).transpose(0, 3, 1, 2))


TENSORS = load_tensors()
IMAGES = load_images("test.bin")


# ---- PyTorch -------------------------------------------------------------------------------------------------------
def torch_forward(sign_each_time):
    import torch
    import torch.nn.functional as F

    tensors = {name: torch.from_numpy(values) for name, values in TENSORS.items()}

    def weight(layer):
        w = tensors[layer["name"] + ".weight"]
        return w.sign() if sign_each_time and layer["binary"] else w

    def forward(x):
        for layer in TOPOLOGY["layers"]:
            kind = layer["kind"]
            if kind == "linear":
                x = F.linear(x, weight(layer), tensors[layer["name"] + ".bias"])
            elif kind == "convolution":
                bias = tensors[layer["name"] + ".bias"]
                x = F.conv2d(x, weight(layer), bias, stride=layer["stride"], padding=layer["padding"])
            elif kind == "maxPool":
                x = F.max_pool2d(x, layer["size"], layer["stride"])
            elif kind == "batchNorm":
                part = lambda p: tensors[layer["name"] + "." + p]
                numbers = [part(p) for p in ("running_mean", "running_var", "weight", "bias")]
                x = F.batch_norm(x, *numbers, eps=layer["epsilon"])
            elif kind == "relu":
                x = F.relu(x)
            elif kind == "flatten":
                x = x.flatten(1)
        return x

    return forward


def prepare_torch(batch, sign_each_time=False, compiled=False):
    import torch

    torch.set_num_threads(THREADS)
    forward = torch_forward(sign_each_time)
    if compiled:
        forward = torch.compile(forward)
    images = torch.from_numpy(IMAGES)

    def run(first):
        with torch.no_grad():
            return forward(images[first : first + batch]).numpy()

    return torch.__version__, run


# ---- ONNX Runtime --------------------------------------------------------------------------------------------------
def write_onnx(path):
    from onnx import TensorProto, helper, numpy_helper, save

    shape = TOPOLOGY["input"]
    nodes, used, value = [], [], "images"

    def add(kind, inputs, **attributes):
        nonlocal value
        output = "logits" if len(nodes) == len(TOPOLOGY["layers"]) - 1 else f"value{len(nodes)}"
        nodes.append(helper.make_node(kind, [value, *inputs], [output], **attributes))
        used.extend(inputs)
        value = output

    for layer in TOPOLOGY["layers"]:
        kind, name = layer["kind"], layer.get("name")
        if kind == "linear":
            add("Gemm", [name + ".weight", name + ".bias"], transB=1)
        elif kind == "convolution":
            add("Conv", [name + ".weight", name + ".bias"], pads=[layer["padding"]] * 4, strides=[layer["stride"]] * 2)
        elif kind == "maxPool":
            add("MaxPool", [], kernel_shape=[layer["size"]] * 2, strides=[layer["stride"]] * 2)
        elif kind == "batchNorm":
            parts = [name + "." + part for part in ("weight", "bias", "running_mean", "running_var")]
            add("BatchNormalization", parts, epsilon=layer["epsilon"])
        elif kind == "relu":
            add("Relu", [])
        elif kind == "flatten":
            add("Flatten", [])
    dimensions = ["batch", shape["channels"], shape["height"], shape["width"]]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, dimensions)],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", TOPOLOGY["classes"]])],
        [numpy_helper.from_array(TENSORS[name], name) for name in used],
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def quantize_onnx(source, target):
    """Static 8 bits: unsigned activations from training images, signed weights, one scale a channel."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self):
            images = load_images("calibration.bin")
            self.batches = iter([images[i : i + 32] for i in range(0, len(images), 32)])

        def get_next(self):
            batch = next(self.batches, None)
            return None if batch is None else {"images": batch}

    prepared = source + ".prepared.onnx"
    quant_pre_process(source, prepared)
    quantize_static(
        prepared,
        target,
        Reader(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def prepare_onnxruntime(batch, eight_bits=False):
    import onnxruntime

    path = os.path.join(FOLDER, "network.onnx")
    if not os.path.exists(path):
        write_onnx(path)
    if eight_bits:
        quantized = os.path.join(FOLDER, "network.int8.onnx")
        if not os.path.exists(quantized):
            quantize_onnx(path, quantized)
        path = quantized
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return onnxruntime.__version__, lambda first: session.run(None, {"images": IMAGES[first : first + batch]})[0]


PEERS = {
    "pytorch fp32": lambda batch: prepare_torch(batch),
    "pytorch fp32, signing at each forward": lambda batch: prepare_torch(batch, sign_each_time=True),
    "torch.compile fp32": lambda batch: prepare_torch(batch, compiled=True),
    "onnxruntime fp32": lambda batch: prepare_onnxruntime(batch),
    "onnxruntime int8": lambda batch: prepare_onnxruntime(batch, eight_bits=True),
}


# ---- the conversation ----------------------------------------------------------------------------------------------
def milliseconds(function, *arguments):
    started = time.perf_counter()
    result = function(*arguments)
    return (time.perf_counter() - started) * 1e3, result


def answer(request, ready):
    name = request["peer"]
    if request["do"] == "prepare":
        batch = request["batch"]
        prepare_ms, (version, run) = milliseconds(PEERS[name], batch)
        ready[name] = (batch, run)
        return {"version": version, "prepareMs": prepare_ms, "firstRunMs": milliseconds(run, 0)[0]}
    batch, run = ready[name]
    starts = [(request["first"] + i) * batch for i in range(request["count"])]
    warm_until = time.perf_counter() + request["warmMs"] / 1e3
    while time.perf_counter() < warm_until:
        run(starts[0])
    results = [milliseconds(run, start) for start in starts]
    predictions = np.concatenate([logits for _, logits in results]).argmax(1)
    return {"ms": [ms for ms, _ in results], "predictions": predictions.tolist()}


def main():
    # What the libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    ready = {}
    for line in sys.stdin:
        try:
            result = answer(json.loads(line), ready)
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), file=answers, flush=True)


main()
