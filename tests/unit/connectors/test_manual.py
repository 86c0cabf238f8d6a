from connectors.manual import PAGE, fields, render
from connectors.sources import SourceSettings


def test_the_manual_is_fresh_and_complete():
    page = PAGE.read_text("utf-8")
    assert render(page) == page
    assert [name for name, *_ in fields()] == list(SourceSettings.__struct_fields__)
    assert all(sentence.endswith(".") for *_, sentence in fields())
