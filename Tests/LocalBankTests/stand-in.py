#!/usr/bin/env python3
"""Keeps the command line of whichever tier it is linked as, and misbehaves when told to."""
import os, signal, socket, subprocess, sys
here, name = os.path.split(os.path.abspath(__file__))
args = sys.argv[1:]


def fault(word):
    return os.path.exists(f"{here}/{name}.{word}")


def value(flag):
    return args[args.index(flag) + 1] if flag in args else None


def note(*words):
    with open(f"{here}/events", "a") as events:
        events.write(" ".join(map(str, words)) + "\n")


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


if args[:1] == ["health"]:
    host, port = value("--server").rsplit(":", 1)
    try:
        with socket.create_connection((host, int(port)), 2) as connection:
            connection.settimeout(2)
            sys.exit(0 if connection.recv(16) == b"ready\n" else 1)
    except OSError as error:
        fail(error)
if args[:1] == ["migrate"]:
    note("migrate", *args[1:])
    if fault("refuses"):
        fail("cannot connect to " + os.environ["DATABASE_URL"])
    if os.environ["DATABASE_URL"].startswith("postgresql:///"):
        sql = "DO $$ BEGIN CREATE ROLE teller_app LOGIN; " \
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        sys.exit(subprocess.run(
            ["psql", "-Xq", "-d", os.environ["DATABASE_URL"], "-c", sql]).returncode)
    sys.exit(0)
note("start", name)
if fault("dies"):
    fail("\n".join(f"line {n}" for n in range(1, 13)) + "\nno room in the vault")
def stop(*_):
    note("stop", name)
    if not fault("stubborn"):
        os._exit(0)
signal.signal(signal.SIGTERM, stop)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
host, port = value("--listen").rsplit(":", 1)
try:
    listener.bind((host, int(port)))
except OSError as error:
    fail(f"cannot listen on {host}:{port}: {error}")
listener.listen()
print("listening", flush=True)
if not fault("silent"):
    with open(value("--ready-file") + ".new", "w") as ready:
        ready.write("%s:%d\n" % listener.getsockname())
    os.rename(value("--ready-file") + ".new", value("--ready-file"))
while True:
    connection, _ = listener.accept()
    connection.sendall(b"waiting\n" if fault("unready") else b"ready\n")
    connection.close()
