"""A defense as a program of its own: Python's standard library and nothing else.

    defenses: [{ command: [python3, defend.py, "0.02"], folder: sdk/examples/python, label: perturb }]

It adds Gaussian noise to every down projection, relative to the tensor's own size: no good defense, and the shape of every
program that enters. What it is told is a file of JSON, its last argument (see 'A program of its own' in the guide).
"""
import json
import math
import pathlib
import random
import shutil
import struct
import sys


def read(path):
    """A safetensors file: its header, and the bytes behind it."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), bytearray(file.read())


def write(path, header, data):
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def perturb(header, data, share, noise):
    """Float32 alone; a program for other types would widen and narrow them."""
    for name in sorted(header):
        if not name.endswith("down_proj.weight"):
            continue
        if header[name]["dtype"] != "F32":
            sys.exit(f"{name} is {header[name]['dtype']}; this example knows F32 alone.")
        begin, end = header[name]["data_offsets"]
        values = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
        size = math.sqrt(sum(v * v for v in values) / len(values))
        data[begin:end] = struct.pack(f"<{len(values)}f", *(v + share * size * noise.gauss(0, 1) for v in values))


def main(share, task):
    model, output = pathlib.Path(task["model"]), pathlib.Path(task["output"])
    with open(task["harmful"], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    print(f"{len(rows)} forbidden questions, the first in {len(rows[0]['tokens'])} tokens; seed {task['seed']}")
    header, data = read(model / "model.safetensors")
    perturb(header, data, share, random.Random(task["seed"]))
    shutil.copy(model / "config.json", output)
    write(output / "model.safetensors", header, data)
    (output / "spent.json").write_text(json.dumps({"steps": 1}))


if __name__ == "__main__":
    main(float(sys.argv[1]), json.loads(pathlib.Path(sys.argv[-1]).read_text()))
