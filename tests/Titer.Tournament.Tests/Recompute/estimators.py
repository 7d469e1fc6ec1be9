"""Estimators from their textbook definitions, with the standard library alone."""
import itertools
import math

INF, NAN = math.inf, math.nan


def mean(values):
    return math.fsum(values) / len(values)


def tidy(value):
    """Means that differ in the tenth decimal are equal."""
    return round(value, 9)


# --- distributions ---------------------------------------------------------------------------------------------------

def beta_cdf(x, a, b):
    """Regularized incomplete beta function, by Lentz's continued fraction."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(1 - x, b, a)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    f, c, d = 1.0, 1.0, 0.0
    for i in range(1000):
        m = i // 2
        if i == 0:
            n = 1.0
        elif i % 2 == 0:
            n = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            n = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + n * d or 1e-300)
        c = 1 + n / c or 1e-300
        f *= c * d
        if abs(1 - c * d) < 1e-15:
            break
    return front * (f - 1)


def beta_quantile(p, a, b):
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(middle, a, b) < p else (low, middle)
    return (low + high) / 2


def t_quantile(p, freedom):
    """Of Student's t, p above one half; any positive degrees of freedom."""
    if math.isinf(freedom):
        raise ValueError("no error, no quantile")
    x = beta_quantile(2 * (1 - p), freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x)


def binomial_interval(successes, trials):
    """Clopper and Pearson, 95%."""
    return (0.0 if successes <= 0 else beta_quantile(0.025, successes, trials - successes + 1),
            1.0 if successes >= trials else beta_quantile(0.975, successes + 1, trials - successes))


# --- means over models and prompts -----------------------------------------------------------------------------------

def components(scores, family=1):
    """Two-way analysis of variance, [model][prompt]: mean, and half of the 95% interval by Satterthwaite, of so many at a time."""
    s, p = len(scores), len(scores[0])
    rows, columns = [mean(r) for r in scores], [mean(c) for c in zip(*scores)]
    m = mean(rows)
    by_prompt = s * sum((c - m) ** 2 for c in columns) / (p - 1) if p > 1 else 0.0
    if s < 2:
        return m, margin([(by_prompt / (s * p), max(1, p - 1))], family)
    by_row = p * sum((r - m) ** 2 for r in rows) / (s - 1)
    if p < 2:
        return m, margin([(by_row / s, s - 1)], family)
    rest = sum((scores[i][j] - rows[i] - columns[j] + m) ** 2 for i in range(s) for j in range(p)) / ((s - 1) * (p - 1))
    terms = {(True, True): [(by_row, s - 1), (by_prompt, p - 1), (-rest, (s - 1) * (p - 1))], (True, False): [(by_row, s - 1)],
             (False, True): [(by_prompt, p - 1)], (False, False): [(rest, (s - 1) * (p - 1))]}[is_above(by_row, rest), is_above(by_prompt, rest)]
    return m, margin([(square / (s * p), freedom) for square, freedom in terms], family)


def is_above(square, rest):
    """Beyond rounding."""
    return square - rest > 1e-9 * rest


def margin(terms, family=1):
    variance, spread = sum(v for v, _ in terms), sum(v * v / f for v, f in terms)
    return 0.0 if spread == 0 or variance <= 0 else math.sqrt(variance) * t_quantile(1 - 0.025 / family, max(1.0, variance ** 2 / spread))


def unseen(models):
    """The part of other models that so many may all have missed, mid-p: half of (1 - q)^n is 2.5%."""
    return 1 - 0.05 ** (1 / models)


def interval_of_models(scores, all_under, all_over):
    estimate, half = components(scores)
    low, high, prompts = estimate - half, estimate + half, len(scores[0])
    if estimate * prompts < 5:
        high = max(high, binomial_interval(estimate * prompts, prompts)[1])
    if prompts - estimate * prompts < 5:
        low = min(low, binomial_interval(estimate * prompts, prompts)[0])
    low, high = min(max(low, 0), 1), min(max(high, 0), 1)
    if all_under:
        high = max(high, estimate + (1 - estimate) * unseen(len(scores)))
    if all_over:
        low = min(low, estimate * (1 - unseen(len(scores))))
    return low, high


