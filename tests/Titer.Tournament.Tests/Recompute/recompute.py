"""Recomputes leaderboard.json from phases/*.json and run.lock.json: python3 recompute.py RESULTS_FOLDER.

Knows the definitions and none of the product's code. Prints every number that differs, and every one that it did not recompute."""
import json
import math
import pathlib
import sys

from board import document

TOLERANCE = 2e-5
# Echoes of the lock file, texts, and the second metric's opinion, which is taken from samples/.
NOT_NUMBERS_OF_PHASES = {"tournament", "second_opinions", "version", "environments", "aa"}


def differences(theirs, own, where, found):
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            if where == "" and key in NOT_NUMBERS_OF_PHASES:
                continue
            if isinstance(own, dict) and key in own:
                differences(value, own[key], f"{where}/{key}", found)
            elif not is_text(value):
                found.append(f"{where}/{key}: not recomputed")
    elif isinstance(theirs, list):
        if not isinstance(own, list) or len(theirs) != len(own):
            found.append(f"{where}: {len(theirs)} entries against {len(own) if isinstance(own, list) else own}")
        else:
            for i, (a, b) in enumerate(zip(theirs, own)):
                differences(a, b, f"{where}/{i}", found)
    elif isinstance(theirs, (int, float)) and not isinstance(theirs, bool):
        if not isinstance(own, (int, float)) or not math.isfinite(own) or abs(theirs - own) > TOLERANCE * max(1, abs(theirs)):
            found.append(f"{where}: {theirs} against {own}")
    elif theirs is None:
        if own is not None and not (isinstance(own, float) and not math.isfinite(own)):
            found.append(f"{where}: nothing against {own}")
    elif theirs != own:
        found.append(f"{where}: {theirs} against {own}")


def is_text(value):
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))


def count(value):
    if isinstance(value, dict):
        return sum(count(v) for v in value.values())
    return sum(map(count, value)) if isinstance(value, list) else int(isinstance(value, (int, float)) and not isinstance(value, bool))


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    board, wrong = json.loads((folder / "leaderboard.json").read_text()), []
    differences(board, document(folder), "", wrong)
    print("\n".join(wrong[:40] + [f"{sum(count(v) for k, v in board.items() if k not in NOT_NUMBERS_OF_PHASES)} numbers, {len(wrong)} differ"]))
    sys.exit(1 if wrong else 0)
