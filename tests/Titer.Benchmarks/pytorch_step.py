"""The training step of Titer's benchmark in PyTorch: the same Llama, weights and batch, torch.optim.AdamW (fused kernels where they exist).

Started by the benchmarks when `python3 -c "import torch"` works. Arguments: a checkpoint folder and a JSON file with input_ids and labels.
Reads a number of steps per line from standard input, makes them, and answers with a line: the last loss.
"""
import json
import struct
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
folder, batch_file = sys.argv[1:]
config = json.load(open(f"{folder}/config.json"))
hidden, heads = config["hidden_size"], config["num_attention_heads"]
kv_heads = config.get("num_key_value_heads") or heads
size = config.get("head_dim") or hidden // heads
eps = config.get("rms_norm_eps", 1e-6)


def norm(x, weight):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def attend(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    mask = torch.ones(q.shape[2], q.shape[2], dtype=torch.bool).tril()
    scores = (q @ k.transpose(2, 3) / size ** 0.5).masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        inner = config["intermediate_size"]
        self.input_layernorm, self.post_attention_layernorm = nn.Parameter(torch.ones(hidden)), nn.Parameter(torch.ones(hidden))
        self.q_proj, self.k_proj = nn.Linear(hidden, heads * size, bias=False), nn.Linear(hidden, kv_heads * size, bias=False)
        self.v_proj, self.o_proj = nn.Linear(hidden, kv_heads * size, bias=False), nn.Linear(heads * size, hidden, bias=False)
        self.gate_proj, self.up_proj, self.down_proj = nn.Linear(hidden, inner, bias=False), nn.Linear(hidden, inner, bias=False), nn.Linear(inner, hidden, bias=False)

    def forward(self, x, cos, sin):
        b, t, _ = x.shape
        n = norm(x, self.input_layernorm)

        def split(y, count):
            return y.view(b, t, count, size).transpose(1, 2)

        def rotate(y):
            return y * cos + torch.cat([-y[..., size // 2:], y[..., :size // 2]], -1) * sin

        q, k, v = rotate(split(self.q_proj(n), heads)), rotate(split(self.k_proj(n), kv_heads)), split(self.v_proj(n), kv_heads)
        if kv_heads < heads:
            k, v = k.repeat_interleave(heads // kv_heads, 1), v.repeat_interleave(heads // kv_heads, 1)
        x = x + self.o_proj(attend(q, k, v).transpose(1, 2).reshape(b, t, -1))
        n = norm(x, self.post_attention_layernorm)
        return x + self.down_proj(F.silu(self.gate_proj(n)) * self.up_proj(n))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], hidden)
        self.layers = nn.ModuleList(Block() for _ in range(config["num_hidden_layers"]))
        self.norm = nn.Parameter(torch.ones(hidden))
        angle = torch.outer(torch.arange(config["max_position_embeddings"]).float(), config.get("rope_theta", 10000.0) ** (torch.arange(0, size // 2) * (-2.0 / size)))
        both = torch.cat([angle, angle], 1)
        self.cos, self.sin = both.cos(), both.sin()

    def forward(self, ids):
        x, t = self.embed_tokens(ids), ids.shape[1]
        for layer in self.layers:
            x = layer(x, self.cos[:t], self.sin[:t])
        return F.linear(norm(x, self.norm), self.embed_tokens.weight)


def load(model):
    raw = open(f"{folder}/model.safetensors", "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    own = dict(model.named_parameters())
    for name, entry in json.loads(raw[8:8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        name = name.removeprefix("model.").replace("self_attn.", "").replace("mlp.", "")
        own[name if name in own else name.removesuffix(".weight")].data.copy_(
            torch.frombuffer(bytearray(raw[8 + length + begin:8 + length + end]), dtype=torch.float32).view(entry["shape"]))


model = Llama()
load(model)
try:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0, fused=True)
except (TypeError, RuntimeError):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0)
batch = json.load(open(batch_file))
ids, labels = torch.tensor(batch["input_ids"]), torch.tensor(batch["labels"])
print(torch.__version__, flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(ids)[:, :-1].reshape(-1, config["vocab_size"]), labels[:, 1:].reshape(-1), ignore_index=-100)
        loss.backward()
        optimizer.step()
    print(loss.item(), flush=True)
