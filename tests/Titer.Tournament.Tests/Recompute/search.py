"""The tries of an attacker that searches: each follows from those before it, and from hashes of its names."""
import hashlib
import math

CHANGE, REACH, NARROWING, DRAWS = 0.3, 0.5, 0.7, 20


def uniform(attack, option, number, draw, purpose):
    parts = ["search", attack["id"], attack["family"], option, str(number), str(draw), purpose]
    return (int.from_bytes(hashlib.sha256("\x1e".join(parts).encode()).digest()[:8], "little") >> 11) * 2.0 ** -53


def text(value, is_whole):
    number = repr(float(f"{value:.2g}")) if not is_whole else str(round(value))
    return (number[:-2] if number.endswith(".0") else number).replace("e", "E")


def setting(attack, values, is_first):
    names = [d["option"] for d in attack["search"]["space"]]
    options = attack["options"] if is_first else dict(sorted((attack["options"] | dict(zip(names, values))).items()))
    label = f"{attack['family']}({' '.join(f'{n}={v}' for n, v in zip(names, values))})"
    return attack | {"label": label, "options": options, "is_screened": True, "values": values, "search": None}


def value(dimension, attack, number, draw, best):
    exploring, option = attack["search"]["tries"] // 2, dimension["option"]
    first, second = (uniform(attack, option, number, draw, p) for p in ("first", "second"))
    if not dimension.get("from"):
        return best if number > exploring and first >= CHANGE else dimension["values"][int(second * len(dimension["values"]))]
    low, high = math.log10(float(dimension["from"])), math.log10(float(dimension["to"]))
    if number <= exploring:
        part = sorted(range(exploring), key=lambda p: uniform(attack, option, p, 0, "order"))[number - 1]
        at = low + (part + first) * (high - low) / exploring
    else:
        at = math.log10(float(best)) + (2 * first - 1) * REACH * NARROWING ** (number - exploring - 1)
    return text(10 ** min(max(at, low), high), dimension.get("is_whole"))


def tries(played, defense, attack, exposure):
    space = attack["search"]["space"]
    found = [setting(attack, [d["start"] for d in space], True)]
    while len(found) < attack["search"]["tries"]:
        is_over = all(i in played.results for t in found for _, _, i in played.ids(defense, t, exposure))
        # While it searches nobody has played again.
        best = played.best(defense, found, exposure, False) if is_over else None
        if not best:
            break
        drawn = ([value(d, attack, len(found), draw, b) for d, b in zip(space, best["values"])] for draw in range(DRAWS))
        values = next((v for v in drawn if v not in [t["values"] for t in found]), None)
        if values is None:
            break
        run = played.group(defense, best, exposure).runs[0]
        found.append(setting(attack, values, False) | ({"last_step": run.points[run.confirmed]["step"]} if run.confirmed > 0 else {}))
    return found
