"""One door to each outside world: every library that reaches out is imported only by the modules
(or in the folders) named here."""

import grimp
import pytest

DOORS = {
    "faust": {"agents.app"},
    "aiokafka": {
        "agents.app",
        "connectors.holder",
        "connectors.publish",
        "marqab.access",
        "marqab.admin",
        "marqab.rejects",
        "marqab.standing",
        "subscribers.feedback",
        "subscribers.reader",
    },
    "apprise": {"subscribers.chat"},
    "telethon": {"connectors.telegram.client"},
    "feedparser": {"connectors.feeds.parse"},
    "camel_tools": {"agents.normalize.arabic"},
    "prometheus_client": {"marqab.metrics"},
}
ROOMS = ("schemas", "connectors", "agents", "subscribers", "marqab")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("library", DOORS)
def test_a_library_is_imported_only_at_its_door(graph: grimp.ImportGraph, library: str) -> None:
    if library not in graph.modules:
        pytest.fail(f"nobody imports {library}: remove its door, or the dependency")
    importers = graph.find_modules_that_directly_import(library)
    strangers = {name for name in importers if not any(f"{name}.".startswith(f"{door}.") for door in DOORS[library])}
    assert not strangers, f"{library} has its door in {DOORS[library]}"
