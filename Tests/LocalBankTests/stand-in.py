#!/usr/bin/env python3
"""Keeps the command line of whichever tier it is linked as, and misbehaves when told to."""
import os, signal, socket, subprocess, sys, threading
here, name = os.path.split(os.path.abspath(__file__))
args = sys.argv[1:]
os.umask(0)  # Another user may go on with the list of events.


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


def refuse(code, state, words, status):
    print(f"balance-service: PostgreSQL: {code} (SQLSTATE {state}): failed: FATAL:  {state}: "
          f"{words} LOCATION:  here, it.c:1", file=sys.stderr)
    sys.exit(status)


def place(address):
    kind, path = address.split(":", 1)
    if kind == "unix":
        return socket.AF_UNIX, path
    return socket.AF_INET, (kind, int(path))


if args[:1] == ["--help"]:
    sys.exit(0)
if args[:1] == ["health"]:
    family, there = place(value("--server"))
    try:
        with socket.socket(family) as connection:
            connection.settimeout(60)
            connection.connect(there)
            if connection.recv(16) != b"ready\n":
                fail(f"{name}: certificate not accepted")
            sys.exit(0)
    except OSError as error:
        fail(error)
if args[:1] == ["migrate"]:
    note("migrate", *args[1:])
    if fault("denies") and os.geteuid() != 0:
        refuse("authenticationFailed", "28000", 'no entry for "teller"', 77)
    if fault("recovers"):
        with open(f"{here}/{name}.recovers") as words:
            refuse("server", "57P03", words.read(), 75)
    if fault("refuses"):
        fail("cannot connect to " + os.environ["DATABASE_URL"])
    if os.environ["DATABASE_URL"].startswith("postgresql:///"):
        sql = "DO $$ BEGIN CREATE ROLE teller_app LOGIN; " \
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        sys.exit(subprocess.run(
            ["psql", "-Xq", "-d", os.environ["DATABASE_URL"], "-c", sql]).returncode)
    sys.exit(0)
if args[:2] == ["user", "demo"]:
    note(*args)
    print("alice one-password\noperator another\nnot one of them")
    sys.exit(0)
note("start", name)
if fault("taken"):
    fail("bank-server: 127.0.0.1:8080 is in use by another process: stop it, or choose another")
if fault("dies"):
    fail("\n".join(f"line {n}" for n in range(1, 13)) + "\nno room in the vault")
def end_with_the_test():
    life = os.open(os.path.dirname(here) + "/life", os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(life, True)
    os.read(life, 1)
    os._exit(1)


threading.Thread(target=end_with_the_test, daemon=True).start()


def stop(*_):
    note("stop", name)
    if not fault("stubborn"):
        os._exit(0)
signal.signal(signal.SIGTERM, stop)
family, here_listens = place(value("--listen"))
listener = socket.socket(family)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    if family == socket.AF_UNIX and os.path.exists(here_listens):
        os.unlink(here_listens)
    listener.bind(here_listens)
except OSError as error:
    fail("%s is in use by another process: %s" % (value("--listen"), error))
listener.listen()
print("listening", flush=True)
if not fault("silent"):
    with open(value("--ready-file") + ".new", "w") as ready:
        bound = value("--listen") if family == socket.AF_UNIX else "%s:%d" % listener.getsockname()
        ready.write(bound + "\n")
    os.rename(value("--ready-file") + ".new", value("--ready-file"))
while True:
    connection, _ = listener.accept()
    connection.sendall(b"waiting\n" if fault("unready") else b"ready\n")
    connection.close()
