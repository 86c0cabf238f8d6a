"""Normalizing: speed, memory and what is restored; prints one JSON object.

Usage: python -m benchmarks.normalize [--shared FOLDER] [--quality]

Speed is measured on one core in processor time, beside a bare regular-expression pass over the same texts (strip marks,
join what stands between two tatweels, look for fifty words) in the same run: trust the ratio, not the figure. Texts are
made from the frequency list: posts of about 240 characters, one in five of which hides words, and articles of 2,000.
`--quality` also needs the development data (`../shared` beside the checkout, or MARQAB_SHARED): hidden words of real
posts, edits in clean newspapers, and the tricks of the tests played on real sentences.
"""

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from random import Random

from agents.normalize import arabic, normalize
from agents.normalize.draft import Draft
from agents.normalize.hidden import DELIBERATE, edits_of, reveal
from agents.normalize.language import identify
from agents.normalize.words import Words, default_words, key
from schemas.kinds import SourceKind
from schemas.records import Post, Source
from tests.unit.normalize.hiding import TRICKS

SOURCE = Source(id="benchmark", kind=SourceKind.FEED)
NOON = datetime(2022, 12, 26, 12, tzinfo=UTC)
POSTS, ARTICLES = 2000, 400
POST_LENGTH, ARTICLE_LENGTH = 240, 2000
HIDING_SHARE = 0.2
ARABIC_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")


