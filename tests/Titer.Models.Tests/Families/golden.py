#!/usr/bin/env python3
"""Logits of small Gemma 2, Gemma 3, Phi-3, Phi-4 and OLMo 2 models, from the published architectures alone, in float64.

Standard library only; shares nothing with the code under test. Weights come from a rule on their names, so that no weights are stored:
FNV-1a of the name seeds a linear congruential generator, whose states / 2^31 - 1 are the values, times 0.5 for maps and 0.3 for norms
(plus one for norms whose weights are gains). Run it to write golden.json beside itself.

Sources: Gemma 2 (arXiv 2408.00118), Gemma 3 (arXiv 2503.19786), Phi-3 (arXiv 2404.14219), LongRoPE (arXiv 2402.13753), OLMo 2 (arXiv 2501.00656),
RoPE (arXiv 2104.09864), RMSNorm (arXiv 1910.07467), GELU (arXiv 1606.08415).
"""
import json
import math
import os

VOCABULARY, HIDDEN, INNER = 20, 16, 12
IDS = [3, 17, 5, 5, 0, 19, 8, 11, 2]


def values(name, count):
    state = 0x811C9DC5
    for byte in name.encode():
        state = ((state ^ byte) * 0x01000193) % 2**32
    out = []
    for _ in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(state / 2**31 - 1)
    return out


class Weights:
    """Draws tensors by name and notes their shapes."""

    def __init__(self):
        self.shapes = {}

    def matrix(self, name, rows, columns):
        self.shapes[name] = [rows, columns]
        flat = [0.5 * v for v in values(name, rows * columns)]
        return [flat[r * columns:(r + 1) * columns] for r in range(rows)]

    def gain(self, name, size):
        """What a norm multiplies by. A weight that counts from one is 0.3 v, and a plain one 1 + 0.3 v: the gain is the same number."""
        self.shapes[name] = [size]
        return [1 + 0.3 * v for v in values(name, size)]


def apply(matrix, x):
    return [sum(w * v for w, v in zip(row, x)) for row in matrix]


def norm(x, gain, epsilon):
    scale = 1 / math.sqrt(sum(v * v for v in x) / len(x) + epsilon)
    return [v * scale * g for v, g in zip(x, gain)]


def rotate(x, position, base, size, factors=None, stretch=1.0, divisor=1.0):
    """Pairs (i, i + size / 2) of the first dimensions; the others pass."""
    half, out = size // 2, list(x)
    for i in range(half):
        frequency = base ** (-2 * i / size) / divisor / (factors[i] if factors else 1)
        cosine, sine = math.cos(position * frequency) * stretch, math.sin(position * frequency) * stretch
        out[i] = x[i] * cosine - x[i + half] * sine
        out[i + half] = x[i + half] * cosine + x[i] * sine
    return out


def silu(x):
    return x / (1 + math.exp(-x))


def gelu_tanh(x):
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def capped(x, cap):
    return cap * math.tanh(x / cap) if cap else x


