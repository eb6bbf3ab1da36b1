"""Who reads: the connector, its peers, and the loops written by hand."""

import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import yaml

from benchmarks import environments
from benchmarks.measure import Command, run
from benchmarks.providers import Json, Listing
from benchmarks.server import ROOT, Server

OURS = "ours"
OURS_IN_TURN = "ours in turn"
PEERS = ("dlt", "singer", "manifest")
DLT_BY_DEFAULT = "dlt by default"
LOOPS = ("loop", "limit")
IN_FLIGHT = 16
TITLES = {
    OURS: "ours",
    OURS_IN_TURN: "ours, 1 in flight",
    "dlt": "dlt",
    DLT_BY_DEFAULT: "dlt, default workers",
    "singer": "Singer SDK",
    "manifest": "plain manifest",
    "loop": "loop",
    "limit": f"loop, {IN_FLIGHT} in flight",
}
PEER_SCRIPTS = ROOT / "benchmarks" / "peers"


def installed(names: Collection[str]) -> list[str]:
    """Those who can run: the loops, and the connector too if need be, do in the project's own environment."""
    peers = {**{name: name for name in PEERS}, DLT_BY_DEFAULT: "dlt"}
    return [name for name in names if name not in peers or environments.exists(peers[name])]


def our(program: str) -> Path:
    """A program of the connector's environment: its own, or the project's where only few rows are read."""
    own = environments.script("ours", program)
    return own if environments.exists("ours") else Path(sys.executable).with_name(program)


def reads(server: Server, names: Collection[str], folder: Path, fields: Json) -> dict[str, Command]:
    """The command with which each contender reads all lists; the connector's config gets further fields.

    Who can read several lists at once is given as many workers as the connector has requests in flight.
    """
    config = {**server.config, **fields}
    [credential] = [value for name, value in server.headers.items() if name != "Accept"]
    plain = {"url": server.url, "credential": credential}

    ours = written(folder / "config.json", {"provider": config})
    in_turn = written(folder / "in_turn.json", {"provider": {**config, "concurrency": 1}})
    read: list[str | Path] = [
        "read",
        "--catalog",
        written(folder / "catalog.json", catalog_of(server.lists)),
        "--config",
    ]
    schema = _schema(ours, folder) if "singer" in names else {}
    listing = written(folder / "listing.json", {**server.description, "schema": schema})
    dlt: list[str | Path] = [environments.script("dlt"), PEER_SCRIPTS / "dlt_extract.py", listing]
    loop: list[str | Path] = [sys.executable, PEER_SCRIPTS / "requests_loop.py", listing]
    commands: dict[str, Command] = {
        OURS: [our("source-customers"), *read, ours],
        OURS_IN_TURN: [our("source-customers"), *read, in_turn],
        "dlt": [*dlt, str(IN_FLIGHT)],
        DLT_BY_DEFAULT: dlt,
        "singer": [environments.script("singer"), PEER_SCRIPTS / "singer_tap.py", listing],
        "manifest": [
            environments.script("manifest", "source-declarative-manifest"),
            *read,
            written(folder / "plain.json", plain),
            "--manifest-path",
            written(folder / "manifest.yaml", _plain_manifest(server)),
        ],
        "loop": [*loop, "1"],
        "limit": [*loop, str(IN_FLIGHT)],
    }
    return {name: command for name, command in commands.items() if name in names}


def rows_in(name: str, output: Path) -> int:
    """How many rows a contender says it read."""
    if name in {"dlt", DLT_BY_DEFAULT}:
        return int(output.read_text(encoding="utf-8"))
    with output.open("rb") as lines:
        if name in LOOPS:
            return sum(1 for _ in lines)
        return sum(json.loads(line)["type"] == "RECORD" for line in lines)


def written(path: Path, content: Json) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def catalog_of(lists: Sequence[Listing]) -> Json:
    return {"streams": [_configured(listing) for listing in lists]}


def _configured(listing: Listing) -> Json:
    mode = "incremental" if listing.cursor else "full_refresh"
    stream = {"name": listing.name, "json_schema": {}, "supported_sync_modes": [mode]}
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}


def _plain_manifest(server: Server) -> Json:
    """The manifest of the provider's customers, written the ordinary way, with a stream like theirs for each list."""
    path = PEER_SCRIPTS / "manifests" / f"{server.provider}.yaml"
    manifest: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    [customers] = manifest["streams"]
    retriever = customers["retriever"]
    streams = [
        {
            **customers,
            "name": listing.name,
            "retriever": {**retriever, "requester": {**retriever["requester"], "path": listing.path}},
        }
        for listing in server.lists
    ]
    several = {"concurrency_level": {"type": "ConcurrencyLevel", "default_concurrency": IN_FLIGHT}}
    return {**manifest, "streams": streams, **(several if len(streams) > 1 else {})}


def _schema(config: Path, folder: Path) -> Json:
    """The schema of customers as the connector tells it: the tap converts values by it."""
    output = folder / "discovered.jsonl"
    run([our("source-customers"), "discover", "--config", config], output)
    messages = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    [catalog] = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
    [schema] = [stream["json_schema"] for stream in catalog["streams"] if stream["name"] == "customers"]
    return dict(schema)
