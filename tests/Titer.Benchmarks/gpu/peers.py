"""The same work in Hugging Face Transformers and PEFT: what Titer's figures stand beside.

peers.py STEP DEVICE FOLDER; FOLDER holds large.json (shapes) and golden-*/ (small checkpoints with expected losses) as Titer's own steps left them.
The last line of output is the outcome as JSON: ok, line, data.
"""
import json
import os
import statistics
import sys
import time

step, device, folder = sys.argv[1:4]
import torch  # noqa: E402
import transformers  # noqa: E402
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM  # noqa: E402

cuda = device.startswith("cuda")
SEED = 20261126


def synchronize():
    if cuda:
        torch.cuda.synchronize(device)


def used_megabytes():
    """As Titer's steps read it: on a GPU all that the driver gave away, on the CPU the process' peak."""
    if cuda:
        free, total = torch.cuda.mem_get_info(device)
        return (total - free) / 2**20
    return next(int(line.split()[1]) / 1024 for line in open("/proc/self/status") if line.startswith("VmHWM:"))


def shapes():
    with open(os.path.join(folder, "large.json")) as file:
        return json.load(file)


def large(dtype):
    config = {k: v for k, v in shapes()["config"].items() if k not in ("architectures", "torch_dtype", "model_type")}
    torch.manual_seed(SEED)
    with torch.device(device):
        model = LlamaForCausalLM(LlamaConfig(**config, attn_implementation="sdpa"))
    return model.to(dtype)


def batch():
    s = shapes()
    generator = torch.Generator().manual_seed(SEED)
    return torch.randint(0, s["config"]["vocab_size"], (s["rows"], s["time"]), generator=generator).to(device)


def fused_adamw(parameters):
    try:
        return torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0, fused=True)
    except (TypeError, RuntimeError):
        return torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0)


def adafactor(parameters):
    try:
        from transformers import Adafactor
        return Adafactor(parameters, lr=1e-3, scale_parameter=False, relative_step=False, warmup_init=False), "transformers.Adafactor"
    except ImportError:
        return torch.optim.Adafactor(parameters, lr=1e-3), "torch.optim.Adafactor"


def setup(way):
    """A model, its optimizer, whether the forward pass runs under autocast, and what that is called."""
    if way == "adamw":
        model = large(torch.float32)
        return model, fused_adamw(model.parameters()), True, "float32 weights, autocast to bfloat16, fused AdamW"
    if way == "adamw-bf16":
        model = large(torch.bfloat16)
        return model, fused_adamw(model.parameters()), False, "bfloat16 weights and moments, fused AdamW (no float32 masters)"
    if way == "low-memory":
        model = large(torch.bfloat16)
        model.gradient_checkpointing_enable()
        optimizer, name = adafactor(model.parameters())
        return model, optimizer, False, f"bfloat16, {name}, gradient checkpointing"
    import peft
    model = peft.get_peft_model(large(torch.bfloat16), peft.LoraConfig(r=8, lora_alpha=16, lora_dropout=0.0, target_modules="all-linear"))
    return model, fused_adamw([p for p in model.parameters() if p.requires_grad]), False, f"PEFT {peft.__version__}, rank 8 on all linear layers, fused AdamW"


def one_step(model, optimizer, autocast, ids):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cuda" if cuda else "cpu", dtype=torch.bfloat16, enabled=autocast):
        loss = model(input_ids=ids, labels=ids, use_cache=False).loss
    loss.backward()
    optimizer.step()
    return loss.item()


def training(way):
    s = shapes()
    empty = used_megabytes()
    model, optimizer, autocast, name = setup(way)
    model.train()
    ids = batch()
    losses, seconds = [], []
    for _ in range(s["warm_up"] + s["measured"]):
        synchronize()
        started = time.perf_counter()
        losses.append(one_step(model, optimizer, autocast, ids))
        synchronize()
        seconds.append(time.perf_counter() - started)
    seconds = seconds[s["warm_up"]:]
    median = statistics.median(seconds)
    data = {"tokens_per_second": s["rows"] * s["time"] / median, "median_seconds": median, "seconds": seconds, "peak_megabytes": used_megabytes() - empty,
            "first_loss": losses[0], "last_loss": losses[-1], "way": name}
    if cuda:
        data["reserved_megabytes"] = torch.cuda.max_memory_reserved(device) / 2**20
        data["allocated_megabytes"] = torch.cuda.max_memory_allocated(device) / 2**20
    line = f"{name}: {data['tokens_per_second']:.0f} tokens/s, median step {median * 1000:.1f} ms of {len(seconds)}, {data['peak_megabytes']:.0f} MB, loss {losses[0]:.3f} to {losses[-1]:.3f}"
    return losses[-1] < losses[0], line, data


