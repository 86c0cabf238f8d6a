"""A model of one's own in place of the shipped one: found by entry point, loaded from a local folder, nothing else."""

import json
from pathlib import Path

import pytest

from agents.classify import Classifier, lexicon, plugins
from marqab.settings import load
from marqab.worker import stages_of
from schemas.errors import Misconfigured
from tests.unit.test_classify_lexicon import report

TINY = '''
import json
from pathlib import Path
from agents.classify.model import Observed, Scored


class Tiny:
    """Reads the repaired text itself, as a transformer would: the weight of each word it knows."""

    version = "tiny-1"
    threshold = 0.5

    def __init__(self, folder: Path) -> None:
        self._weights = json.loads((folder / "weights.json").read_text("utf-8"))

    def score(self, observed: Observed, text: str) -> Scored:
        known = [(word, self._weights[word]) for word in text.split() if word in self._weights]
        return Scored(min(1.0, sum(weight for _, weight in known)), tuple(known))
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution with the entry point, as pip would lay it out, and a folder with its model."""
    (tmp_path / "marqab_tiny.py").write_text(TINY, "utf-8")
    about = tmp_path / "marqab_tiny-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: marqab-tiny\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text(
        f"[{plugins.GROUP}]\ntiny = marqab_tiny:Tiny\nwrong = pathlib:Path\n", "utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights.json").write_text(json.dumps({"هجوم": 0.9}), "utf-8")  # "an attack"
    return folder


def test_a_plug_in_decides_and_says_why(installed: Path) -> None:
    scorer = plugins.load("tiny", installed)
    classifier = Classifier.default(scorers={"ar": scorer})
    sighting = classifier.classify(report("هجوم على حاجز"))  # an attack on a checkpoint
    assert (sighting.relevant, sighting.score, sighting.model_version) == (True, 0.9, "tiny-1")
    assert "model.هجوم" in {reason.rule for reason in sighting.reasons}
    assert not classifier.classify(report("قصف على القرية")).relevant  # shelling: a word the tiny model does not know


def test_the_other_languages_keep_the_shipped_model(installed: Path) -> None:
    classifier = Classifier.default(scorers={"ar": plugins.load("tiny", installed)})
    told = classifier.classify(report("Gunmen killed three soldiers in an attack on a checkpoint", "en"))
    assert told.relevant
    assert told.model_version.startswith("en-")


def test_what_is_missing_is_said(installed: Path) -> None:
    with pytest.raises(Misconfigured, match="no classifier plug-in absent"):
        plugins.load("absent", installed)
    with pytest.raises(Misconfigured, match="local folder"):
        plugins.load("tiny", installed / "nowhere")
    with pytest.raises(Misconfigured, match="no scorer"):
        plugins.load("wrong", installed)


def test_a_setting_names_it_and_the_stages_use_it(installed: Path) -> None:
    settings, _ = load({"MARQAB_CLASSIFIERS": f"ar=tiny:{installed}"})
    sighting = stages_of(settings).classify(report("هجوم على حاجز"))  # an attack on a checkpoint
    assert sighting.model_version == "tiny-1"
    assert plugins.named("") == {}


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("tiny", "LANGUAGE=PLUGIN:FOLDER"),
        ("ar=tiny", "LANGUAGE=PLUGIN:FOLDER"),
        ("xx=tiny:{0}", "out of ar, en, tr"),
        ("ar=tiny:{0}, ar=tiny:{0}", "each language once"),
        ("ar=absent:{0}", "no classifier plug-in absent"),
        ("ar=tiny:{0}/nowhere", "local folder"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_in_a_sentence(installed: Path, told: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        plugins.named(told.format(installed))


def test_a_sighting_says_which_words_and_which_model_it_was_read_with() -> None:
    raw = (lexicon.FOLDER / "ar.toml").read_bytes()
    shipped, changed = (lexicon.parse(told, "ar", "ar.toml").version for told in (raw, raw + b"\n# a word more"))
    sighting = Classifier.default().classify(report("هجوم على حاجز"))
    assert sighting.lexicon_version == shipped != changed
    assert sighting.model_version
