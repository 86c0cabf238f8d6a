"""The command line: `marqab`, or `python -m marqab`."""

from importlib import import_module

import click

from marqab.commands.shared import Sentences
from marqab.metrics import marqab_version

COMMANDS = {
    "up": "marqab.commands.service:up",
    "connectors": "marqab.commands.service:connectors",
    "worker": "marqab.commands.service:worker",
    "demo": "marqab.commands.demo:demo",
    "tail": "marqab.commands.tail:tail",
    "desk": "marqab.commands.desk:desk",
    "notify": "marqab.commands.notify:notify",
    "canary": "marqab.commands.canary:canary",
    "collect": "marqab.commands.files:collect",
    "backfill": "marqab.commands.backfill:backfill",
    "replay": "marqab.commands.files:replay",
    "sources": "marqab.commands.sources:sources",
    "telegram": "marqab.commands.telegram:telegram",
    "feedback": "marqab.commands.feedback:feedback",
    "rejects": "marqab.commands.rejects:rejects",
    "gazetteer": "marqab.commands.gazetteer:gazetteer",
    "check": "marqab.commands.check:check",
    "topics": "marqab.commands.topics:topics",
}


class Commands(Sentences):
    """The commands by name, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer needs them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(marqab_version(), prog_name="marqab")
def main() -> None:
    """Read news feeds and Telegram channels without pause and tell subscribers of security incidents, Arabic first.

    \b
    marqab demo                       see it work (one minute, no account, no network)
    marqab check                      what is configured, and would it work?
    marqab up                         the always-on service
    marqab tail                       alerts as they arrive

    Settings are environment variables MARQAB_…; `marqab check` lists them all with their meaning.
    """


if __name__ == "__main__":
    main()