def model(config):
    kind = config["model_type"]
    gemma, fused, olmo = kind.startswith("gemma"), kind == "phi3", kind == "olmo2"
    w = Weights()
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    size = config.get("head_dim", HIDDEN // heads)
    epsilon, blocks = config["rms_norm_eps"], config["num_hidden_layers"]
    turning = int(size * config.get("partial_rotary_factor", 1))
    embedding = w.matrix("model.embed_tokens.weight", VOCABULARY, HIDDEN)
    stream = [list(embedding[i]) for i in IDS]
    if gemma:
        stream = [[v * math.sqrt(HIDDEN) for v in x] for x in stream]
    scale = (config["query_pre_attn_scalar"] if gemma else size) ** -0.5
    activation = gelu_tanh if gemma else silu

    for block in range(blocks):
        path = f"model.layers.{block}."

        def named(name):
            return w.gain(path + name + ".weight", HIDDEN)

        window = config.get("sliding_window")
        if kind == "gemma2":
            window = window if block % 2 == 0 else None
        if kind == "gemma3_text":
            window = window if (block + 1) % config["sliding_window_pattern"] != 0 else None

        def turn(x, position):
            if kind == "gemma3_text" and window is not None:
                return rotate(x, position, config["rope_local_base_freq"], turning)
            rope = config.get("rope_scaling") or {}
            if rope.get("type") == "longrope":
                original = config["original_max_position_embeddings"]
                ratio = config["max_position_embeddings"] / original
                return rotate(x, position, config["rope_theta"], turning, rope["short_factor"],
                              math.sqrt(1 + math.log(ratio) / math.log(original)))
            return rotate(x, position, config["rope_theta"], turning, divisor=rope.get("factor", 1.0))

        # Attention.
        read = stream if olmo else [norm(x, g, epsilon) for g in [named("input_layernorm")] for x in stream]
        if fused:
            all_rows = w.matrix(path + "self_attn.qkv_proj.weight", (heads + 2 * groups) * size, HIDDEN)
            query, key, value = all_rows[:heads * size], all_rows[heads * size:(heads + groups) * size], all_rows[(heads + groups) * size:]
        else:
            query = w.matrix(path + "self_attn.q_proj.weight", heads * size, HIDDEN)
            key = w.matrix(path + "self_attn.k_proj.weight", groups * size, HIDDEN)
            value = w.matrix(path + "self_attn.v_proj.weight", groups * size, HIDDEN)
        output = w.matrix(path + "self_attn.o_proj.weight", HIDDEN, heads * size)
        queries, keys, mixes = [apply(query, x) for x in read], [apply(key, x) for x in read], [apply(value, x) for x in read]
        if olmo:
            gain = w.gain(path + "self_attn.q_norm.weight", heads * size)
            queries = [norm(x, gain, epsilon) for x in queries]
            gain = w.gain(path + "self_attn.k_norm.weight", groups * size)
            keys = [norm(x, gain, epsilon) for x in keys]
        queries = [[x[h * size:(h + 1) * size] for h in range(heads)] for x in queries]
        keys = [[x[h * size:(h + 1) * size] for h in range(groups)] for x in keys]
        if kind == "gemma3_text":
            gain = w.gain(path + "self_attn.q_norm.weight", size)
            queries = [[norm(h, gain, epsilon) for h in x] for x in queries]
            gain = w.gain(path + "self_attn.k_norm.weight", size)
            keys = [[norm(h, gain, epsilon) for h in x] for x in keys]
        queries = [[turn(h, t) for h in x] for t, x in enumerate(queries)]
        keys = [[turn(h, t) for h in x] for t, x in enumerate(keys)]
        written = []
        for t in range(len(IDS)):
            joined = []
            for h in range(heads):
                group = h // (heads // groups)
                seen = [s for s in range(t + 1) if window is None or t - s < window]
                scores = [capped(sum(a * b for a, b in zip(queries[t][h], keys[s][group])) * scale, config.get("attn_logit_softcapping"))
                          for s in seen]
                top = max(scores)
                weights = [math.exp(s - top) for s in scores]
                total = sum(weights)
                joined += [sum(p * mixes[s][group * size + d] for p, s in zip(weights, seen)) / total for d in range(size)]
            written.append(apply(output, joined))
        if gemma or olmo:
            gain = named("post_attention_layernorm")
            written = [norm(x, gain, epsilon) for x in written]
        stream = [[a + b for a, b in zip(x, y)] for x, y in zip(stream, written)]

        # MLP.
        if olmo:
            read = stream
        else:
            gain = named("pre_feedforward_layernorm" if gemma else "post_attention_layernorm")
            read = [norm(x, gain, epsilon) for x in stream]
        if fused:
            both = w.matrix(path + "mlp.gate_up_proj.weight", 2 * INNER, HIDDEN)
            gate, up = both[:INNER], both[INNER:]
        else:
            gate = w.matrix(path + "mlp.gate_proj.weight", INNER, HIDDEN)
            up = w.matrix(path + "mlp.up_proj.weight", INNER, HIDDEN)
        down = w.matrix(path + "mlp.down_proj.weight", HIDDEN, INNER)
        written = [apply(down, [activation(g) * u for g, u in zip(apply(gate, x), apply(up, x))]) for x in read]
        if gemma or olmo:
            gain = named("post_feedforward_layernorm")
            written = [norm(x, gain, epsilon) for x in written]
        stream = [[a + b for a, b in zip(x, y)] for x, y in zip(stream, written)]

    gain = w.gain("model.norm.weight", HIDDEN)
    head = embedding if config["tie_word_embeddings"] else w.matrix("lm_head.weight", VOCABULARY, HIDDEN)
    logits = [[capped(v, config.get("final_logit_softcapping")) for v in apply(head, norm(x, gain, epsilon))] for x in stream]
    return {"config": config, "shapes": w.shapes, "logits": [[round(v, 12) for v in row] for row in logits]}


def sized(**more):
    return {"vocab_size": VOCABULARY, "hidden_size": HIDDEN, "intermediate_size": INNER, "num_attention_heads": 4, "num_key_value_heads": 2,
            "max_position_embeddings": 32, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "tie_word_embeddings": False, **more}


def gemma(**more):
    return {**sized(head_dim=6, hidden_activation="gelu_pytorch_tanh", **more), "tie_word_embeddings": True}


CASES = {
    "gemma2": gemma(model_type="gemma2", num_hidden_layers=3, query_pre_attn_scalar=9, attn_logit_softcapping=2.5, final_logit_softcapping=3.0,
                    sliding_window=4),
    "gemma3": gemma(model_type="gemma3_text", num_hidden_layers=4, query_pre_attn_scalar=9, attn_logit_softcapping=None,
                    final_logit_softcapping=None, sliding_window=4, sliding_window_pattern=3, rope_local_base_freq=100.0)
    | {"rope_theta": 1e6, "rope_scaling": {"rope_type": "linear", "factor": 8.0}},
    "phi3": sized(model_type="phi3", num_hidden_layers=2, sliding_window=4),
    # As Phi-4-mini.
    "phi3-long": {**sized(model_type="phi3", num_hidden_layers=2, partial_rotary_factor=0.5, head_dim=8, original_max_position_embeddings=16,
                          rope_scaling={"type": "longrope", "short_factor": [1.1, 1.7], "long_factor": [3.0, 9.0]}),
                  "tie_word_embeddings": True},
    "phi4": {**sized(model_type="phi3", num_hidden_layers=2, sliding_window=None, rope_scaling=None), "rope_theta": 250000.0},
    "olmo2": {**sized(model_type="olmo2", num_hidden_layers=2), "rope_theta": 500000.0},
}

if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json"), "w") as file:
        json.dump({"ids": IDS, "cases": {name: model(config) for name, config in CASES.items()}}, file, indent=None, separators=(",", ":"))
        file.write("\n")
