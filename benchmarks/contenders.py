"""Who reads: the connector, its peers, and the loops written by hand."""

import json
import sys
from collections.abc import Collection
from pathlib import Path

from benchmarks import environments
from benchmarks.measure import Command, run
from benchmarks.providers import Json, Listing
from benchmarks.server import ROOT, Server

OURS = "ours"
PEERS = ("dlt", "singer", "manifest")
LOOPS = ("loop", "limit")
IN_FLIGHT = 16
TITLES = {
    OURS: "ours",
    "dlt": "dlt",
    "singer": "Singer SDK",
    "manifest": "plain manifest",
    "loop": "loop",
    "limit": f"loop, {IN_FLIGHT} in flight",
}
CONNECTOR = Path(sys.executable).with_name("source-customers")
PEER_SCRIPTS = ROOT / "benchmarks" / "peers"


def installed(names: Collection[str]) -> list[str]:
    """Those who can run: the connector and the loops do in the project's own environment."""
    return [name for name in names if name not in PEERS or environments.exists(name)]


def reads(server: Server, names: Collection[str], folder: Path, fields: Json) -> dict[str, Command]:
    """The command with which each contender reads all customers; the connector's config gets further fields."""
    config = {"provider": {**server.config, **fields}}
    [credential] = [value for name, value in server.headers.items() if name != "Accept"]
    plain = {"url": server.url, "credential": credential}
    manifest = PEER_SCRIPTS / "manifests" / f"{server.provider}.yaml"

    ours = written(folder / "config.json", config)
    read: list[str | Path] = [
        "read",
        "--catalog",
        written(folder / "catalog.json", catalog_of(server.listing)),
        "--config",
    ]
    schema = _schema(ours, folder) if "singer" in names else {}
    listing = written(folder / "listing.json", {**server.description, "schema": schema})
    loop: list[str | Path] = [sys.executable, PEER_SCRIPTS / "requests_loop.py", listing]
    commands: dict[str, Command] = {
        OURS: [CONNECTOR, *read, ours],
        "dlt": [environments.script("dlt"), PEER_SCRIPTS / "dlt_extract.py", listing],
        "singer": [environments.script("singer"), PEER_SCRIPTS / "singer_tap.py", listing],
        "manifest": [
            environments.script("manifest", "source-declarative-manifest"),
            *read,
            written(folder / "plain.json", plain),
            "--manifest-path",
            manifest,
        ],
        "loop": [*loop, "1"],
        "limit": [*loop, str(IN_FLIGHT)],
    }
    return {name: command for name, command in commands.items() if name in names}


def rows_in(name: str, output: Path) -> int:
    """How many rows a contender says it read."""
    if name == "dlt":
        return int(output.read_text(encoding="utf-8"))
    with output.open("rb") as lines:
        if name in LOOPS:
            return sum(1 for _ in lines)
        return sum(json.loads(line)["type"] == "RECORD" for line in lines)


def written(path: Path, content: Json) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def catalog_of(listing: Listing) -> Json:
    mode = "incremental" if listing.cursor else "full_refresh"
    stream = {"name": "customers", "json_schema": {}, "supported_sync_modes": [mode]}
    return {"streams": [{"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}]}


def _schema(config: Path, folder: Path) -> Json:
    """The schema of customers as the connector tells it: the tap converts values by it."""
    output = folder / "discovered.jsonl"
    run([CONNECTOR, "discover", "--config", config], output)
    messages = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    [catalog] = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
    [schema] = [stream["json_schema"] for stream in catalog["streams"] if stream["name"] == "customers"]
    return dict(schema)