def lower_bound(scores, level):
    """One-sided bound of a mean over prompts."""
    n, m = len(scores), mean(scores)
    if n < 2:
        return 0.0
    spread = math.sqrt(sum((x - m) ** 2 for x in scores) / (n - 1))
    return m * level ** (1 / n) if all(x == scores[0] for x in scores) else m - t_quantile(1 - level, n - 1) * spread / math.sqrt(n)


# --- times ----------------------------------------------------------------------------------------------------------

def turnbull(times):
    """Masses (after, by, probability) of the nonparametric maximum likelihood estimate for times in (after, by]."""
    lefts, support = sorted({a for a, _ in times}), []
    for right in sorted({b for _, b in times}):
        below = [a for a in lefts if a < right]
        if below and (not support or support[-1][1] <= below[-1]):
            support.append((below[-1], right))
    inside = [[a <= s and e <= b for s, e in support] for a, b in times]
    weights = [1 / len(support)] * len(support)
    for _ in range(200000):
        after = [0.0] * len(support)
        for row in inside:
            total = sum(w for w, i in zip(weights, row) if i)
            for j, i in enumerate(row):
                if i:
                    after[j] += weights[j] / total / len(times)
        change, weights = max(abs(a - w) for a, w in zip(after, weights)), after
        if change < 1e-14:
            break
    return [(s, e, w) for (s, e), w in zip(support, weights) if w > 1e-7 and e < INF]


def median_time(times):
    total = 0.0
    for _, by, weight in turnbull(times):
        total += weight
        if total >= 0.5 - 1e-7:
            return by
    return INF


def bound_of_median(times):
    least = sorted(a if b == INF else b for a, b in times)
    return least[(len(least) - 1) // 2]


def order_interval(observations):
    """95% interval of a median from the order of (low, high), or the range of fewer than six."""
    n, skipped = len(observations), 0
    while sum(math.comb(n, k) for k in range(skipped + 1)) / 2 ** n <= 0.025:
        skipped += 1
    skipped = max(0, skipped - 1)
    return sorted(o[0] for o in observations)[skipped], sorted(o[1] for o in observations)[n - 1 - skipped]


# --- comparisons ----------------------------------------------------------------------------------------------------

def permutation_p(first, second):
    everything, n = first + second, len(first)
    total, observed = sum(everything), abs(mean(first) - mean(second))
    extreme = deals = 0
    for chosen in itertools.combinations(everything, n):
        deals += 1
        own = sum(chosen)
        extreme += abs(own / n - (total - own) / (len(everything) - n)) >= observed - 1e-9
    return extreme / deals


def holm(p_values):
    adjusted, highest = [0.0] * len(p_values), 0.0
    for left, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - left) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def bradley_terry(wins, prior):
    """Log ratings with mean zero and their standard errors, by Newton's method on the penalized likelihood."""
    n = len(wins)
    ratings = [0.0] * n
    for _ in range(200):
        gradient, information = [0.0] * n, [[1 / n] * n for _ in range(n)]
        for i, j in itertools.permutations(range(n), 2):
            games, p = wins[i][j] + wins[j][i] + prior, 1 / (1 + math.exp(ratings[j] - ratings[i]))
            gradient[i] += wins[i][j] + prior / 2 - games * p
            information[i][j] -= games * p * (1 - p)
            information[i][i] += games * p * (1 - p)
        covariance = inverse(information)
        step = [sum(c * g for c, g in zip(row, gradient)) for row in covariance]
        ratings = [r + s for r, s in zip(ratings, step)]
        if max(map(abs, step)) < 1e-12:
            break
    shift = mean(ratings)
    return [r - shift for r in ratings], [math.sqrt(max(0.0, covariance[i][i] - 1 / n)) for i in range(n)]


def inverse(matrix):
    n = len(matrix)
    rows = [list(r) + [float(i == j) for j in range(n)] for i, r in enumerate(matrix)]
    for c in range(n):
        pivot = max(range(c, n), key=lambda r: abs(rows[r][c]))
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for r in range(n):
            if r != c:
                rows[r] = [x - rows[r][c] * y for x, y in zip(rows[r], rows[c])]
    return [r[n:] for r in rows]
