"""The seeds of the corpora: small, written for the project; `python -m tests.fuzz.seeds` writes them as files."""

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

from telethon.tl import types

from schemas.codec import encode
from schemas.kinds import SourceKind
from schemas.records import Post, Source

CORPUS = Path(__file__).resolve().parent / "corpus"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>خبر</title>
<ttl>5</ttl><language>ar</language><item><title>قصف على إدلب</title><guid isPermaLink="false">1</guid>
<link>/a?utm_source=x</link><pubDate>Sun, 01 Mar 2026 10:00:00 +0300</pubDate><description><![CDATA[<p>قُتل
<b>3</b> مدنيين</p><script>x</script>]]></description><media:content url="/i.jpg" type="image/jpeg" width="9"/></item>
<item><title>A &amp; B</title><pubDate>25/02/2026 13:05</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ar"><id>urn:f</id><title type="html">&lt;b&gt;t&lt;/b&gt;</title>
<link rel="next" href="?page=2"/><link rel="hub" href="https://hub.example/"/><entry><id>urn:1</id><title>x</title>
<updated>2026-03-01T10:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>y</p></div>
</content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="u"><title>t</title><dc:date>2026-03-01</dc:date></item></rdf:RDF>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "t",
    "items": [
        {
            "id": 1,
            "content_html": "<p>انفجار</p>",
            "date_published": "2026-03-01T10:00:00+03:00",
            "url": "/x",
            "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 3}],
        }
    ],
}
BOMB = (
    '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>'
)
PAGE = """<html><body><div class="tgme_channel_info_header_username"><a href="https://t.me/x">@x</a></div>
<section class="tgme_channel_history js-message_history"><div class="tgme_widget_message_wrap">
<div class="tgme_widget_message" data-post="x/5" data-view="eyJjIjotMTIzLCJwIjo1fQ">
<div class="tgme_widget_message_text js-message_text">قتلى <b>في</b> درعا<br/>a&nbsp;b<tg-spoiler>s</tg-spoiler></div>
<a class="tgme_widget_message_reply" href="https://t.me/x/4"></a>
<a class="tgme_widget_message_photo_wrap" style="background-image:url('https://cdn.example/i.jpg')"></a>
<time class="message_video_duration">1:02:03</time><span class="tgme_widget_message_views">1.2K</span>
<a class="tgme_widget_message_date" href="https://t.me/x/5"><time datetime="2026-03-01T10:00:00+00:00">10:00</time></a>
</div></div></section></body></html>"""
TEXT = "قُتل ثلاثة مدنيين وأصيب 5 آخرون بقصـ.ـف على ريف إدلب، وفق مصدر أمني. د١عش تعلن مسؤوليتها."
HIDDEN = "بالفيديو 🔴 ان\u200cفج\u200fار في الـ ـم ـدينة  ا ن ف ج ا ر ﷽ ١٢ قتيلاً و٧ جرحى"
ENGLISH = "At least 12 people, including 3 children, were killed in an air strike on Idlib on Sunday, medics said."
LEXICON = """[term.bomb]\nwords = "bomb|blast"\nexample = "a bomb"\n[event.ied]\ntype = "ied_mine"\nall = ["bomb|ied"]
example = "x"\n[[noun]]\nwords = "people"\nparty = "civilians"\nexample = "3 people"\n[number]\n"three" = 3\n"""
SOURCES = """[[source]]\nid = "a"\nkind = "feed"\nurl = "https://a.example/rss"\ncountry = "SY"\nreliability = "B"
headers_from = { Cookie = "MARQAB_SECRET_A" }\n[[source]]\nid = "b"\nkind = "telegram"\nchannel = "@b"\n"""
SUBSCRIBERS = """dead_letters = "d"\n[cap]\nsender = "m@example.org"\n[[subscriber]]\nid = "a"\nlanguage = "ar"
to = { by = "webhook", url = "https://a.example/in", secret_from = "SECRET" }\nwithin = [{ lat = 35.9, lon = 39.0, km = 60 }]
quiet = { start = 22:00:00, end = 06:30:00, timezone = "Asia/Damascus" }\nmute = [{ type = "clash" }]\n"""
OPML = '<opml version="2.0"><body><outline text="A"><outline type="rss" title="t" xmlUrl="https://a.example/f"/></outline></body></opml>'
SETTINGS = (
    "PARTITIONS=4\nLOG_LEVEL=debug\nFETCH_ALLOW_PRIVATE=1\nSTATE_DIR=~/x\nKAFKA_SASL_PASSWORD=p\nMAX_AGE_HOURS=1e3"
)
GEONAMES = "170063\tAleppo\tAleppo\tحلب,Alep\t36.20124\t37.16117\tP\tPPLA\tSY\t\t09\t\t\t\t1602264\t\t392\tAsia/Damascus\t2024-01-01\n"
COD = "admin1Name_en,admin1Name_ar,admin1Pcode,admin2Name_en,admin2Name_ar,admin2Pcode\nAleppo,حلب,SY02,Afrin,عفرين,SY0203\n"
EXPORT = {
    "name": "قناة",
    "type": "public_channel",
    "id": 1234567890,
    "messages": [
        {"id": 1, "type": "service", "date_unixtime": "1767254400", "action": "create_channel", "text": ""},
        {
            "id": 2,
            "type": "message",
            "date": "2026-01-01T10:00:00",
            "date_unixtime": "1767254400",
            "edited_unixtime": "1767254460",
            "forwarded_from": "x",
            "forwarded_from_id": "channel77",
            "reply_to_message_id": 1,
            "file": "(File not included.)",
            "media_type": "video_file",
            "mime_type": "video/mp4",
            "duration_seconds": 5,
            "width": 640,
            "height": 480,
            "text": [
                "قصف ",
                {"type": "bold", "text": "إدلب"},
                {"type": "text_link", "text": "x", "href": "https://x.example"},
            ],
        },
        {
            "id": 3,
            "type": "message",
            "date_unixtime": "1767254400",
            "text": "",
            "location_information": {"latitude": 35.9, "longitude": 39.0},
            "poll": {"question": "q", "answers": [{"text": "a", "voters": 1}]},
        },
    ],
}
ROBOTS = """User-agent: *\nDisallow: /a*b*c$\nAllow: /\nCrawl-delay: 1.5\nRequest-rate: 1/5\nVisit-time: 0600-0845\n
User-agent: marqab\nDisallow: /*?*x=%D9%82\nCrawl-delay: 1e9\nSitemap: https://site.example/s.xml\n"""
WISHES = (
    "120",
    "Sun, 01 Mar 2026 13:00:00 GMT",
    'public, max-age="300", s-maxage=600, stale-while-revalidate=1e9',
    "2026-03-01T10:00:00+03:00",
    "الأحد 1 آذار 2026 - 10:30 م",
)


