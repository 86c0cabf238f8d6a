"""Settings: where each came from, secrets starred, mistakes in sentences."""

from pathlib import Path

import pytest

from marqab.settings import Settings, load
from schemas.errors import Misconfigured


def told(environ: dict[str, str], **options: object) -> dict[str, tuple[str, str]]:
    return {t.name: (t.value, t.origin) for t in load(environ, **options)[1]}


def test_every_setting_has_a_sentence_and_is_shown() -> None:
    settings, shown = load({})
    assert {t.name for t in shown} == set(Settings.__struct_fields__)
    assert all(t.sentence.endswith(".") for t in shown)
    assert settings.embedded


def test_the_command_line_beats_the_environment_which_beats_the_default() -> None:
    environ = {"MARQAB_PARTITIONS": "12"}
    assert load(environ)[0].partitions == 12
    assert told(environ)["partitions"] == ("12", "MARQAB_PARTITIONS")
    assert load(environ, partitions=3)[0].partitions == 3
    assert told(environ, partitions=3)["partitions"] == ("3", "command line")
    assert told({}, partitions=None)["partitions"] == ("4", "default")


def test_a_secret_may_stand_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("correct horse\n")
    environ = {"MARQAB_KAFKA_SASL_PASSWORD_FILE": str(secret)}
    settings, shown = load(environ)
    assert settings.kafka_sasl_password == "correct horse"
    assert "horse" not in str(shown)
    assert told(environ)["kafka_sasl_password"] == ("********", f"MARQAB_KAFKA_SASL_PASSWORD_FILE ({secret})")


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"MARQAB_PARTITIONS": "many"}, r"partitions \(from MARQAB_PARTITIONS\): 'many' does not fit"),
        ({"MARQAB_PARTITIONS": "0"}, "partitions"),
        ({"MARQAB_PARTITION": "4"}, "Did you mean MARQAB_PARTITIONS"),
        ({"MARQAB_STORE": "tape"}, "store"),
        ({"MARQAB_FETCH_ALLOW_PRIVATE": "perhaps"}, "fetch_allow_private"),
        ({"MARQAB_KAFKA_SASL_PASSWORD_FILE": "/nowhere/at/all"}, "cannot be read"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(environ: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        load(environ)


def test_a_wrong_secret_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        load({"MARQAB_TELEGRAM_API_ID": "-5", "MARQAB_TELEGRAM_API_HASH": "abc"})
    assert "abc" not in str(caught.value)


def test_variables_for_cookies_and_proxies_bear_names_of_the_operators_own() -> None:
    load({"MARQAB_SECRET_COOKIE": "x"})


def test_paths_are_paths_and_the_home_is_found() -> None:
    settings, _ = load({"MARQAB_SOURCES": "/etc/marqab/sources.toml"})
    assert settings.sources == Path("/etc/marqab/sources.toml")
    assert "~" not in str(settings.state_dir)
