"""camel-tools and its stand-in answer alike, and the door opens without network, data or torch."""

import subprocess
import sys

import pytest

from agents.normalize import arabic

CHARACTERS = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000)


@pytest.mark.skipif(not arabic.CAMEL, reason="camel-tools is not installed: there is nothing to compare with")
@pytest.mark.parametrize(
    ("camel", "builtin"),
    [
        (arabic.fold, arabic.fold_builtin),
        (arabic.strip_vowels, arabic.strip_vowels_builtin),
        (arabic.expand, arabic.expand_builtin),
    ],
)
def test_both_answer_alike_for_every_character(camel, builtin):
    assert camel is not builtin
    blocks = (CHARACTERS[start : start + 4096] for start in range(0, len(CHARACTERS), 4096))
    assert all(camel(block) == builtin(block) for block in blocks)
    sentence = "أُعلِنَ في ﺍﻟﺮﻗﺔ عن إغلاقِ المدرســـة الكبرى"
    assert camel(sentence) == builtin(sentence)


def test_folding_keeps_places():
    assert len(arabic.fold(CHARACTERS[:0x20000])) == 0x20000
    assert arabic.fold("أإآٱىة") == "اااايه"


def test_the_stand_in_serves_where_camel_tools_is_missing():
    code = (
        "import sys; sys.modules['camel_tools'] = None\n"
        "from agents.normalize import arabic\n"
        "assert not arabic.CAMEL and arabic.fold is arabic.fold_builtin\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_door_opens_without_network_or_torch():
    code = (
        "import socket, sys\n"
        "def refuse(*args, **kwargs): raise AssertionError('network at import')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import agents.normalize\n"
        "heavy = {'torch', 'transformers', 'camel_tools.data', 'camel_tools.morphology'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
