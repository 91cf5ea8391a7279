#!/usr/bin/env python3
"""Measures the chain, its hops and its peers in one run on this machine.

Started by scripts/bench, which builds everything first. Needs wrk, h2load, pgbench and psql.
Writes Benchmarks/results.md. Every process that it starts, it stops.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import struct
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


class Run:
    """One load: what was reached, and the CPU that each process took for a request."""

    def __init__(self, rate, p50, p99, errors, cpu):
        self.rate, self.p50, self.p99, self.errors, self.cpu = rate, p50, p99, errors, cpu


def median_of(runs, field):
    return statistics.median(getattr(run, field) for run in runs)


def spread_of(runs):
    rates = [run.rate for run in runs]
    return (max(rates) - min(rates)) / statistics.median(rates) * 100


def wrk(url, callers, seconds, processes):
    """Loads the balance route at `url` with random accounts, after a short warm-up."""
    script = PEERS / "balances.lua"

    def load(duration):
        return subprocess.run(
            ["wrk", "-t1", f"-c{callers}", f"-d{duration}s", "--timeout", "10s", "--latency", "-s", str(script), url],
            check=True, capture_output=True, text=True).stdout

    load(1)
    before = {name: cpu_seconds(pid, deep) for name, (pid, deep) in processes.items()}
    text = load(seconds)
    after = {name: cpu_seconds(pid, deep) for name, (pid, deep) in processes.items()}
    line = next(line for line in text.splitlines() if "p50" in line)
    words = line.replace(",", "").split()
    rate = float(words[0])
    cpu = {name: (after[name] - before[name]) / (rate * seconds) * 1e6 for name in processes}
    return Run(rate, float(words[3]), float(words[6]), int(words[9]), cpu)


def pgbench(url, script, clients, seconds):
    output = subprocess.run(
        [tool("pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "1",
         "-T", str(seconds), url],
        check=True, capture_output=True, text=True).stdout
    rate = next(float(l.split()[2]) for l in output.splitlines() if l.startswith("tps"))
    latency = next(float(l.split()[3]) for l in output.splitlines() if l.startswith("latency av"))
    return Run(rate, latency, float("nan"), 0, {})


def h2load(address, path, body, callers, seconds):
    """gRPC calls to the balance service alone, all as streams of one connection."""
    def load(duration):
        return subprocess.run(
            ["h2load", "-c1", f"-m{callers}", "-t1", "-D", str(duration), "-d", str(body),
             "-H", "content-type: application/grpc", "-H", "te: trailers",
             f"http://{address}{path}"],
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
        self.seconds = options.seconds
        self.repeats = options.repeats
        self.home = tempfile.mkdtemp(prefix="teller-bench-")
        os.chmod(self.home, 0o755)
        self.environment = os.environ | {"TELLER_HOME": self.home, "NO_COLOR": "1"}
        self.started = []

    def teller(self, *arguments):
        return subprocess.run(
            [str(self.bin / "teller"), *arguments], check=True, env=self.environment,
            capture_output=True, text=True).stdout

    def start(self, *command):
        with open(pathlib.Path(self.home) / "peers.log", "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
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
        subprocess.run(
            [tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", self.url, "-f", str(PEERS / "accounts.sql")],
            check=True, capture_output=True)

    def chain(self):
        pids = {name: (self.processes[name]["pid"], name == "postgresql")
                for name in ("bank-server", "balance-service", "postgresql")}
        url = "http://" + self.processes["bank-server"]["address"]
        runs = {n: self.times(lambda: wrk(url, n, self.seconds, pids)) for n in CALLERS}
        memory = {name: resident_mb(pid) for name, (pid, deep) in pids.items() if not deep}
        return runs, memory

    def peer(self, services, bank_port, service_command, bank_command):
        postgres = self.processes["postgresql"]["pid"]
        service = self.start(*service_command)
        bank = self.start(*bank_command)
        wait_for(f"http://127.0.0.1:{bank_port}/v1/accounts/XB45DEMO0000000017/balance")
        if any(process.poll() is not None for process in self.started):
            sys.exit(f"measure: a peer ended at once; is port {bank_port} in use? See {self.home}")
        pids = {services[0]: (bank, False), services[1]: (service, False),
                "postgresql": (postgres, True)}
        url = f"http://127.0.0.1:{bank_port}"
        runs = {n: self.times(lambda: wrk(url, n, self.seconds, pids)) for n in CALLERS}
        memory = {name: resident_mb(pid) for name, (pid, deep) in pids.items() if not deep}
        self.stop(bank)
        self.stop(service)
        return runs, memory

    def go(self):
        where = PEERS / "go" / ".build"
        return self.peer(
            ("bank", "balances"), 8061,
            [str(where / "balances"), "--listen", "127.0.0.1:50061", "--database", self.url],
            [str(where / "bank"), "--listen", "127.0.0.1:8061", "--upstream", "127.0.0.1:50061"])

    def python_peer(self):
        where = PEERS / "python"
        return self.peer(
            ("bank", "balances"), 8062,
            [self.python, str(where / "balances.py"), "--listen", "127.0.0.1:50062",
             "--database", self.url],
            [self.python, str(where / "bank.py"), "--listen", "127.0.0.1:8062",
             "--upstream", "127.0.0.1:50062"])

    def hops(self):
        address = self.processes["balance-service"]["address"]
        bank = "http://" + self.processes["bank-server"]["address"]
        body = pathlib.Path(self.home) / "balances.grpc"
        account = b"XB45DEMO0000000017"
        query = bytes([0x0A, len(account)]) + account
        message = bytes([0x0A, len(query)]) + query
        body.write_bytes(b"\0" + struct.pack(">I", len(message)) + message)
        script = pathlib.Path(self.home) / "select.sql"
        script.write_text(
            "\\set id random(1000001, 1100000)\n"
            "SELECT id, bank, name, currency, balance, overdraft_limit, version, opened_at, closed_at\n"
            "FROM teller.accounts WHERE id = :id;\n")
        call = "/teller.balance.v1.Balances/GetBalances"
        return {
            "hop 1: bank-server alone, GET /healthz (wrk)": {
                n: self.times(lambda: self.health(bank, n)) for n in CALLERS},
            "hop 2: balance-service and PostgreSQL, a batch of one a call (h2load)": {
                n: self.times(lambda: h2load(address, call, body, n, self.seconds)) for n in CALLERS},
            "hop 3: PostgreSQL alone, `pgbench -S -M prepared` on the same table": {
                n: self.times(lambda: pgbench(self.url, script, n, self.seconds)) for n in (1, 8)},
        }

    def health(self, bank, callers):
        output = subprocess.run(
            ["wrk", "-t1", f"-c{callers}", f"-d{self.seconds}s", "--latency", f"{bank}/healthz"],
            check=True, capture_output=True, text=True).stdout
        words = {l.split()[0]: l.split()[1] for l in output.splitlines() if len(l.split()) > 1}
        return Run(float(words["Requests/sec:"]), to_ms(words["50%"]), to_ms(words["99%"]),
                   0, {})


def row(name, callers, runs):
    p99 = median_of(runs, "p99")
    cells = [name, str(callers), f"{median_of(runs, 'rate'):,.0f}", f"{spread_of(runs):.0f} %",
             f"{median_of(runs, 'p50'):.2f}", "" if p99 != p99 else f"{p99:.2f}",
             str(sum(run.errors for run in runs))]
    cells.append(", ".join(
        f"{part} {statistics.median(run.cpu[part] for run in runs):.0f}" for part in runs[0].cpu))
    return "| " + " | ".join(cells) + " |"


def ratios(chain, go, python, reference):
    """The figures that the project holds itself to."""
    def ratio(callers, other, field="rate"):
        return median_of(chain[callers], field) / median_of(other[callers], field)

    rows = [
        ("256 callers, rate: the chain / Go", ratio(256, go), "at least 2"),
        ("256 callers, rate: the chain / `pgbench -S -c 8`",
         median_of(chain[256], "rate") / median_of(reference, "rate"), "at least 0.6"),
        ("64 callers, rate: the chain / Go", ratio(64, go), "at least 1.3"),
        ("1 caller, p50: the chain / Go", ratio(1, go, "p50"), "at most 2"),
        ("256 callers, rate: the chain / Python", ratio(256, python), ""),
        ("64 callers, rate: the chain / Python", ratio(64, python), ""),
        ("1 caller, p50: the chain / Python", ratio(1, python, "p50"), ""),
    ]
    return [f"| {name} | {value:.2f} | {goal} |" for name, value, goal in rows]


def machine(bench):
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")),
               platform.machine())
    memory = int(next(l.split()[1] for l in open("/proc/meminfo") if "MemTotal" in l)) // 1024 // 1024
    return [
        f"{os.cpu_count()} cores ({cpu}), {memory} GiB, {platform.system()} {platform.release().split('-')[0]}, "
        f"{time.strftime('%Y-%m-%d')}. The load generator runs on the same machine.",
        "",
        f"{output_of('swift', '--version').splitlines()[0]}; "
        f"{output_of(tool('postgres'), '--version')}; {output_of('go', 'version')} with grpc "
        f"{go_package('golang-google-grpc-dev')} and pgx {go_package('golang-github-jackc-pgx-v4-dev')}; "
        f"{output_of(bench.python, '--version')} with "
        + ", ".join((PEERS / "python/requirements.txt").read_text().split()) + ".",
    ]


def go_package(name):
    return output_of("dpkg-query", "-W", "-f", "${Version}", name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the optimised executables")
    parser.add_argument("--python", required=True, help="the Python that has the peer's packages")
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--repeats", type=int, default=3)
    bench = Bench(parser.parse_args())
    try:
        bench.prepare()
        chain, chain_memory = bench.chain()
        hops = bench.hops()
        go, go_memory = bench.go()
        python, python_memory = bench.python_peer()
    finally:
        bench.close()

    lines = [
        "# Measurements", "", f"By `scripts/bench`: one run, warm, {bench.repeats} loads of "
        f"{bench.seconds} s for each line, medians; the spread is from the slowest to the fastest.",
        "", *machine(bench), "",
        "Each request asks for the balance of a random one of 100,000 accounts.", "",
        "| | callers | requests/s | spread | p50 ms | p99 ms | errors | CPU µs a request |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, runs in (("the chain", chain), ("Go: net/http, grpc, pgx", go),
                       ("Python: FastAPI, httpx, asyncpg", python)):
        lines += [row(name, callers, runs[callers]) for callers in CALLERS]
    for name, runs in hops.items():
        lines += [row(name, callers, runs[callers]) for callers in runs]
    reference = next(runs[8] for name, runs in hops.items() if name.startswith("hop 3"))
    lines += ["", "p50 of hop 2 and hop 3 are means.", "", "| | measured | to reach |", "|---|---:|---|",
              *ratios(chain, go, python, reference), "", "| resident after the run | MB |", "|---|---:|"]
    for name, memory in (("chain", chain_memory), ("Go", go_memory), ("Python", python_memory)):
        lines += [f"| {name}: {part} | {size:.0f} |" for part, size in memory.items()]
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
