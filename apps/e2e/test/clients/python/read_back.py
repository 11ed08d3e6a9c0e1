"""What the scripts beside this one share: they write with a client, read with it, and print one JSON document."""

import json
import sys
import time


def is_whole(found):
    """Whether all of the ticket's trace is there: it is sent in several requests, which may be stored in any order."""
    outputs = {observation.name: observation.output for observation in found.observations}
    has_begun = found.user_id is not None and {"lookup", "compose", "cache-miss", "charge"} <= outputs.keys()
    return has_begun and outputs["lookup"] is not None and len(found.scores) == 3 and bool(found.total_cost)


def soon(read, accept=lambda value: True, give_up_after=15):
    """Reads until it works and `accept` holds; the value and how many milliseconds that took."""
    started = time.perf_counter()
    while True:
        try:
            value = read()
            if accept(value):
                return value, (time.perf_counter() - started) * 1000
            problem = value
        except Exception as error:
            problem = error
        if time.perf_counter() - started > give_up_after:
            raise TimeoutError(f"not readable: {problem!r}")
        time.sleep(0.01)


def fifty(write, read):
    """Writes one after the other; how many milliseconds after each it could be read."""
    waits = []
    for _ in range(50):
        written = write()
        waits.append(soon(lambda: read(written))[1])
    return waits


def plain(model):
    """A model of the client's API as the JSON that it stands for."""
    return json.loads(model.json(by_alias=True))


def finish(result):
    json.dump(result, sys.stdout)
