"""What the measurements share: the processes under load, the loads, and what was reached.

Every process that is started here is stopped here.
"""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PEERS = HERE / "peers"
CALLERS = (1, 64, 256)
TICKS = os.sysconf("SC_CLK_TCK")


def children(pid):
    """The process and all its descendants."""
    found = [pid]
    for task in found:
        with contextlib.suppress(OSError):
            for path in pathlib.Path(f"/proc/{task}/task").glob("*/children"):
                found += [int(child) for child in path.read_text().split()]
    return found


def cpu_seconds(pid, with_children=False):
    total = 0
    for one in children(pid) if with_children else [pid]:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def wait_for(url, seconds=20):
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            pass
        if time.monotonic() > end:
            sys.exit(f"measure: {url} does not answer")
        time.sleep(0.05)


def token(name):
    """Of somebody of `sessions.sql`: 32 bytes."""
    return hashlib.sha256(name.encode()).digest()


def token_text(name):
    return "tlr_" + base64.urlsafe_b64encode(token(name)).decode().rstrip("=")


class Run:
    """One load: what was reached, and the CPU that each process took for a request."""

    def __init__(self, rate, p50, p99, errors, cpu, busy=0):
        self.rate, self.p50, self.p99, self.errors, self.cpu = rate, p50, p99, errors, cpu
        self.busy = busy


def median_of(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def spread_of(runs):
    rates = [run.rate for run in runs]
    return (max(rates) - min(rates)) / statistics.median(rates) * 100


def wrk(url, callers, seconds, processes, script="balances.lua", arguments=(), tokens=None):
    """Loads the chain at `url` as a script of `peers` says, after a short warm-up.

    `tokens` is the file of the callers' tokens; without one nobody says who asks."""
    environment = os.environ | ({"TELLER_BENCH_TOKENS": tokens} if tokens else {})

    def load(duration):
        return subprocess.run(
            ["wrk", "-t1", f"-c{callers}", f"-d{duration}s", "--timeout", "10s", "--latency",
             "-s", str(PEERS / script), url, *arguments],
            check=True, capture_output=True, text=True, env=environment).stdout

    load(1)
    before = {name: cpu_seconds(pid, deep) for name, (pid, deep) in processes.items()}
    text = load(seconds)
    after = {name: cpu_seconds(pid, deep) for name, (pid, deep) in processes.items()}
    line = next(line for line in text.splitlines() if "p50" in line)
    words = line.replace(",", "").split()
    rate = float(words[0])
    cpu = {name: (after[name] - before[name]) / max(rate * seconds, 1) * 1e6
           for name in processes}
    busy = int(words[11]) if "busy" in words else 0
    return Run(rate, float(words[3]), float(words[6]), int(words[9]), cpu, busy)


def pgbench(url, what, clients, seconds):
    """Runs pgbench's own job or a script: `what` are its arguments for that."""
    output = subprocess.run(
        [tool("pgbench"), "-n", "-M", "prepared", *what, "-c", str(clients), "-j", "1",
         "-T", str(seconds), url],
        check=True, capture_output=True, text=True).stdout
    rate = next(float(l.split()[2]) for l in output.splitlines() if l.startswith("tps"))
    latency = next(float(l.split()[3]) for l in output.splitlines() if l.startswith("latency av"))
    return Run(rate, latency, float("nan"), 0, {})


def h2load(address, path, body, callers, seconds):
    """gRPC calls to the balance service alone, all as streams of one connection."""
    # By a socket of its own the service has no host and port.
    is_socket = address.startswith("unix:")
    by = ["-B", address] if is_socket else []
    place = "localhost" if is_socket else address

    def load(duration):
        return subprocess.run(
            ["h2load", *by, "-c1", f"-m{callers}", "-t1", "-D", str(duration), "-d", str(body),
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"http://{place}{path}"],
            check=True, capture_output=True, text=True).stdout

    load(1)
    output = load(seconds)
    finished = next(l for l in output.splitlines() if l.startswith("finished"))
    rate = float(finished.split()[3])
    failed = next(l for l in output.splitlines() if l.startswith("requests:")).split()
    mean = next(l for l in output.splitlines() if l.startswith("time for request")).split()[5]
    return Run(rate, to_ms(mean), float("nan"), int(failed[9]), {})


def to_ms(text):
    for unit, factor in (("us", 1e-3), ("ms", 1.0), ("s", 1e3)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    return float("nan")


def tool(name):
    found = shutil.which(name)
    if found:
        return found
    for path in sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True):
        return str(path)
    sys.exit(f"measure: {name} is not installed")


def output_of(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


class Bench:
    def __init__(self, options):
        self.bin = pathlib.Path(options.bin)
        self.python = options.python
        self.debug_bin = pathlib.Path(options.debug_bin) if options.debug_bin else None
        self.seconds = options.seconds
        self.repeats = options.repeats
        self.home = tempfile.mkdtemp(prefix="teller-bench-")
        os.chmod(self.home, 0o755)
        self.environment = os.environ | {
            "TELLER_HOME": self.home, "XDG_STATE_HOME": f"{self.home}/state", "NO_COLOR": "1"}
        self.started = []

    def teller(self, *arguments):
        return subprocess.run(
            [str(self.bin / "teller"), *arguments], check=True, env=self.environment,
            capture_output=True, text=True).stdout

    def start(self, *command, environment=None):
        with open(pathlib.Path(self.home) / "peers.log", "ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        self.started.append(process)
        return process.pid

    def stop(self, pid):
        for process in [p for p in self.started if p.pid == pid]:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.started.remove(process)

    def close(self):
        for process in list(self.started):
            self.stop(process.pid)
        subprocess.run([str(self.bin / "teller"), "down", "--purge"], env=self.environment,
                       capture_output=True, check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def times(self, load):
        return [load() for _ in range(self.repeats)]

    def prepare(self):
        self.teller("up", "--port", "0")
        self.processes = {p["tier"]: p for p in json.loads(self.teller("status", "--output", "json"))}
        self.url = f"postgresql:///teller?host={self.home}/run/postgresql&user=postgres"
        for script in ("accounts.sql", "sessions.sql"):
            subprocess.run(
                [tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", self.url, "-f", str(PEERS / script)],
                check=True, capture_output=True)
        self.tokens = f"{self.home}/tokens"
        names = [f"customer-{number}" for number in range(256)] + ["clerk"]
        pathlib.Path(self.tokens).write_text("".join(f"{token_text(name)}\n" for name in names))
        self.teller("login", "operator")
