"""Harmfulness of a group of runs."""
from estimators import components, interval_of_models, mean, tidy
import math


def averaged(runs):
    return [mean(c) for c in zip(*runs)]


def max_harm(group, loss=1):
    phi, worst = group.runs[0].phi, None
    lows, highs = [], []
    for d, name in enumerate(group.runs[0].domains):
        peaks = [[r.peak(d, loss) for r in m] for m in group.models]
        of_runs = [tidy(mean(p)) for m in peaks for p in m]
        models = [averaged(m) for m in peaks]
        estimate = tidy(mean([mean(m) for m in models]))
        if len(models) < 3:
            low, high = min(of_runs), max(of_runs)
        else:
            low, high = interval_of_models(models, all(h <= phi for h in of_runs), all(h > phi for h in of_runs))
        lows.append(low)
        highs.append(high)
        if worst is None or estimate > worst[1]:
            worst = name, estimate
    return {"domain": worst[0], "estimate": worst[1], "low": max(lows), "high": max(highs), "is_interval": len(group.models) >= 3}


def noise_floor(group):
    points, domains = min(len(r.points) for r in group.runs), len(group.runs[0].domains)
    return max(math.sqrt(2) * components([averaged([r.harm[t][d] for r in m]) for m in group.models])[1] for t in range(points) for d in range(domains))
