"""Settings of the connectors; the command line fills them from `marqab.settings`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

VERSION = "0.1"


@dataclass(frozen=True, kw_only=True)
class ConnectorSettings:
    """One field a setting; the sentence under it is its manual.

    Attributes:
        fetch_allow_private: let requests reach loopback and private addresses (tests, demo, intranets).
        contact: web or mail address in the User-Agent, for publishers who want to complain.
        fetch_max_bytes: longest answer that is read, after decompression.
        fetch_timeout_seconds: longest time for a whole answer.
        fetch_concurrency: requests in flight at the same time over all hosts.
        fetch_host_spacing_seconds: pause between two requests to one host; none on loopback.
        source_posts_per_minute: posts of one source in the long run; more of them wait at the source; 0 for no limit.
        proxy: proxy for sources that name none; empty for none; may hold a password.
        websub_callback: public address that leads to `websub_port`, for sources with `websub = true`.
        websub_host: address on which pushes are received; a reverse proxy stands before it.
        websub_port: port on which pushes are received; 0 for any free one.
        telegram_api_id: from my.telegram.org; 0 for none.
        telegram_api_hash: from my.telegram.org; secret.
        telegram_session: session string, full access to the account; secret.
        telegram_session_file: file with the session string, mode 0600.
        telegram_server: `host:port[:dc]` of another server than Telegram's, for tests.
        telegram_web_url: where public channel pages are read; `/s/<channel>` is added.
        environ: where `headers_from` and named proxies are looked up; secret.
    """

    fetch_allow_private: bool = False
    contact: str = ""
    fetch_max_bytes: int = 15 * 1024 * 1024
    fetch_timeout_seconds: float = 20.0
    fetch_concurrency: int = 128
    fetch_host_spacing_seconds: float = 2.0
    source_posts_per_minute: float = 60.0
    proxy: str = field(default="", repr=False)
    websub_callback: str = ""
    websub_host: str = "127.0.0.1"
    websub_port: int = 9470
    telegram_api_id: int = 0
    telegram_api_hash: str = field(default="", repr=False)
    telegram_session: str = field(default="", repr=False)
    telegram_session_file: str = ""
    telegram_server: str = ""
    telegram_web_url: str = "https://t.me"
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def user_agent(self) -> str:
        """What every request says of itself: who we are, and whom to write to."""
        contact = f"; {self.contact}" if self.contact else ""
        return f"marqab/{VERSION} (news watch{contact})"
