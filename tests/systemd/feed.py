"""Reads the event feed: every line a JSON object, `seq` from 1 without gap or repeat, and so many events of a type.

usage: feed.py FEED [TYPE=COUNT]... [last=TYPE]
"""
import collections
import json
import sys

path, *expected = sys.argv[1:]
with open(path, encoding="utf-8") as feed:
    events = [json.loads(line) for line in feed]

problems = []
numbers = [event["seq"] for event in events]
if numbers != list(range(1, len(events) + 1)):
    problems.append(f"seq is {numbers}")

count = collections.Counter(event["type"] for event in events)
for wish in expected:
    name, value = wish.split("=")
    found = events[-1]["type"] if name == "last" else str(count[name])
    if found != value:
        problems.append(f"{name} is {found}, not {value}")

for problem in problems:
    print(f"{path}: {problem}", file=sys.stderr)
if problems:
    print("".join(json.dumps(event) + "\n" for event in events), file=sys.stderr)
sys.exit(bool(problems))