def telegram() -> list[bytes]:
    """Messages as Telegram writes them."""
    base = {"id": 7, "peer_id": types.PeerChannel(1234567890), "date": AT}
    entities = [
        types.MessageEntityBold(0, 4),
        types.MessageEntityTextUrl(2, 9, "https://x.example/?a=<b>"),
        types.MessageEntityCustomEmoji(0, 2, 5),
    ]
    forward = types.MessageFwdHeader(date=AT, from_id=types.PeerChannel(5), channel_post=9, from_name="ناشط")
    poll = types.Poll(
        id=1,
        question=types.TextWithEntities("من؟", []),
        answers=[types.PollAnswer(types.TextWithEntities("أ", []), b"0")],
        hash=0,
    )
    media = [
        types.MessageMediaGeo(types.GeoPoint(long=37.1, lat=36.2, access_hash=1)),
        types.MessageMediaPoll(poll, types.PollResults()),
        types.MessageMediaDocument(
            document=types.Document(
                1, 2, b"", AT, "video/mp4", 3, 2, attributes=[types.DocumentAttributeVideo(3.5, 640, 480)]
            )
        ),
        types.MessageMediaUnsupported(),
    ]
    made = [types.Message(**base, message=TEXT, entities=entities, fwd_from=forward, edit_date=AT, views=3, forwards=1)]
    made += [types.Message(**base, message="", media=one, grouped_id=4) for one in media]
    made.append(types.MessageService(**base, action=types.MessageActionPinMessage()))
    return [bytes(one) for one in made]


def seeds() -> dict[str, list[bytes]]:
    """By target."""
    source = Source(id="a", kind=SourceKind.FEED, name="A", country="SY")
    post = Post(source=source, native_id="1", title="t", text=TEXT, published_at=AT, fetched_at=AT, html="<b>x</b>")
    plain = json.loads(encode(post))
    poison = [
        b"[" * 2000,
        b'{"source": NaN}',
        encode(post)[:-5],
        json.dumps({**plain, "text": "\ud800\x00\u202e"}).encode(),
        json.dumps({**plain, "published_at": "0001-01-01T00:00:00+23:59"}).encode(),
        json.dumps({**plain, "published_at": "9999-12-31T23:59:59-23:59"}).encode(),
        json.dumps({**plain, "revision": 2**70, "schema_version": 99}).encode(),
    ]
    texts = [TEXT.encode(), HIDDEN.encode(), ENGLISH.encode(), "ـ ".encode() * 300, "١٢٣".encode() * 100]
    gazetteer = b"MARQABG1" + struct.pack("<I", 2) + b"{}"
    return {
        "feed": [b"\x00" + one.encode() for one in (RSS, ATOM, RDF, BOMB, json.dumps(JSON_FEED))]
        + [b"\x01" + RSS.encode("windows-1256", "replace"), b"\x02\xff\xfe" + RSS.encode("utf-16-le")],
        "page": [PAGE.encode()],
        "message": telegram(),
        "export": [json.dumps(EXPORT).encode(), json.dumps({"chats": {"list": [EXPORT]}}, ensure_ascii=False).encode()],
        "robots": [ROBOTS.encode(), b"\xef\xbb\xbf" + ROBOTS.encode("utf-8")],
        "wishes": [wish.encode() for wish in WISHES],
        "record": [encode(post), *poison],
        "post": [encode(post), *poison],
        "text": texts,
        "report": [b"{}", *poison],
        "html": [b'<base href="//x"><link rel=alternate type="application/rss+xml" href="f?a&b">' + PAGE.encode()],
        "lexicon": [LEXICON.encode()],
        "sources": [SOURCES.encode()],
        "subscribers": [SUBSCRIBERS.encode()],
        "opml": [OPML.encode()],
        "settings": [SETTINGS.encode()],
        "gazetteer": [gazetteer],
        "geonames": [GEONAMES.encode()],
        "cod": [COD.encode()],
        "signature": [b"sha256=00\nbody", b"SHA1=\xff\n", b"md5=1\n"],
    }


def main() -> None:
    """Write the files; those of findings that are there stay."""
    for target, values in seeds().items():
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, value in enumerate(values):
            (folder / f"seed-{number}").write_bytes(value)


if __name__ == "__main__":
    main()
