"""A planner command that tries what planners, checkpoints and notify do, and writes down what it was allowed.

usage: planner.py FINDINGS NETWORK VAR RUN    (the task on standard input, a plan on standard output)
FINDINGS: the file to write, a line for each. NETWORK: the machine's, as /proc/self/ns/net has it. VAR, RUN: folders that everybody may write to.
"""
import errno
import json
import mmap
import os
import socket
import sys


def tried(action):
    try:
        action()
    except OSError as error:
        return "denied: " + os.strerror(error.errno)
    return "allowed"


def reach_network():
    if os.readlink("/proc/self/ns/net") != sys.argv[2]:
        raise OSError(errno.ENETUNREACH, "")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as talker, socket.socket(socket.AF_INET) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        talker.settimeout(5)
        talker.connect(listener.getsockname())


def write_to(folder):
    with open(folder + "/baton-was-here", "w", encoding="utf-8"):
        pass


def privileges():
    with open("/proc/self/status", encoding="utf-8") as status:
        return [line.split()[1] for line in status if line.startswith("NoNewPrivs")][0] == "0"


findings = {
    "network": tried(reach_network),
    "code": tried(lambda: mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()),
    "nice": tried(lambda: os.setpriority(os.PRIO_PROCESS, 0, 5)),
    "var": tried(lambda: write_to(sys.argv[3])),
    "run": tried(lambda: write_to(sys.argv[4])),
    "home": tried(lambda: os.listdir("/home")),
    "tmp": tried(lambda: write_to("/tmp")),
    "privileges": "allowed" if privileges() else "denied",
}
with open(sys.argv[1] + ".new", "w", encoding="utf-8") as out:
    out.writelines(f"{what}: {finding}\n" for what, finding in findings.items())
os.rename(sys.argv[1] + ".new", sys.argv[1])

json.load(sys.stdin)
step = {"title": "Do all of it", "assigned_to": "development", "estimated_duration_minutes": 10}
print(json.dumps({"subtasks": [step | {"subtask_id": f"planned-{os.getpid()}"}]}))
