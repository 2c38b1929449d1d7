#!/usr/bin/python3
"""Checks the documents below a coordination folder against schemas/, with another validator than the program's own.

usage: validate-documents.py [--written] DIR

DIR is a coordination folder, or a folder with several of them somewhere below. Every document that the daemon has written or
taken is judged; with --written only what the program has written itself: the daemon, and the command line (results, worker
specs, tasks and commands that bear its marks; those of others may have any form that readers understand). Of what was refused or
came too late (stale/) only what bears these marks is judged. Prints one line per problem: file[:line]: pointer: message. Fails on
any problem, and when there was nothing to judge.
"""
import fnmatch
import json
import os
import re
import sys

import jsonschema

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schemas")

# Path inside a coordination folder -> kind of document. The first that fits; None = of others, not judged.
KINDS = [
    ("*.error.json", "reason"),
    ("*/done/to-*-subtask-*.json*", "handoff"),
    ("*/claimed/to-*-subtask-*.json*", "handoff"),
    ("*/stale/to-*-subtask-*.json*", "handoff"),
    ("masters/*/handoffs/to-*-subtask-*.json*", "handoff"),
    ("masters/*/master.json", "master"),
    ("orchestrator/config.json", "config"),
    ("orchestrator/playbooks/*.json", "playbook"),
    ("orchestrator/tasks/*.json", "plan"),
    ("orchestrator/subtasks/*.json", "subtask"),
    ("orchestrator/state/current.json", "state"),
    ("orchestrator/state/estimates.json", "estimates"),
    ("orchestrator/state/processes.json", "processes"),
    ("orchestrator/reports/*.json", "report"),
    ("orchestrator/escalations/*.json", "escalation"),
    ("orchestrator/commands/done/*.json", "answer"),
    ("orchestrator/commands/*.json", "command"),
    ("orchestrator/planner-request*.json", "planner-request"),  # a planner that kept what it was asked
    ("orchestrator/archive/*/tasks/*.json", "plan"),
    ("orchestrator/archive/*/subtasks/*.json", "subtask"),
    ("orchestrator/archive/*/reports/*.json", "report"),
    ("masters/*/handoffs/from-*-subtask-*.json", "result"),
    ("masters/*/handoffs/done/from-*-subtask-*.json*", "result"),
    ("masters/*/handoffs/stale/from-*-subtask-*.json*", "result"),
    ("worker-specs/*.verdict.json", None),  # it has no schema
    ("worker-specs/*.json", "worker-spec"),
    ("task-queue.d/accepted/*.json", "task"),
]
NUMBER = re.compile(r"\.\d+$")  # where a name was taken the file is NAME.1, NAME.2, ...
CLI_REQUEST = re.compile(r"^[a-z]+-\d+-[0-9a-z]+\.json(\.\d+)?$")
CLI_TASK = re.compile(r"^(task-\d{8}-\d{6}-[0-9a-z]+)\.json(\.\d+)?$")
SPEC_OF_CLI = {"worker_id", "subtask_id", "master", "status", "started_at", "last_heartbeat", "progress_percent"}
# Kinds that others write, too -> whether the command line has written this document of that name.
BY_CLI = {
    "result": lambda name, document: {"handoff_id", "from", "to", "completed_at"} <= document.keys(),
    "worker-spec": lambda name, document: SPEC_OF_CLI <= document.keys(),
    "task": lambda name, document: (found := CLI_TASK.match(name)) is not None and document.get("id") == found.group(1),
    "command": lambda name, document: bool(CLI_REQUEST.match(name)),
}
FEED = re.compile(r"^dashboard-events(\..*)?\.jsonl(\..*)?$")
COMMENTED = ("config", "master", "playbook")  # people write these
MARKS = ("orchestrator", "masters")  # what makes a folder a coordination folder


def coordination_folders(top):
    for folder, below, _ in os.walk(top):
        if all(mark in below for mark in MARKS):
            below.clear()
            yield folder


def kind_of(path):
    path = NUMBER.sub("", path)
    for pattern, kind in KINDS:
        if fnmatch.fnmatchcase(path, pattern):
            return kind
    return None


