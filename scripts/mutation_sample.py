"""Leave in a session of cosmic-ray only SAMPLE mutants: one at each of as many places, drawn by a seed.

Run by ``scripts/mutate`` with the Python of cosmic-ray's own environment: python mutation_sample.py SESSION SAMPLE
"""

import random
import sys
from collections import defaultdict

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkItem

SEED = 20261124
JOINING = "core/ReplaceBinaryOperator_BitOr_"
"""In this code ``|`` joins types, sets and maps, and another operator there is a type error."""


def main(session: str, sample: int) -> None:
    """Take all others out, and say how many places there are."""
    places: defaultdict[tuple[str, tuple[int, int]], list[WorkItem]] = defaultdict(list)
    with use_db(session, WorkDB.Mode.open) as database:
        for item in database.work_items:
            [mutation] = item.mutations
            if not mutation.operator_name.startswith(JOINING):
                places[str(mutation.module_path), mutation.start_pos].append(item)
        draw = random.Random(SEED)  # noqa: S311 - a sample that comes out the same again
        chosen = draw.sample(sorted(places), min(sample, len(places)))
        kept = [draw.choice(places[place]) for place in chosen]
        database.clear()
        database.add_work_items(kept)
    print(f"{len(kept)} mutants, each at another of {len(places)} places")


main(sys.argv[1], int(sys.argv[2]))