def texts(words: Words, number: int, length: int, chance: Random) -> list[str]:
    """Texts of about `length` characters whose words are as frequent as in newspapers."""
    vocabulary = list(words.counts)
    weights = list(accumulate(words.counts.values()))
    bases = [base for base in words.bases.values() if len(base) > 3]
    made = []
    for _ in range(number):
        chosen = chance.choices(vocabulary, cum_weights=weights, k=length // 5)
        if chance.random() < HIDING_SHARE and length < ARTICLE_LENGTH:
            for _ in range(4):
                trick = TRICKS[chance.choice(("split by dot", "split by space", "dot once", "substitute"))]
                base = chance.choice(bases)
                chosen[chance.randrange(len(chosen))] = trick(base, chance) or base
        text = ""
        while len(text) < length and chosen:
            text += chosen.pop() + chance.choice((" ",) * 12 + ("، ", ". ", ".\n"))
        made.append(text)
    return made


def bare(words: Words) -> Callable[[str], int]:
    """What a single pass of regular expressions does: the limit to compare with."""
    marks = re.compile("[\u064b-\u0652\u0670\u200b-\u200f\u202a-\u202e]+")
    torn = re.compile("\u0640+(?:[ .]{1,3}\u0640+)?")
    wanted = re.compile("|".join(map(re.escape, list(words.bases.values())[:50])))
    return lambda text: len(wanted.findall(torn.sub("", marks.sub("", text))))


def rate(work: Callable[[str], object], these: Iterable[str]) -> float:
    """Texts a second of processor time."""
    these = list(these)
    begun = time.process_time()
    for text in these:
        work(text)
    return len(these) / (time.process_time() - begun)


def resident_mb() -> float:
    """Memory of this process in megabytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def speed(words: Words) -> dict[str, object]:
    """Texts a second, through everything and through the bare pass."""
    chance = Random(7)
    posts, articles = texts(words, POSTS, POST_LENGTH, chance), texts(words, ARTICLES, ARTICLE_LENGTH, chance)

    def whole(text: str) -> object:
        return normalize(Post(source=SOURCE, native_id="1", published_at=NOON, text=text))

    whole(posts[0])
    regex = bare(words)
    result: dict[str, object] = {}
    for name, these in (("posts", posts), ("articles", articles)):
        ours, limit = rate(whole, these), rate(regex, these)
        characters = sum(map(len, these)) / len(these)
        result[name] = {
            "characters": round(characters),
            "a_second": round(ours),
            "megacharacters_a_second": round(ours * characters / 1e6, 2),
            "bare_regular_expressions_a_second": round(limit),
            "times_slower_than_bare": round(limit / ours, 1),
        }
    return result


def _revealed(text: str, words: Words, language: str | None = None) -> Draft:
    draft = Draft(text)
    reveal(draft, language=language or identify(text), words=words)
    return draft


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def hidden_words(shared: Path, words: Words) -> dict[str, object]:
    """Words that real posts hide: how many were rebuilt, and how many of these are words."""
    rebuilt: Counter[bool] = Counter()
    told = missed = unexpected = 0
    for row in _rows(shared / "eval/sets/ar_incidents.jsonl"):
        gold = row["gold"]
        assert isinstance(gold, dict)
        draft = _revealed(str(row["text"]), words)
        edits = [edit for edit in edits_of(draft, words) if edit.kind in DELIBERATE]
        told += gold["obfuscated_words"]
        missed += bool(gold["obfuscated_words"]) and not edits
        unexpected += bool(edits) and not gold["obfuscated_words"]
        for edit in edits:
            rebuilt.update(words.known(key(word)) for word in ARABIC_WORD.findall(edit.after))
    return {
        "told_by_gold": told,
        "rebuilt": sum(rebuilt.values()),
        "of_these_known_words": round(rebuilt[True] / sum(rebuilt.values()), 3),
        "hiding_posts_without_edit": missed,
        "other_posts_with_edits": unexpected,
    }


def clean_newspapers(shared: Path, words: Words) -> dict[str, object]:
    """Deliberate edits in articles that hide nothing; each is a mistake (or repairs a typing error)."""
    edits: list[tuple[str, str]] = []
    articles = count = 0
    for path in sorted((shared / "train").glob("*.jsonl")):
        for row in _rows(path):
            text = f"{row.get('title') or ''}\n{row['text']}"
            articles += 1
            count += len(ARABIC_WORD.findall(text))
            draft = _revealed(text, words)
            edits += [(e.kind, e.after) for e in edits_of(draft, words) if e.kind in DELIBERATE]
    return {"articles": articles, "words": count, "edits": len(edits), "these": edits[:20]}


def tricks(shared: Path, words: Words) -> dict[str, object]:
    """Share of real sentences that come back exactly after each trick hid every word of interest in them."""
    sentences = [str(row["text"]) for row in _rows(shared / "eval/sets/ar_sentences.jsonl")][:400]
    result: dict[str, object] = {}
    for name, trick in TRICKS.items():
        chance = Random(name)
        played = back = 0
        for sentence in sentences:
            clean = _revealed(sentence, words, "ar").text

            def hide(match: re.Match[str], trick: object = trick, chance: Random = chance) -> str:
                word = match.group()
                if len(word) < 4 or not words.interesting(key(word)):
                    return word
                assert callable(trick)
                return trick(word, chance) or word

            written = ARABIC_WORD.sub(hide, clean)
            if written != clean:
                played += 1
                back += key(_revealed(written, words).text) == key(clean)
        result[name] = round(back / played, 3)
    return result


def whole_text_dotless(shared: Path, words: Words) -> float:
    """Share of the words of the seed documents that come back when every dot in them is taken away."""
    trick = TRICKS["dotless"]
    right = total = 0
    for path in sorted((shared / "seeds").glob("*.txt")):
        clean = _revealed(path.read_text(encoding="utf-8"), words, "ar").text
        written = ARABIC_WORD.sub(lambda match: trick(match.group(), Random(1)) or match.group(), clean)
        pairs = zip(_revealed(written, words).text.split(), clean.split(), strict=False)
        for read, meant in pairs:
            if ARABIC_WORD.search(meant):
                total += 1
                right += key(read) == key(meant)
    return round(right / total, 3)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("MARQAB_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--shared", type=Path, default=default, help="folder of the development data")
    parser.add_argument("--quality", action="store_true", help="also measure what is restored (some minutes)")
    arguments = parser.parse_args()
    before = resident_mb()
    words = default_words()
    result: dict[str, object] = {
        "camel_tools": arabic.CAMEL,
        "words": {"bases": len(words.bases), "frequencies": len(words.counts)},
        "memory_mb": {"imported": round(before), "with_word_lists": round(resident_mb())},
        "speed": speed(words),
    }
    if arguments.quality:
        result["hidden_words"] = hidden_words(arguments.shared, words)
        result["clean_newspapers"] = clean_newspapers(arguments.shared, words)
        result["tricks"] = tricks(arguments.shared, words)
        result["whole_text_dotless"] = whole_text_dotless(arguments.shared, words)
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
