"""Measures transfers: the chain, the same with one transfer a transaction, and pgbench's TPC-B."""

import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from harness import Bench, Run, median_of, pgbench, resident_mb, tool, wait_for, wrk, PEERS

CALLERS = (1, 64, 256)
OVERLOAD = (2, 4, 8, 16, 150)


class Transfers(Bench):
    """Each load is followed by an audit of the whole ledger; without a clean one it is void."""

    def prepare(self):
        super().prepare()
        self.psql(self.url, "-f", str(PEERS / "funds.sql"))
        self.audits = []

    def psql(self, url, *arguments):
        subprocess.run([tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", url, *arguments],
                       check=True, capture_output=True)

    def audit(self):
        start = time.monotonic()
        report = json.loads(self.teller("audit", "--output", "json", "--timeout", "300s"))
        broken = [line["name"] for line in report["invariants"] if line["broken"]]
        if broken:
            sys.exit(f"measure: the ledger is broken, so nothing counts: {broken}")
        self.audits.append(time.monotonic() - start)

    def loads(self, url, callers, distribution, pids):
        runs = []
        for _ in range(self.repeats):
            runs.append(wrk(url, callers, self.seconds, pids, "transfers.lua", ("--", distribution),
                            self.tokens))
            self.audit()
        return runs

    def pids(self, bank, service):
        postgres = self.processes["postgresql"]["pid"]
        return {"bank-server": (bank, False), "balance-service": (service, False),
                "postgresql": (postgres, True)}

    def chain(self):
        bank, service = (self.processes[n]["pid"] for n in ("bank-server", "balance-service"))
        pids = self.pids(bank, service)
        url = "http://" + self.processes["bank-server"]["address"]
        runs = {}
        for distribution in ("uniform", "zipf"):
            for callers in CALLERS:
                runs[distribution, callers] = self.loads(url, callers, distribution, pids)
        memory = {name: resident_mb(pid) for name, (pid, deep) in pids.items() if not deep}
        return runs, memory

    def one_a_transaction(self):
        """The same programs, told to put one transfer into each call and each transaction."""
        environment = os.environ | {"DATABASE_URL": self.url, "DATABASE_ROLE": "teller_app"}
        service = self.start(
            str(self.bin / "balance-service"), "serve", "--listen", "127.0.0.1:50063", "--certificates", "none",
            "--transfers-per-batch", "1", "--posting-batches-in-flight", "8",
            "--connections", "16", environment=environment)
        bank = self.start(
            str(self.bin / "bank-server"), "serve", "--listen", "127.0.0.1:8063", "--certificates", "none",
            "--balance-service", "127.0.0.1:50063", "--transfers-per-batch", "1",
            "--write-batches-in-flight", "16")
        wait_for("http://127.0.0.1:8063/readyz")
        runs = {256: self.loads("http://127.0.0.1:8063", 256, "uniform", self.pids(bank, service))}
        self.stop(bank)
        self.stop(service)
        return runs

    def overload(self):
        """Batches of 500 transfers from more and more callers, far past what the chain can do.

        Once they wait after a 503 as long as they are asked to, once they ask again at once."""
        bank, service = (self.processes[n]["pid"] for n in ("bank-server", "balance-service"))
        url = "http://" + self.processes["bank-server"]["address"]
        runs = {}
        for is_patient in (True, False):
            for callers in OVERLOAD:
                runs[is_patient, callers] = []
                for _ in range(self.repeats):
                    runs[is_patient, callers].append(wrk(
                        url, callers, self.seconds, self.pids(bank, service), "transfers.lua",
                        ("--", "uniform", "500", "patient" if is_patient else ""), self.tokens))
                    self.audit()
        return runs

    def reference(self):
        """pgbench's own job, TPC-B-like, on a database beside the ledger's."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.psql(self.url, "-c", "CREATE DATABASE tpcb")
        url = self.url.replace("/teller?", "/tpcb?")
        subprocess.run([tool("pgbench"), "-i", "-q", "-s", "10", url],
                       check=True, capture_output=True)
        return {n: self.times(lambda: pgbench(url, ["-b", "tpcb-like"], n, self.seconds))
                for n in (1, 8, 20)}

    def grow(self, entries):
        """Goes on until the ledger has so many entries; tells the servers' memory on the way."""
        bank, service = (self.processes[n]["pid"] for n in ("bank-server", "balance-service"))
        url = "http://" + self.processes["bank-server"]["address"]
        samples = []
        while True:
            count = int(subprocess.run(
                [tool("psql"), "-XAtq", self.url, "-c", "SELECT count(*) FROM teller.entries"],
                check=True, capture_output=True, text=True).stdout)
            samples.append((count, resident_mb(bank), resident_mb(service)))
            print(f"{count:,} entries: bank-server {samples[-1][1]:.0f} MB, "
                  f"balance-service {samples[-1][2]:.0f} MB", flush=True)
            if count >= entries:
                break
            wrk(url, 256, 60, {}, "transfers.lua", ("--", "uniform"), self.tokens)
        self.audit()
        return samples


def targets(chain, reference):
    best = max(median_of(reference[n], "rate") for n in (8, 20))
    def rate(key):
        return median_of(chain[key], "rate") / best
    return [
        ("256 callers, uniform, rate: the chain / pgbench TPC-B (the better of -c 8 and -c 20)",
         f"{rate(('uniform', 256)):.2f}", "at least 4.5"),
        ("256 callers, Zipf, rate: the chain / pgbench TPC-B", f"{rate(('zipf', 256)):.2f}", "at least 4"),
        ("64 callers, uniform, p99", f"{median_of(chain['uniform', 64], 'p99'):.1f} ms", "at most 12 ms"),
        ("64 callers, Zipf, p99", f"{median_of(chain['zipf', 64], 'p99'):.1f} ms", "at most 12 ms"),
        ("1 caller, p50: the chain / pgbench TPC-B with one client",
         f"{median_of(chain['uniform', 1], 'p50') / median_of(reference[1], 'p50'):.2f}", "at most 2"),
    ]


def goodput(runs):
    """What is done past capacity, beside the most that was done."""
    peak = max(median_of(of, "rate") for of in runs.values())
    lines = ["", "| callers with batches of 500 | after 503 | transfers done/s | of the peak | answered busy | errors "
             "| p50 ms | p99 ms |", "|---:|---|---:|---:|---:|---:|---:|---:|"]
    for (is_patient, callers), of in runs.items():
        rate = median_of(of, "rate")
        lines.append(
            f"| {callers} | {'wait as asked' if is_patient else 'ask at once'} | {rate:,.0f} | {rate / peak:.2f} | {sum(run.busy for run in of)} "
            f"| {sum(run.errors for run in of)} | {median_of(of, 'p50'):.0f} "
            f"| {median_of(of, 'p99'):.0f} |")
    return lines


def measure(options, row):
    """Returns the lines of the report."""
    bench = Transfers(options)
    try:
        bench.prepare()
        reference = bench.reference()
        chain, memory = bench.chain()
        overload = bench.overload()
        single = bench.one_a_transaction()
        samples = bench.grow(options.entries) if options.entries else []
    finally:
        bench.close()
    lines = [
        "Each request moves 1.00 between two of 10,000 accounts, picked uniformly or by a Zipf "
        "distribution with exponent 1. PostgreSQL is durable: fsync and synchronous_commit are on.", "",
        "| | callers | transfers/s | spread | p50 ms | p99 ms | errors | CPU µs a transfer |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for (distribution, callers), runs in chain.items():
        lines.append(row(f"the chain, {distribution}", callers, runs))
    for callers, runs in single.items():
        lines.append(row("the chain, one transfer a transaction, uniform", callers, runs))
    for clients, runs in reference.items():
        lines.append(row("`pgbench -M prepared`, TPC-B-like, scale 10", clients, runs))
    lines += ["", "p50 of pgbench are means.", "", "| | measured | to reach |", "|---|---:|---|"]
    lines += [f"| {name} | {value} | {goal} |" for name, value, goal in targets(chain, reference)]
    lines += goodput(overload)
    lines += ["", f"The audit was clean after each of {len(bench.audits)} loads; it took up to "
              f"{max(bench.audits):.1f} s.", "", "| resident after the loads | MB |", "|---|---:|"]
    lines += [f"| {part} | {size:.0f} |" for part, size in memory.items()]
    if samples:
        lines += ["", "| entries in the ledger | bank-server MB | balance-service MB |",
                  "|---:|---:|---:|"]
        lines += [f"| {count:,} | {bank:.0f} | {service:.0f} |" for count, bank, service in samples]
    return lines
