"""Make the built-in gazetteer `built_in.gaz` from open lists of places.

Usage: python -m agents.classify.places.build FOLDER [--output FILE]
FOLDER holds `ocha_syria/`, `ocha_other/`, `geonames_mena/mena_cities500.json` and
`syria_incident_places.csv`. The same input gives the same bytes.
"""

import argparse
import json
import sys
from pathlib import Path

from agents.classify.places import sources
from agents.classify.places.draft import Draft, merge, save
from agents.classify.places.gazetteer import BUILT_IN, Kind

ISO2 = {"AFG": "AF", "EGY": "EG", "IRN": "IR", "IRQ": "IQ", "LBN": "LB", "LBY": "LY", "SDN": "SD", "YEM": "YE"}


def gather(folder: Path) -> list[Draft]:
    """Read every list of the folder and join what belongs together."""
    coded = list(sources.geonames(folder / "geonames_mena" / "mena_cities500.json"))
    units = [
        *sources.ocha_syria(folder / "ocha_syria"),
        *(
            draft
            for file, code in ISO2.items()
            for draft in sources.ocha_names(folder / "ocha_other" / f"{file}.csv", code)
        ),
    ]
    sources.locate([*units, *(draft for draft, _ in coded)], coded)
    places = list(sources.incidents(folder / "syria_incident_places.csv"))
    joined = merge([*units, *(draft for draft, _ in coded), *places])
    sources.inside_units(joined, "SY")
    sources.seats(joined)
    sources.at_their_city(joined)
    here = Path(__file__).parent
    return [
        *sources.countries(here / "countries.tsv"),
        *sources.regions(here / "regions.tsv"),
        *joined,
        *sources.world(here / "world.tsv.gz"),
    ]


def main(arguments: list[str]) -> None:
    """Build the file and print what it holds."""
    parser = argparse.ArgumentParser(description="Make the built-in gazetteer.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=BUILT_IN)
    options = parser.parse_args(arguments)
    drafts = gather(options.folder)
    save(options.output, drafts, sources.SOURCES, sources.ATTRIBUTION)
    counts = {kind.name.lower(): sum(d.kind is kind for d in drafts) for kind in Kind}
    located = sum(d.lat is not None for d in drafts)
    told = {"places": len(drafts), "located": located, "bytes": options.output.stat().st_size, **counts}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
