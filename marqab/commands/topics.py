"""`marqab topics`: create them, and say who must be allowed what."""

import json
from typing import Any

import click

from marqab.commands.service import BROKER_OPTION, named_broker
from marqab.commands.shared import run_until_stopped, settings_from
from marqab.rights import ROLES, Right, Role, command, document, rights
from marqab.settings import Settings
from schemas.errors import Misconfigured


@click.group()
def topics() -> None:
    """The topics on the broker."""


@topics.command()
@BROKER_OPTION
def create(**options: Any) -> None:
    """Create the topics that are missing; existing ones are compared and left as they are."""
    settings, _ = settings_from(**options)
    run_until_stopped(lambda: _create(settings))


async def _create(settings: Settings) -> int:
    from marqab.kafka import admitted
    from marqab.up import create_topics

    bootstrap = named_broker(settings, "topics create")
    await admitted(settings, bootstrap, None)
    outcome = await create_topics(settings, bootstrap)
    for name in outcome.created:
        click.echo(f"created {name}")
    for sentence in outcome.differences:
        click.echo(sentence, err=True)
    if not outcome.created:
        click.echo("all topics were there already")
    return 1 if outcome.differences else 0


@topics.command()
@BROKER_OPTION
@click.option(
    "--role", "roles", type=click.Choice(list(ROLES)), multiple=True, help="Only this component; default: all."
)
@click.option(
    "--principal", "principals", metavar="ROLE=USER", multiple=True,
    help="Who a component logs in as, for example worker=User:alice; default: User:marqab-ROLE.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the rules as JSON instead of commands.")
@click.option("--apply", is_flag=True, help="Grant them now; the login must be an administrator's.")
def acls(roles: tuple[Role, ...], principals: tuple[str, ...], as_json: bool, apply: bool, **options: Any) -> None:
    """Print the least rights of every component on Kafka as kafka-acls commands, or grant them.

    \b
    marqab topics acls                                    commands for all components
    marqab topics acls --role worker --principal worker=User:alice
    marqab topics acls --apply                            grant them with this login
    """
    settings, _ = settings_from(**options)
    users = _users(principals)
    told = [
        (users[role], right)
        for role in roles or tuple(ROLES)
        for right in rights(role, prefix=settings.topic_prefix, app_id=settings.app_id)
    ]
    if apply:
        run_until_stopped(lambda: _apply(settings, told))
    elif as_json:
        click.echo(json.dumps([document(right, principal) for principal, right in told], indent=1))
    else:
        for principal, right in told:
            click.echo(command(right, principal, settings.kafka_bootstrap_servers or "HOST:PORT"))


def _users(given: tuple[str, ...]) -> dict[Role, str]:
    users: dict[Role, str] = {role: f"User:marqab-{role}" for role in ROLES}
    for text in given:
        name, _, principal = text.partition("=")
        role = next((role for role in ROLES if role == name), None)
        if role is None or not principal.startswith("User:"):
            raise Misconfigured(
                f"--principal {text}: write ROLE=User:NAME with one of the roles {', '.join(ROLES)}, for example "
                "worker=User:alice"
            )
        users[role] = principal
    return users


async def _apply(settings: Settings, told: list[tuple[str, Right]]) -> int:
    from marqab.access import grant
    from marqab.kafka import client_options

    bootstrap = named_broker(settings, "topics acls --apply")
    await grant({"bootstrap_servers": bootstrap, **client_options(settings)}, told)
    click.echo(f"granted {sum(len(right.operations) for _, right in told)} rights")
    return 0
