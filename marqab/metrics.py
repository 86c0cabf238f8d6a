"""The one registry of metrics: exactly those that `schemas.metrics` declares."""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from schemas.metrics import BY_NAME, METRICS, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def marqab_version() -> str:
    """The installed version, or `unknown` when run from a folder that is not installed."""
    try:
        return version("marqab")
    except PackageNotFoundError:
        return "unknown"


class Metrics:
    """Counts, sets and observes declared metrics; an undeclared name or label is a KeyError or ValueError."""

    def __init__(self, component: str) -> None:
        """Make the registry of one process.

        Args:
            component: `connectors` or `worker`, told in `marqab_build_info`.
        """
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._component = component
        self._made: dict[str, Counter | Gauge | Histogram] = {metric.name: self._make(metric) for metric in METRICS}
        self.gauge("marqab_build_info", 1, version=marqab_version(), component=component)

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        told = self.registry if not metric.of or self._component in metric.of else None
        if metric.kind == "histogram":
            return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=told)
        made = Counter if metric.kind == "counter" else Gauge
        return made(metric.name, metric.help, metric.labels, registry=told)

    def _find(self, name: str, kind: str, labels: dict[str, str]) -> Counter | Gauge | Histogram:
        if BY_NAME[name].kind != kind:
            raise ValueError(f"{name} is declared as a {BY_NAME[name].kind}, not a {kind}")
        made = self._made[name]
        return made.labels(**labels) if labels else made

    def count(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter."""
        metric = self._find(name, "counter", labels)
        assert isinstance(metric, Counter)  # noqa: S101 - told apart by the declaration
        metric.inc(value)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Set a gauge."""
        metric = self._find(name, "gauge", labels)
        assert isinstance(metric, Gauge)  # noqa: S101
        metric.set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Put one value into a histogram."""
        metric = self._find(name, "histogram", labels)
        assert isinstance(metric, Histogram)  # noqa: S101
        metric.observe(value)

    def forget(self, **labels: str) -> None:
        """Show no more of what was measured under these labels, whatever the metric."""
        for name, made in self._made.items():
            if set(labels) <= set(BY_NAME[name].labels):
                made.remove_by_labels(labels)

    def render(self) -> bytes:
        """The exposition that Prometheus scrapes."""
        return generate_latest(self.registry)
