"""PyTorch on an NVIDIA GPU, in the four forms that gpu.ts compares with.

Speaks in lines of JSON on standard input and output:
  {"do": "prepare", "form": NAME, "batch": N}  ->  {"version": ...}
  {"do": "time", "passes": N}                  ->  {"queuedMs": ..., "latencyMs": ..., "endToEndMs": ...}   of one pass
  {"do": "spin", "seconds": S}                 ->  {"passes": ...}      passes queued, for the energy counter
  {"do": "classify"}                           ->  {"correct": ..., "total": ...}
or {"error": ...}. Queued and latency have the normalized images on the device; end to end starts with them in pinned
memory of the host, in the form's own type, and ends with logits in pinned memory.

usage: gpu.py FOLDER      (spec.json, tensors.bin, test.bin, labels.bin, written by gpu.ts)
"""
import json
import os
import statistics
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

FOLDER = sys.argv[1]
with open(os.path.join(FOLDER, "spec.json")) as file:
    SPEC = json.load(file)
TOPOLOGY = SPEC["topology"]


def load_tensors():
    data = np.fromfile(os.path.join(FOLDER, "tensors.bin"), np.float32)
    tensors, start = {}, 0
    for name, shape in SPEC["tensors"]:
        size = int(np.prod(shape))
        tensors[name] = torch.from_numpy(data[start : start + size].reshape(shape).copy())
        start += size
    return tensors


def load_images():
    """Raw bytes [n][height][width][channels] as normalized floats [n][channels][height][width]."""
    shape = TOPOLOGY["input"]
    pixels = np.fromfile(os.path.join(FOLDER, "test.bin"), np.uint8)
    pixels = pixels.reshape(-1, shape["height"], shape["width"], shape["channels"]).astype(np.float32)
    mean = np.array(TOPOLOGY["normalization"]["mean"], np.float32)
    deviation = np.array(TOPOLOGY["normalization"]["deviation"], np.float32)
    return torch.from_numpy(np.ascontiguousarray(((pixels / 255 - mean) / deviation).transpose(0, 3, 1, 2)))


IMAGES = load_images()
LABELS = torch.from_numpy(np.fromfile(os.path.join(FOLDER, "labels.bin"), np.uint8).astype(np.int64))

FORMS = {
    "fp32, signing at each forward": dict(sign=True, tf32=False, half=False, compiled=False),
    "tf32": dict(sign=False, tf32=True, half=False, compiled=False),
    "fp16, channels last": dict(sign=False, tf32=False, half=True, compiled=False),
    "fp16, channels last, torch.compile": dict(sign=False, tf32=False, half=True, compiled=True),
}


class Form:
    def __init__(self, name, batch):
        form = FORMS[name]
        torch.backends.cuda.matmul.allow_tf32 = form["tf32"]
        torch.backends.cudnn.allow_tf32 = form["tf32"]
        torch.backends.cudnn.benchmark = True
        self.batch = batch
        dtype = torch.float16 if form["half"] else torch.float32
        self.layout = torch.channels_last if form["half"] and TOPOLOGY["input"]["channels"] > 1 else torch.contiguous_format
        tensors = {name: value.cuda().to(dtype) for name, value in load_tensors().items()}
        self.tensors = {
            name: value.to(memory_format=self.layout) if value.dim() == 4 else value for name, value in tensors.items()
        }
        self.images = IMAGES.to(dtype)
        self.sign = form["sign"]
        torch._dynamo.reset()
        self.run = torch.compile(self.forward, mode="reduce-overhead") if form["compiled"] else self.forward
        self.host = self.at(0).pin_memory()
        self.x = self.host.cuda()
        self.logits = torch.empty(batch, TOPOLOGY["classes"] if "classes" in TOPOLOGY else 10, dtype=dtype).pin_memory()
        for _ in range(5):
            self.step()
        torch.cuda.synchronize()

    def at(self, first):
        return self.images[first : first + self.batch].contiguous(memory_format=self.layout)

    def weight(self, layer):
        w = self.tensors[layer["name"] + ".weight"]
        return w.sign() if self.sign and layer["binary"] else w

    def forward(self, x):
        for layer in TOPOLOGY["layers"]:
            kind = layer["kind"]
            if kind == "linear":
                x = F.linear(x, self.weight(layer), self.tensors[layer["name"] + ".bias"])
            elif kind == "convolution":
                bias = self.tensors[layer["name"] + ".bias"]
                x = F.conv2d(x, self.weight(layer), bias, stride=layer["stride"], padding=layer["padding"])
            elif kind == "maxPool":
                x = F.max_pool2d(x, layer["size"], layer["stride"])
            elif kind == "batchNorm":
                numbers = [self.tensors[f"{layer['name']}.{p}"] for p in ("running_mean", "running_var", "weight", "bias")]
                x = F.batch_norm(x, *numbers, eps=layer["epsilon"])
            elif kind == "relu":
                x = F.relu(x)
            elif kind == "flatten":
                x = x.flatten(1)
        return x

    def step(self):
        with torch.no_grad():
            return self.run(self.x)

    def end_to_end(self):
        self.x.copy_(self.host, non_blocking=True)
        self.logits.copy_(self.step(), non_blocking=True)
        torch.cuda.synchronize()


def timed(function, times):
    started = time.perf_counter()
    for _ in range(times):
        function()
    torch.cuda.synchronize()
    return (time.perf_counter() - started) * 1e3 / times


def alone(function, times):
    return statistics.median(timed(function, 1) for _ in range(times))


def answer(request, state):
    if request["do"] == "prepare":
        state["form"] = Form(request["form"], request["batch"])
        return {"version": torch.__version__}
    form = state["form"]
    if request["do"] == "time":
        queued = statistics.median(timed(form.step, request["passes"]) for _ in range(5))
        return {"queuedMs": queued, "latencyMs": alone(form.step, 50), "endToEndMs": alone(form.end_to_end, 50)}
    if request["do"] == "spin":
        passes, end = 0, time.perf_counter() + request["seconds"]
        while time.perf_counter() < end:
            for _ in range(20):
                form.step()
            torch.cuda.synchronize()
            passes += 20
        return {"passes": passes}
    correct = total = 0
    for first in range(0, len(LABELS) - form.batch + 1, form.batch):
        form.x.copy_(form.at(first))
        correct += int((form.step().argmax(1).cpu() == LABELS[first : first + form.batch]).sum())
        total += form.batch
    return {"correct": correct, "total": total}


def main():
    # What the libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    state = {}
    for line in sys.stdin:
        try:
            result = answer(json.loads(line), state)
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), file=answers, flush=True)


main()
