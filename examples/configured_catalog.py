"""Turn what `discover` prints into the configured catalog that `read` takes.

    source-customers discover --config config.json \
        | python examples/configured_catalog.py customers:incremental > configured_catalog.json

Name each stream to read, with `:incremental` or `:full_refresh` behind it. Without a mode it is incremental where the
stream can be; without any name all streams are taken. Needs nothing but Python.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def main() -> None:
    """Read messages from the standard input, and print the configured catalog."""
    messages = [json.loads(line) for line in sys.stdin if line.startswith("{")]
    catalogs = [message["catalog"] for message in messages if message["type"] == "CATALOG"]
    if not catalogs:
        errors = [message["trace"]["error"]["message"] for message in messages if "error" in message.get("trace", {})]
        sys.exit(f"`discover` printed no catalog. {' '.join(errors)}")
    print(json.dumps(configured(catalogs[-1]["streams"], sys.argv[1:]), indent=2))


def configured(streams: Sequence[Mapping[str, Any]], chosen: Sequence[str]) -> dict[str, Any]:
    """Return a configured catalog with the chosen streams, each given as `name` or `name:mode`."""
    known = {stream["name"]: stream for stream in streams}
    entries = []
    for choice in chosen or list(known):
        name, _, mode = choice.partition(":")
        if name not in known:
            sys.exit(f"There is no stream {name}. There is: {', '.join(known)}.")
        modes = known[name]["supported_sync_modes"]
        mode = mode or ("incremental" if "incremental" in modes else "full_refresh")
        if mode not in modes:
            sys.exit(f"The stream {name} cannot be read as {mode}, only as {' or '.join(modes)}.")
        # Rows may come more than once, always with the same key: `append_dedup` is the mode that keeps the last.
        destination = "append_dedup" if mode == "incremental" else "overwrite"
        entries.append({"stream": known[name], "sync_mode": mode, "destination_sync_mode": destination})
    return {"streams": entries}


if __name__ == "__main__":
    main()
