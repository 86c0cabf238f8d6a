"""No container engine is here: what the images would run is checked against the code instead."""

import re
import tomllib

import pytest
import yaml

from marqab.__main__ import COMMANDS
from marqab.settings import PREFIX, Settings
from tests.paths import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "marqab"}


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_that_exists_with_settings_that_exist(name: str) -> None:
    service = OURS[name]
    assert service["command"][0] in COMMANDS
    for variable in service["environment"]:
        assert variable.removeprefix(PREFIX).lower() in Settings.__struct_fields__, variable
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_services_wait_for_what_they_need() -> None:
    services = COMPOSE["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services, f"{name} waits for {needed}"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed]
    assert services["kafka"]["healthcheck"]
    used = {volume.split(":")[0] for s in services.values() for volume in s.get("volumes", [])}
    assert {volume for volume in used if not volume.startswith((".", "/"))} == set(COMPOSE["volumes"])


def test_ports_stay_on_loopback() -> None:
    for service in COMPOSE["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_the_broker_takes_the_largest_message_that_we_send() -> None:
    from schemas.topics import MAX_MESSAGE_BYTES

    assert COMPOSE["services"]["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"] >= MAX_MESSAGE_BYTES


def test_the_image_carries_every_room_and_runs_as_nobody() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
    include = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"][
        "include"
    ]
    copied = set(re.findall(r"^COPY (\w+) \1$", dockerfile, re.MULTILINE))
    assert copied == {pattern.rstrip("*") for pattern in include}
    for path in re.findall(r"^COPY ((?:[\w.-]+ )+)\./$", dockerfile, re.MULTILINE):
        for name in path.split():
            assert (ROOT / name).exists(), name
    assert re.search(r"^USER (?!root|0)\d+$", dockerfile, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["marqab"\]$', dockerfile, re.MULTILINE)


def test_what_is_mounted_from_here_is_here_or_is_the_operators() -> None:
    operators = {"./sources.toml", "./subscribers.toml"}
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            path = volume.split(":")[0]
            assert not path.startswith("./") or path in operators or (ROOT / path).exists(), (name, path)


def test_prometheus_finds_every_process_at_its_port() -> None:
    told = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text("utf-8"))
    found = {}
    for job in told["scrape_configs"]:
        for dns in job.get("dns_sd_configs", []):
            found |= dict.fromkeys(dns["names"], dns["port"])
        for static in job.get("static_configs", []):
            found |= {target.split(":")[0]: int(target.split(":")[1]) for target in static["targets"]}
    settings = Settings()
    expected = {
        "worker": settings.worker_port, "connectors": settings.connectors_port, "desk": settings.desk_metrics_port,
        "notify": settings.notify_metrics_port, "canary": settings.canary_port,
    }  # fmt: skip
    assert expected == {name: port for name, port in found.items() if name != "localhost"}
    assert set(expected) <= set(OURS)
    [alerting] = told["alerting"]["alertmanagers"]
    assert alerting["static_configs"][0]["targets"] == ["alertmanager:9093"]
    assert "alertmanager" in COMPOSE["services"]


def test_grafana_finds_what_is_provisioned() -> None:
    folder = ROOT / "deploy" / "grafana" / "provisioning"
    [source] = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text("utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    [provider] = yaml.safe_load((folder / "dashboards" / "marqab.yml").read_text("utf-8"))["providers"]
    mounts = {volume.split(":")[1] for volume in COMPOSE["services"]["grafana"]["volumes"]}
    assert provider["options"]["path"] in mounts
    home = COMPOSE["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "deploy" / "grafana" / "dashboards" / home.rpartition("/")[2]).is_file()
