"""A loop over the pages of lists, written by hand: with many requests in flight, the limit of what there is to be had.

It promises nothing: it would not notice a row that moves, and one bad answer ends it.
"""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from pathlib import Path
from typing import Any

import orjson
import requests
from requests.adapters import HTTPAdapter

from benchmarks.providers import at

Json = dict[str, Any]


def positions(listing: Json) -> Iterator[int]:
    return count(0, listing["size"]) if listing["kind"] == "offset" else count(1)


def is_last(listing: Json, position: int, document: Any) -> bool:
    if listing["next"]:
        return not at(document, listing["next"])
    if listing["total"]:
        return bool(position + listing["size"] >= at(document, listing["total"]))
    return bool(len(at(document, listing["rows"])) < listing["size"])


def main(description: str, in_flight: int) -> None:
    given: Json = json.loads(Path(description).read_text(encoding="utf-8"))
    session = requests.Session()
    session.mount("http://", HTTPAdapter(pool_maxsize=in_flight))  # ignore-https-check: a server on this machine
    session.trust_env = False
    session.headers.update(given["headers"])
    for listing in given["lists"]:
        read(session, given["url"], listing, in_flight)


def read(session: requests.Session, url: str, listing: Json, in_flight: int) -> None:
    size = {listing["size_parameter"]: listing["size"]} if listing["size_parameter"] else {}

    def fetch(position: int) -> Any:
        query = {**listing["query"], **size, listing["parameter"]: position}
        answer = session.get(url + listing["path"], params=query, timeout=60)
        answer.raise_for_status()
        return orjson.loads(answer.content)

    with ThreadPoolExecutor(in_flight) as pool:
        ahead = positions(listing)
        waiting = [(position, pool.submit(fetch, position)) for position in islice(ahead, in_flight)]
        while waiting:
            position, page = waiting.pop(0)
            document = page.result()
            rows = at(document, listing["rows"])
            sys.stdout.buffer.write(b"".join(orjson.dumps(row) + b"\n" for row in rows))
            if is_last(listing, position, document):
                break
            following = next(ahead)
            waiting.append((following, pool.submit(fetch, following)))
        pool.shutdown(cancel_futures=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
