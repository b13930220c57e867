"""What `/metrics` shows: the numbers of a meter, and what stands in memory just now, as Prometheus reads them.

Only read at a scrape. What is in no table of bot/meter.py cannot be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.meter import COUNTED, LAG, QUICK, TURNS, Meter, Table, Times

PREFIX = "closer_"
CONTENT_TYPE = CONTENT_TYPE_LATEST
SIZES = (1, 2, 4, 8, 16, 32, 64)
Buckets: TypeAlias = "list[tuple[str, float]]"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What is looked at when it is scraped. `sessions`: how many are held open, and how many cached."""

    meter: Meter
    sessions: Callable[[], tuple[int, int]]
    batches: Callable[[], Mapping[int, int]]
    connected: Callable[[], Mapping[str, bool]]
    version: str


class Exposition:
    """The text that is scraped."""

    def __init__(self, sources: Sources) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Numbers(sources))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All metrics as they stand now, of CONTENT_TYPE."""
        return generate_latest(self._registry)


class _Numbers(Collector):
    """Makes metrics of the sources, each time anew."""

    def __init__(self, sources: Sources) -> None:
        self._of = sources

    def collect(self) -> Iterator[Metric]:
        """Everything but the process's own."""
        meter, (open_, cached) = self._of.meter, self._of.sessions()
        yield _labelled("info", "Which version runs", ("version",), {(self._of.version,): 1})
        yield _labelled(
            "platform_connected",
            "Whether a platform is connected (1) or not (0)",
            ("platform",),
            {(name,): float(up) for name, up in self._of.connected().items()},
        )
        yield _times("turn_seconds", TURNS, meter.turns)
        yield _times("loop_lag_seconds", LAG, {(): meter.lag})
        for name, table in COUNTED.items():
            yield _counted(name, table, {key: meter.counts[name, *key] for key in table.combinations()})
        yield _sizes(dict(self._of.batches()))
        yield GaugeMetricFamily(f"{PREFIX}owed_replies", "Replies that are not delivered yet and are kept", value=meter.owed)
        yield GaugeMetricFamily(f"{PREFIX}sessions_open", "Sessions in memory of people who keep nothing", value=open_)
        yield GaugeMetricFamily(f"{PREFIX}sessions_cached", "Sessions held ready of people who are remembered", value=cached)


def _labelled(name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counted(name: str, table: Table, values: Mapping[tuple[str, ...], int]) -> Metric:
    family = CounterMetricFamily(PREFIX + name, table.help, labels=table.labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _times(name: str, table: Table, values: Mapping[tuple[str, ...], Times]) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, table.help, labels=table.labels)
    for key, times in values.items():
        family.add_metric(key, _buckets(QUICK, times.buckets), times.total)
    return family


def _sizes(batches: Mapping[int, int]) -> Metric:
    counts = [0] * (len(SIZES) + 1)
    for size, times in batches.items():
        counts[next((at for at, most in enumerate(SIZES) if size <= most), len(SIZES))] += times
    family = HistogramMetricFamily(f"{PREFIX}batch_turns", "Turns that were written together in one commit")
    family.add_metric((), _buckets(SIZES, counts), sum(size * times for size, times in batches.items()))
    return family


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> Buckets:
    """As Prometheus has them: each holds those below it, too."""
    names = [*(str(float(bound)) for bound in bounds), "+Inf"]
    return list(zip(names, map(float, accumulate(counts)), strict=True))
