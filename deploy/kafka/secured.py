"""A Kafka that asks who you are: TLS everywhere, SCRAM-SHA-512 or client certificates, and access rules (ACLs).

One node for tests, with certificates made for the moment. What stands in its `server.properties` is what a cluster of
your own needs, too; nobody may do anything that a rule does not grant (`StandardAuthorizer`).
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from deploy.kafka.cluster import START_SECONDS, Node, _format, _last_words, free_port, jars
from marqab import admin
from schemas.errors import SourceDown

ADMIN: Final = "admin"
"""The user who may do everything; also the broker's own name in its certificate."""


@dataclass
class SecuredNode(Node):
    """One broker with three doors: SCRAM over TLS (`port`), client certificates (`certificate_port`), its own."""

    certificate_port: int = 0
    own_port: int = 0

    @property
    def certificate_address(self) -> str:
        """Where clients with a certificate reach it."""
        return f"127.0.0.1:{self.certificate_port}"

    def properties(self, nodes: list[Node]) -> str:
        """Its server.properties."""
        secured = {
            "listeners": (
                f"SASL_SSL://{self.address},SSL://{self.certificate_address},OWN://127.0.0.1:{self.own_port},"
                f"CONTROLLER://127.0.0.1:{self.controller_port}"
            ),
            "advertised.listeners": (
                f"SASL_SSL://{self.address},SSL://{self.certificate_address},OWN://127.0.0.1:{self.own_port}"
            ),
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,SSL:SSL,OWN:SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "OWN",
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.folder / "broker.pem",
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.folder / "authority.pem",
            **{f"listener.name.{name}.ssl.client.auth": "required" for name in ("ssl", "own", "controller")},
            # CN=worker,O=… is the principal User:worker, so that one list of rules serves passwords and certificates.
            "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "allow.everyone.if.no.acl.found": "false",
            "super.users": f"User:{ADMIN}",
        }
        plain = dict(line.split("=", 1) for line in super().properties(nodes).splitlines())
        return "".join(f"{name}={value}\n" for name, value in {**plain, **secured}.items())


@dataclass(frozen=True)
class Secured:
    """The running broker, and how clients reach it."""

    node: SecuredNode
    folder: Path
    passwords: Mapping[str, str]

    @property
    def cafile(self) -> Path:
        """The authority that signed every certificate here."""
        return self.node.folder / "authority.pem"

    def certificate(self, user: str) -> Path:
        """Certificate and key of a user, in one file."""
        return self.folder / f"{user}.pem"

    def environ(self, user: str, *, by: str = "password") -> dict[str, str]:
        """The settings of a component that logs in as this user, by password or by certificate."""
        told = {"MARQAB_KAFKA_SSL_CAFILE": str(self.cafile)}
        if by == "certificate":
            return told | {
                "MARQAB_KAFKA_BOOTSTRAP_SERVERS": self.node.certificate_address,
                "MARQAB_KAFKA_SECURITY_PROTOCOL": "SSL",
                "MARQAB_KAFKA_SSL_CERTFILE": str(self.certificate(user)),
            }
        secret = self.folder / f"{user}.password"
        secret.write_text(self.passwords[user], "utf-8")
        secret.chmod(0o600)
        return told | {
            "MARQAB_KAFKA_BOOTSTRAP_SERVERS": self.node.address,
            "MARQAB_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "MARQAB_KAFKA_SASL_USERNAME": user,
            "MARQAB_KAFKA_SASL_PASSWORD_FILE": str(secret),
        }

    def connection(self, user: str = ADMIN) -> dict[str, Any]:
        """What aiokafka's clients take, by password."""
        return {
            "bootstrap_servers": self.node.address,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": self.passwords[user],
            "ssl_context": ssl.create_default_context(cafile=self.cafile),
        }


@contextlib.asynccontextmanager
async def secured(folder: Path, users: Iterable[str]) -> AsyncIterator[Secured]:
    """A running Kafka that knows these users (and `admin`) and has granted them nothing yet.

    Raises:
        Misconfigured: no Java, no Maven.
        SourceDown: it did not start.
    """
    await asyncio.to_thread(jars)
    node = SecuredNode(1, free_port(), free_port(), folder / "node-1", None, free_port(), free_port())
    node.folder.mkdir(parents=True)
    passwords = {user: f"{user}-pass-{free_port()}" for user in (ADMIN, *users)}
    _certificates(node, folder, passwords)
    made = Secured(node, folder, passwords)
    scram = [f"SCRAM-SHA-512=[name={user},password={password}]" for user, password in passwords.items()]
    try:
        await _format(node, [node], *(word for one in scram for word in ("--add-scram", one)))
        await node.start()
        await _ready(made)
        yield made
    finally:
        await node.stop()


def _certificates(node: SecuredNode, folder: Path, users: Iterable[str]) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(node.folder / "authority.pem")
    _store(authority.issue_cert("127.0.0.1", "localhost", common_name=ADMIN), node.folder / "broker.pem")
    for user in users:
        _store(authority.issue_cert(f"{user}.invalid", common_name=user), folder / f"{user}.pem")


def _store(issued: trustme.LeafCert, path: Path) -> None:
    """Key and certificate in one file, the key in PKCS 8: Kafka reads no other."""
    key = load_pem_private_key(issued.private_key_pem.bytes(), password=None)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with path.open("ab") as file:
        file.writelines(part.bytes() for part in issued.cert_chain_pems)


async def _ready(made: Secured) -> None:
    node = made.node
    assert node.process is not None  # noqa: S101 - just started
    ended = asyncio.ensure_future(node.process.wait())
    answer = asyncio.ensure_future(admin.wait_until_ready(made.connection(), seconds=START_SECONDS))
    try:
        await asyncio.wait({ended, answer}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise SourceDown(f"Kafka ended. {_last_words(node)}")
        answer.result()
    finally:
        for task in (ended, answer):
            task.cancel()
        await asyncio.gather(ended, answer, return_exceptions=True)
