"""No Kubernetes is here: the manifests are checked against its schemas, the code, and each other."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.strimzi import FILES, FOLDER, PARTITIONS, REPLICATION
from marqab.__main__ import COMMANDS
from marqab.settings import SECRET_PREFIX, load
from tests.paths import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))
RESOURCES: list[dict[str, Any]] = [
    resource
    for path in sorted(KUBERNETES.rglob("*.yaml"))
    if path.name != "kustomization.yaml"
    for resource in yaml.safe_load_all(path.read_text("utf-8"))
]
PODS = {r["metadata"]["name"]: r for r in RESOURCES if r["kind"] in ("Deployment", "StatefulSet")}
SETTINGS = dict(
    line.split("=", 1) for line in (KUBERNETES / "settings.env").read_text("utf-8").splitlines() if line.strip()
)


def named(resource: dict[str, Any]) -> str:
    return f"{resource['kind']}/{resource['metadata']['name']}"


def strimzi(resource: dict[str, Any]) -> bool:
    return str(resource["apiVersion"]).startswith("kafka.strimzi.io/")


@pytest.mark.parametrize("resource", [r for r in RESOURCES if not strimzi(r)], ids=named)
def test_kubernetes_knows_every_field(resource: dict[str, Any]) -> None:
    kubernetes_validate.validate(resource, "1.34.1", strict=True)


@pytest.mark.parametrize("name", FILES)
def test_what_is_made_from_the_topic_table_is_fresh(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == FILES[name](), "run `python -m deploy.strimzi`"


def test_every_manifest_is_part_of_the_installation() -> None:
    kafka = yaml.safe_load((KUBERNETES / "kafka" / "kustomization.yaml").read_text("utf-8"))["resources"]
    told = {*KUSTOMIZATION["resources"], *(f"kafka/{name}" for name in kafka)} - {"kafka"}
    found = {str(path.relative_to(KUBERNETES)) for path in KUBERNETES.rglob("*.yaml")}
    assert told == {path for path in found if not path.endswith("kustomization.yaml")}


@pytest.mark.parametrize("name", PODS)
def test_every_pod_runs_a_command_that_exists_with_settings_that_hold(name: str, tmp_path: Path) -> None:
    [container] = PODS[name]["spec"]["template"]["spec"]["containers"]
    assert container["args"][0] in COMMANDS
    password = tmp_path / "password"
    password.write_text("not a real one", "utf-8")
    environ = {**SETTINGS, **{one["name"]: one["value"] for one in container["env"]}}
    settings, _ = load(environ | {"MARQAB_KAFKA_SASL_PASSWORD_FILE": str(password)})
    assert settings.kafka_sasl_username == name
    assert (settings.partitions, settings.replication_factor) == (PARTITIONS, REPLICATION)
    assert not any(variable.startswith(SECRET_PREFIX) for variable in environ)
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    for variable in ("MARQAB_KAFKA_SSL_CAFILE", "MARQAB_KAFKA_SASL_PASSWORD_FILE"):
        assert str(Path(environ[variable]).parent) in mounts
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    process = name.removeprefix("marqab-")
    own = f"{process}_metrics_port" if process in ("desk", "notify") else f"{process}_port"
    assert ports.pop("metrics") == getattr(settings, own)
    assert ports == ({"http": 9466} if process == "desk" else {})
    assert process in settings.connectors_urls or process != "connectors"


@pytest.mark.parametrize("name", PODS)
def test_every_pod_may_do_little(name: str) -> None:
    pod = PODS[name]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    # Kubernetes would set MARQAB_DESK_SERVICE_HOST and the like, which the settings refuse as unknown.
    assert pod["enableServiceLinks"] is False
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"requests", "limits"} <= set(container["resources"])


def test_the_telegram_account_has_one_holder_and_workers_follow_the_partitions() -> None:
    connectors = PODS["marqab-connectors"]["spec"]
    assert (connectors["replicas"], connectors["strategy"]["type"]) == (1, "Recreate")
    assert 2 <= PODS["marqab-worker"]["spec"]["replicas"] <= PARTITIONS
    [budget] = [r for r in RESOURCES if r["kind"] == "PodDisruptionBudget"]
    assert budget["spec"]["selector"] == PODS["marqab-worker"]["spec"]["selector"]
    assert budget["spec"]["maxUnavailable"] == 1


def test_the_brokers_take_what_is_sent_and_keep_it_twice() -> None:
    from schemas.topics import MAX_MESSAGE_BYTES

    [kafka] = [r for r in RESOURCES if r["kind"] == "Kafka"]
    told = kafka["spec"]["kafka"]["config"]
    assert told["message.max.bytes"] >= MAX_MESSAGE_BYTES
    assert told["replica.fetch.max.bytes"] >= MAX_MESSAGE_BYTES
    assert told["auto.create.topics.enable"] is False
    topics = [r for r in RESOURCES if r["kind"] == "KafkaTopic"]
    assert {topic["metadata"]["labels"]["strimzi.io/cluster"] for topic in topics} == {kafka["metadata"]["name"]}
    assert all(topic["spec"]["config"]["min.insync.replicas"] == 2 for topic in topics)
    assert SETTINGS["MARQAB_KAFKA_BOOTSTRAP_SERVERS"] == f"{kafka['metadata']['name']}-kafka-bootstrap:9093"


def test_every_login_of_a_pod_is_a_user_with_rights() -> None:
    users = {r["metadata"]["name"]: r["spec"] for r in RESOURCES if r["kind"] == "KafkaUser"}
    assert set(PODS) < set(users)
    topics = {r["metadata"]["name"] for r in RESOURCES if r["kind"] == "KafkaTopic"}
    for spec in users.values():
        for rule in spec["authorization"]["acls"]:
            if rule["resource"]["type"] == "topic":
                assert rule["resource"]["name"] in topics


def test_kustomize_builds_it() -> None:
    kustomize = shutil.which("kustomize", path=f"{ROOT / '.cache' / 'bin'}:/usr/local/bin:/usr/bin:/bin")
    if kustomize is None:
        pytest.skip("there is no kustomize: the manifests were read one by one")
    built = subprocess.run([kustomize, "build", str(KUBERNETES)], capture_output=True, text=True, check=True)
    made = list(yaml.safe_load_all(built.stdout))
    assert {named(r) for r in made if r["kind"] != "ConfigMap"} == {named(r) for r in RESOURCES}
    for resource in made:
        if not strimzi(resource):
            kubernetes_validate.validate(resource, "1.34.1", strict=True)
    names = {r["metadata"]["name"] for r in made if r["kind"] == "ConfigMap"}
    for pod in (r for r in made if r["kind"] in ("Deployment", "StatefulSet")):
        told = pod["spec"]["template"]["spec"]
        used = [one["configMapRef"]["name"] for one in told["containers"][0]["envFrom"] if "configMapRef" in one]
        used += [volume["configMap"]["name"] for volume in told["volumes"] if "configMap" in volume]
        assert set(used) <= names
