"""The units run commands that exist, and systemd itself understands every line."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marqab.__main__ import COMMANDS
from marqab.settings import PREFIX, Settings
from schemas.errors import Misconfigured
from tests.paths import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_with_settings_that_exist(unit: Path) -> None:
    text = unit.read_text("utf-8")
    [command] = re.findall(r"^ExecStart=\S+/marqab (\w+)", text, re.MULTILINE)
    assert command in COMMANDS
    for variable in re.findall(rf"({PREFIX}[A-Z_]+)=", text):
        assert variable.removeprefix(PREFIX).lower() in Settings.__struct_fields__, variable
    assert "\nNoNewPrivileges=yes\n" in text
    assert "\nRestart=always\n" in text
    assert f"\nRestartPreventExitStatus={Misconfigured.exit_code}\n" in text, "it would say the same for ever"


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze")
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/marqab/.venv/bin/marqab", sys.executable)
        text = re.sub(r"^(User|Group)=.*$", "DynamicUser=yes", text, flags=re.MULTILINE)
        (tmp_path / unit.name.replace("@.", "@9465.")).write_text(text, "utf-8")
    made = [str(path) for path in sorted(tmp_path.iterdir())]
    said = subprocess.run([analyze, "verify", "--man=no", *made], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if str(tmp_path) in line]
    assert (ours, said.returncode) == ([], 0), said.stderr
    for path in made:
        looked = subprocess.run(
            [analyze, "security", "--offline=yes", "--threshold=20", path], capture_output=True, text=True, check=False
        )
        assert looked.returncode == 0, looked.stdout[-400:]
