"""Learns the weights of bot/content/crisis/en.weights.yaml from the sets in this folder, and prints how well they do on what
they were not learned from (five folds). Not run by the tests; needs scikit-learn:

    python -m tests.understanding.learn_crisis [--write] [further sets: tab-separated lines "category<TAB>text"]
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from bot.understanding.crisis import CATEGORIES, Detector
from bot.understanding.weigh import HARD, Weigher

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "bot" / "content"
TARGET = CONTENT / "crisis" / "en.weights.yaml"
SETS = ("crisis_positives.yaml", "crisis_near_misses.yaml", "crisis_voices.yaml")
STRENGTH = 0.4  # the inverse of how much a further sign costs: fewer signs, better known
LONG = 30  # words of a message that are learned from
OFTEN = 2  # a sign that stands in fewer messages says nothing
FALSE = 0.006  # the share of harmless messages that the weights alone may stop, over all folds
HEAD = """\
# Weights for bot/understanding/weigh.py: how much a sign in a message speaks for (or against) each kind of danger. Signs are
# added up over a message; 0 and more raises the question, never the alarm, and only where no pattern of en.yaml answers.
# Licence of these words: CC BY 4.0. Learned from the sets in tests/understanding by learn_crisis.py there; read by people: a
# line that makes no sense to you should be taken out, and the tests run.
#
# classes   words of one kind, as "{name" in the weights. stems: irregular form:stem. base: what a message without any sign
#           weighs. weights: category -> "weight: sign, sign". A sign is a stem, a {class, two of them in a row, or one at the
#           edge of a sentence (^ before it, $ behind it).
"""


def labelled(path: Path) -> Iterable[tuple[str, str]]:
    """(category, text) of a set; "none" for what is harmless."""
    if path.suffix != ".yaml":
        yield from (tuple(line.split("\t", 1)) for line in path.read_text("utf-8").splitlines())  # type: ignore[misc]
        return
    for name, lines in yaml.safe_load(path.read_text("utf-8")).items():
        category = name if name in CATEGORIES else "none"
        for block in lines.values() if isinstance(lines, dict) else (lines,):
            yield from ((category, text) for text in block.splitlines())


def labels() -> Iterable[str]:
    """Every text of the program itself: what it says must never be taken for what a person says."""
    for path in CONTENT.glob("**/en.yaml"):
        if path.parent.name != "crisis":
            yield from _texts(yaml.safe_load(path.read_text("utf-8")))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def signs(weigher: Weigher, words: Sequence[str]) -> set[str]:
    return {sign for sign in weigher.signs(words[:LONG]) if HARD not in sign and "," not in sign}


def main() -> None:
    data = yaml.safe_load((CONTENT / "crisis" / "en.yaml").read_text("utf-8"))
    known = yaml.safe_load(TARGET.read_text("utf-8"))
    nothing = {"weights": dict.fromkeys(CATEGORIES, ""), "base": dict.fromkeys(CATEGORIES, 0.0)}
    weigher = Weigher(classes=known["classes"], stems=known["stems"], **nothing)  # type: ignore[arg-type]
    detector = Detector(data)
    further = [Path(each) for each in sys.argv[1:] if each != "--write"]
    texts = [pair for path in (*(HERE / name for name in SETS), *further) for pair in labelled(path)]
    texts = list(dict.fromkeys(texts)) + [("none", text) for text in dict.fromkeys(labels()) if len(text) < 200] * 2
    rows = [dict.fromkeys(signs(weigher, detector.written(text)), 1.0) for _, text in texts]
    count = Counter(sign for row in rows for sign in row)
    rows = [{sign: 1.0 for sign in row if count[sign] >= OFTEN} for row in rows]
    _learn(texts, rows, known, write="--write" in sys.argv)


def _learn(texts: Sequence[tuple[str, str]], rows: Sequence[dict[str, float]], known: dict[str, Any], *, write: bool) -> None:
    np = import_module("numpy")
    linear, vector, fold = (
        import_module(f"sklearn.{name}") for name in ("linear_model", "feature_extraction", "model_selection")
    )
    names = vector.DictVectorizer()
    table = names.fit_transform(rows)
    table.indices, table.indptr = table.indices.astype("int32"), table.indptr.astype("int32")
    kinds = np.array([category for category, _ in texts])

    def learned(chosen: Any) -> list[tuple[Any, float]]:
        models = []
        for category in CATEGORIES:
            of = chosen[(kinds[chosen] == category) | (kinds[chosen] == "none")]
            model = linear.LogisticRegression(C=STRENGTH, l1_ratio=1.0, solver="liblinear", random_state=0)
            model.fit(table[of], kinds[of] == category)
            models.append((model.coef_[0], float(model.intercept_[0])))
        return models

    scores = np.zeros((len(texts), len(CATEGORIES)))
    for others, these in fold.StratifiedKFold(5, shuffle=True, random_state=0).split(rows, kinds):
        scores[these] = np.array([table[these] @ weight + base for weight, base in learned(others)]).T
    most, harmless = scores.max(1), kinds == "none"
    limit = float(np.quantile(most[harmless], 1 - FALSE))
    print(f"limit {limit:.2f}; found by weights alone, over five folds:")  # noqa: T201 - a report for who runs it
    for category in (*CATEGORIES, "none"):
        print(f"  {category:16} {(most[kinds == category] >= limit).mean():.3f}")  # noqa: T201 - likewise
    if write:
        models = learned(np.arange(len(texts)))
        _write(known, [(dict(zip(names.feature_names_, weight, strict=True)), base - limit) for weight, base in models])


def _write(known: dict[str, Any], models: Sequence[tuple[dict[str, float], float]]) -> None:
    out = [HEAD, "classes:"]
    out += [f"  {name}: {_folded(words)}" for name, words in known["classes"].items()]
    out += [f"\nstems: {_folded(known['stems'], 2)}", "\nbase:"]
    out += [f"  {category}: {base:.2f}" for category, (_, base) in zip(CATEGORIES, models, strict=True)]
    out.append("\nweights:")
    for category, (weights, _) in zip(CATEGORIES, models, strict=True):
        lines = defaultdict(list)
        for sign, weight in weights.items():
            if abs(weight) >= 0.05:
                lines[round(float(weight), 1)].append(sign)
        out.append(f"  {category}: |")
        for weight in sorted(lines, reverse=True):
            out += [f"    {weight}: {part}" for part in _parts(sorted(lines[weight]))]
    TARGET.write_text("\n".join(out) + "\n", "utf-8")
    print(f"written: {sum(len(line.split(', ')) for line in out[len(out) // 2 :])} signs or so, {len(out)} lines")  # noqa: T201 - likewise


def _parts(found: Sequence[str], most: int = 116) -> Iterable[str]:
    line = ""
    for sign in found:
        if line and len(line) + len(sign) > most:
            yield line
            line = ""
        line = f"{line}, {sign}" if line else sign
    yield line


def _folded(words: str, indent: int = 4, most: int = 118) -> str:
    lines, line = [], ""
    for word in str(words).split():
        if line and len(line) + len(word) > most:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return (f"\n{' ' * indent}").join([">-", *lines, line])


if __name__ == "__main__":
    main()