def is_refused(kind, path):
    """A handoff there was withdrawn, as a rule: one that was refused has its reason beside it."""
    if os.path.basename(os.path.dirname(path)) != "stale":
        return False
    return kind in BY_CLI or os.path.exists(path + ".error.json")


def without_comments(text):
    token = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.S)
    return token.sub(lambda found: found.group() if found.group()[0] == '"' else re.sub(r"[^\n]", " ", found.group()), text)


class Judge:
    def __init__(self, only_written):
        self.only_written = only_written
        self.validators = {}
        self.counts = {}
        self.problems = 0

    def complain(self, where, pointer, message):
        self.problems += 1
        print(f"{where}: {pointer or '(document)'}: {message}")

    def validator(self, kind):
        if kind not in self.validators:
            with open(os.path.join(SCHEMAS, f"{kind}.schema.json"), encoding="utf-8") as file:
                schema = json.load(file)
            jsonschema.Draft7Validator.check_schema(schema)
            self.validators[kind] = jsonschema.Draft7Validator(schema)
        return self.validators[kind]

    def is_judged(self, kind, path, document):
        refused = is_refused(kind, path)
        if not self.only_written and not refused:
            return True
        if kind in BY_CLI:
            return isinstance(document, dict) and BY_CLI[kind](os.path.basename(path), document)
        return kind not in COMMENTED and not refused

    def judge(self, kind, text, where):
        try:
            document = json.loads(without_comments(text) if kind in COMMENTED else text)
        except ValueError as error:
            if is_refused(kind, where) or (self.only_written and (kind in BY_CLI or kind in COMMENTED)):
                return
            self.counts[kind] = self.counts.get(kind, 0) + 1
            self.complain(where, "", f"not JSON: {error}")
            return
        if not self.is_judged(kind, where, document):
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind == "answer" and CLI_REQUEST.match(os.path.basename(where)):  # it holds the request
            self.judge("command", text, where)
        if kind == "task" and isinstance(document, dict) and isinstance(document.get("tasks"), list):
            document = document["tasks"]
        for error in self.errors(kind, document):
            pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in error.absolute_path)
            self.complain(where, pointer, error.message[:300])

    def errors(self, kind, document):
        """Of a list of tasks, those of each."""
        if kind == "task" and isinstance(document, list):
            return [error for each in document for error in self.errors(kind, each)]
        return sorted(self.validator(kind).iter_errors(document), key=lambda each: list(map(str, each.absolute_path)))

    def judge_file(self, kind, path):
        try:
            with open(path, encoding="utf-8") as file:
                self.judge(kind, file.read(), path)
        except (OSError, UnicodeDecodeError) as error:
            self.complain(path, "", str(error))

    def judge_feed(self, path):
        """Lines with seq are ours and must be right; others may stand between them, whatever they look like."""
        with open(path, encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if self.is_ours(line):
                    self.judge("event", line, f"{path}:{number}")

    @staticmethod
    def is_ours(line):
        try:
            entry = json.loads(line)
        except ValueError:
            return False
        return isinstance(entry, dict) and "seq" in entry and ("epoch_ms" in entry or "timestamp" in entry)

    def judge_folder(self, top):
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                path = os.path.join(folder, name)
                inside = os.path.relpath(path, top)
                if os.path.dirname(inside) == "" and FEED.match(name):
                    self.judge_feed(path)
                elif not name.startswith(".") and (kind := kind_of(inside)):
                    self.judge_file(kind, path)


def main():
    options, folders = sys.argv[1:-1], sys.argv[-1:]
    if len(sys.argv) < 2 or folders[0].startswith("-") or options not in ([], ["--written"]):
        print(__doc__, file=sys.stderr)
        return 2
    judge = Judge(only_written=bool(options))
    for folder in coordination_folders(folders[0]):
        judge.judge_folder(folder)
    if not judge.counts:
        print(f"{folders[0]}: no document found", file=sys.stderr)
        return 1
    print(f"{sum(judge.counts.values())} documents judged: " + ", ".join(f"{count} {kind}" for kind, count in sorted(judge.counts.items())))
    if judge.problems:
        print(f"{judge.problems} problems", file=sys.stderr)
    return 1 if judge.problems else 0


if __name__ == "__main__":
    sys.exit(main())