def generation():
    s = shapes()
    empty = used_megabytes()
    model = large(torch.bfloat16).eval()
    generator = torch.Generator().manual_seed(SEED)
    ids = torch.randint(1, s["config"]["vocab_size"], (s["prompts"], s["prompt_tokens"]), generator=generator).to(device)
    model.generation_config.eos_token_id = None
    seconds, whole = [], True
    for _ in range(4):
        synchronize()
        started = time.perf_counter()
        with torch.no_grad():
            answers = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=s["new_tokens"], min_new_tokens=s["new_tokens"], do_sample=False, pad_token_id=0)
        synchronize()
        seconds.append(time.perf_counter() - started)
        whole &= answers.shape[1] == s["prompt_tokens"] + s["new_tokens"]
    median = statistics.median(seconds[1:])
    rate = s["prompts"] * s["new_tokens"] / median
    return whole, f"generate: {rate:.0f} tokens/s, {median / s['new_tokens'] * 1000:.2f} ms a token step, median of 3", {
        "tokens_per_second": rate, "median_seconds": median, "peak_megabytes": used_megabytes() - empty}


def golden():
    lines, data, ok = [], {}, True
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        path = os.path.join(folder, f"golden-{name}")
        with open(os.path.join(path, "expected.json")) as file:
            expected = json.load(file)
        try:
            model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype)
        except TypeError:
            model = AutoModelForCausalLM.from_pretrained(path, torch_dtype=dtype)
        model = model.to(device).eval()
        ids = torch.tensor(expected["input_ids"], device=device)
        with torch.no_grad():
            logits = model(input_ids=ids).logits.float()
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), ids[:, 1:].reshape(-1)).item()
        difference = abs(loss - expected["loss"])
        # Transformers keeps its rotary angles in float32, Titer in float64 before rounding: a digit more is allowed.
        within = difference <= 10 * expected["loss_tolerance"]
        ok &= within
        data[name] = {"loss": loss, "expected": expected["loss"], "difference": difference}
        lines.append(f"{name} loss {loss:.6f}, Titer's on the CPU in float64 {expected['loss']:.6f} (differs {difference:.1e})")
    return ok, f"transformers {transformers.__version__}: " + "; ".join(lines), data


def where():
    from torch.profiler import ProfilerActivity, profile
    model, optimizer, autocast, name = setup("adamw-bf16")
    model.train()
    ids = batch()
    for _ in range(3):
        one_step(model, optimizer, autocast, ids)
    steps = 3
    synchronize()
    started = time.perf_counter()
    for _ in range(steps):
        one_step(model, optimizer, autocast, ids)
    synchronize()
    wall = (time.perf_counter() - started) / steps
    with profile(activities=[ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if cuda else [])) as seen:
        for _ in range(steps):
            one_step(model, optimizer, autocast, ids)
        synchronize()
    if not cuda:
        return True, f"{name}: {wall * 1000:.1f} ms a step; kernels are a GPU's", {"step_ms": wall * 1000}
    kernels = [e for e in seen.events() if str(e.device_type).endswith("CUDA")]
    totals = {}
    for event in kernels:
        # Older releases call it cuda_time; microseconds.
        microseconds = event.device_time if hasattr(event, "device_time") else event.cuda_time
        totals[event.name] = totals.get(event.name, 0) + microseconds / steps / 1e3
    busy = sum(totals.values())
    top = sorted(totals.items(), key=lambda item: -item[1])[:8]
    return True, f"{name}: {len(kernels) // steps} kernels a step, {busy:.1f} ms of {wall * 1000:.1f} ms in kernels; most in {top[0][0][:60]} ({top[0][1]:.1f} ms)", {
        "kernels": len(kernels) // steps, "kernel_ms": busy, "step_ms": wall * 1000, "top": top}


STEPS = {"golden": golden, "generation": generation, "where": where, **{way: (lambda way=way: training(way)) for way in ("adamw", "adamw-bf16", "low-memory", "lora")}}
try:
    good, text, facts = STEPS[step]()
except Exception as error:  # the check goes on and shows it
    good, text, facts = False, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", {}
print(json.dumps({"ok": bool(good), "line": text, "data": facts}))
sys.exit(0 if good else 1)
