"""A tiny news site for system tests: one RSS feed whose entries appear when the test says so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OLD_NEWS = [
    ("افتتاح سوق شعبي في المدينة القديمة", "افتتحت البلدية سوقاً شعبياً جديداً للخضار والفواكه بحضور الأهالي."),
    ("انطلاق بطولة كرة القدم للناشئين", "انطلقت اليوم بطولة كرة القدم للناشئين بمشاركة ثمانية فرق."),
]
"""“A market opens”, “A youth football cup begins”: nothing happened."""
INCIDENT = (
    "هـ ـجـ ـوم مسـ ـلـ ـح على حاجز أمني في مدينة الرقة",
    "هاجم مسلحون مجهولون حاجزاً لقوى الأمن الداخلي في مدينة الرقة، ما أدى إلى مقتل 4 عناصر من القوة.",
)
"""“Armed attack on a checkpoint in Raqqa city; 4 of the force killed”, its headline hidden as real ones are."""
UPDATE = (
    "ارتفاع حصيلة الهجوم على الحاجز الأمني في مدينة الرقة إلى 6 قتلى",
    "ارتفعت حصيلة الهجوم على حاجز قوى الأمن الداخلي في مدينة الرقة إلى 6 قتلى من القوة.",
)
"""“The toll of the attack on the checkpoint in Raqqa rises to 6.”"""


class News:
    """What the feed shows."""

    def __init__(self) -> None:
        now = datetime.now(UTC)
        # Thirty entries, one an hour: enough for a rhythm, none of them an incident.
        self.entries = [(now - timedelta(hours=n), *OLD_NEWS[n % 2], f"old-{n}") for n in range(30, 0, -1)]
        self.delivered: list[bytes] = []

    def publish(self, title: str, text: str) -> None:
        """An entry of this moment."""
        self.entries.append((datetime.now(UTC), title, text, f"new-{len(self.entries)}"))

    def rss(self) -> bytes:
        """The feed's document, the newest first."""
        items = "".join(
            f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>{text}</description></item>"
            for at, title, text, guid in reversed(self.entries)
        )
        return (
            f"<rss version='2.0'><channel><title>local</title><language>ar</language>{items}</channel></rss>".encode()
        )


@contextmanager
def serve(news: News) -> Iterator[str]:
    """Serve the feed, and take what webhooks deliver; gives the base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = news.rss()
            self.send_response(200)
            self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            news.delivered.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
