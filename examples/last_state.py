"""Turn the messages of a `read` into the state file for the next one.

    python examples/last_state.py < messages.jsonl > state.json

Where there is no state among the messages, it prints none and ends with status 1, so that `&&` keeps the old file:

    python examples/last_state.py < messages.jsonl > new_state.json && mv new_state.json state.json

Needs nothing but Python, and memory for one message.
"""

import json
import sys


def main() -> None:
    """Read messages from the standard input, and print the last state of each stream."""
    states = {}
    for line in sys.stdin:
        if '"STATE"' not in line:  # records are many: those that cannot be a state are not parsed
            continue
        message = json.loads(line)
        if message["type"] == "STATE":
            states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
    if not states:
        sys.exit("There is no state among the messages: keep the one that you have.")
    print(json.dumps(list(states.values())))


if __name__ == "__main__":
    main()
