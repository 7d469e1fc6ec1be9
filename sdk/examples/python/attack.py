#!/usr/bin/env python3
"""An attack on Titer as a program of its own, with the standard library alone: random steps away from the defended weights.

    attacks: [{ command: [python3, attack.py, "0.02"], folder: ./my-attack, label: random_walk }]

It is started with the path of a JSON file as its last argument, which says where the defended model lies, what it may spend, where the
attacker's data is (the JSON lines under "harmful" and "benign", as text and as tokens), at which steps it may be measured ("points"), and
where the models go. A real attack trains; this one walks at random, which is the control of how fragile a defense is, and shows the protocol.
"""
import json
import math
import os
import random
import shutil
import struct
import sys
from array import array


def read(path):
    """A safetensors file: 8 bytes of length, a JSON header with the place of every tensor, their bytes."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length)), bytearray(file.read())


def write(path, header, body):
    """The header of the file that was read fits the changed bytes: nothing moved."""
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        task = json.load(file)
    size = float(sys.argv[1]) if len(sys.argv) > 2 else 0.02
    noise = random.Random(task["seed"])
    header, body = read(os.path.join(task["model"], "model.safetensors"))
    with open(task["harmful"], encoding="utf-8") as rows:
        print(f"{sum(1 for _ in rows)} harmful rows, points {task['points']}")

    done = 0
    for point in task["points"]:
        for name, tensor in header.items():
            if name == "__metadata__" or tensor["dtype"] != "F32":
                continue
            begin, end = tensor["data_offsets"]
            values = array("f", bytes(body[begin:end]))
            # So many steps of a random walk are one step that is longer by their root.
            scale = size * math.sqrt(point - done) * math.sqrt(sum(v * v for v in values) / max(1, len(values)))
            body[begin:end] = array("f", (v + scale * noise.gauss(0, 1) for v in values)).tobytes()
        done = point
        folder = os.path.join(task["output"], f"step-{point}")
        shutil.copytree(task["model"], folder, ignore=shutil.ignore_patterns("*.safetensors"))
        write(os.path.join(folder, "model.safetensors"), header, bytes(body))

    with open(os.path.join(task["output"], "spent.json"), "w", encoding="utf-8") as file:
        json.dump({"steps": done, "samples": 0, "tokens": 0}, file)


if __name__ == "__main__":
    main()
