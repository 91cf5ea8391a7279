"""Measures balances: the chain, its hops alone, and the peers that do the same job."""

import os
import pathlib
import statistics
import struct
import subprocess
import sys
import time

from harness import (
    CALLERS, PEERS, Bench, Run, h2load, median_of, pgbench, resident_mb, to_ms, wait_for, wrk)


class Balances(Bench):
    def chain(self):
        pids = {name: (self.processes[name]["pid"], name == "postgresql")
                for name in ("bank-server", "balance-service", "postgresql")}
        url = "http://" + self.processes["bank-server"]["address"]
        runs = {n: self.times(lambda: wrk(url, n, self.seconds, pids)) for n in CALLERS}
        memory = {name: resident_mb(pid) for name, (pid, deep) in pids.items() if not deep}
        return runs, memory

    def command(self):
        """Seconds that `teller balance` takes, from its start to its end, for each of 30 runs."""
        times = []
        for _ in range(31):
            start = time.monotonic()
            self.teller("balance", "XB45DEMO0000000017")
            times.append(time.monotonic() - start)
        return times[1:]

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

    def without_tls(self):
        """The same programs with hop 2 in plaintext: for what TLS costs, and for h2load, which shows no
        certificate."""
        environment = os.environ | {"DATABASE_URL": self.url, "DATABASE_ROLE": "teller_app"}
        service = self.start(
            str(self.bin / "balance-service"), "serve", "--listen", "127.0.0.1:50064",
            "--certificates", "none", environment=environment)
        bank = self.start(
            str(self.bin / "bank-server"), "serve", "--listen", "127.0.0.1:8064",
            "--certificates", "none", "--balance-service", "127.0.0.1:50064")
        wait_for("http://127.0.0.1:8064/readyz")
        pids = {"bank-server": (bank, False), "balance-service": (service, False)}
        runs = self.times(lambda: wrk("http://127.0.0.1:8064", 256, self.seconds, pids))
        self.stop(bank)
        return runs

    def hops(self):
        address = "127.0.0.1:50064"
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
                n: self.times(lambda: pgbench(self.url, ["-f", str(script)], n, self.seconds)) for n in (1, 8)},
        }

    def health(self, bank, callers):
        output = subprocess.run(
            ["wrk", "-t1", f"-c{callers}", f"-d{self.seconds}s", "--latency", f"{bank}/healthz"],
            check=True, capture_output=True, text=True).stdout
        words = {l.split()[0]: l.split()[1] for l in output.splitlines() if len(l.split()) > 1}
        return Run(float(words["Requests/sec:"]), to_ms(words["50%"]), to_ms(words["99%"]),
                   0, {})


def ratios(chain, plain, go, python, reference, command, memory):
    """The figures that the project holds itself to."""
    def ratio(callers, other, field="rate"):
        return median_of(chain[callers], field) / median_of(other[callers], field)

    rows = [
        ("256 callers, rate: the chain / Go", ratio(256, go), "at least 4.5"),
        ("256 callers, rate: the chain / `pgbench -S -c 8`",
         median_of(chain[256], "rate") / median_of(reference, "rate"), "at least 0.9"),
        ("256 callers, rate: the chain / without TLS on hop 2",
         median_of(chain[256], "rate") / median_of(plain, "rate"), "at least 0.9"),
        ("64 callers, rate: the chain / Go", ratio(64, go), "at least 3.5"),
        ("1 caller, p50: the chain / Go", ratio(1, go, "p50"), "at most 0.8"),
        ("256 callers, rate: the chain / Python", ratio(256, python), ""),
        ("64 callers, rate: the chain / Python", ratio(64, python), ""),
        ("1 caller, p50: the chain / Python", ratio(1, python, "p50"), ""),
    ]
    return [f"| {name} | {value:.2f} | {goal} |" for name, value, goal in rows] + [
        "| `teller balance`, the whole process, warm, median of 30 "
        f"| {statistics.median(command) * 1000:.1f} ms | at most 20 ms |",
        f"| the larger server, resident after the loads | {max(memory.values()):.0f} MB "
        "| at most 40 MB |",
    ]


def measure(options, row):
    """Returns the lines of the report."""
    bench = Balances(options)
    try:
        bench.prepare()
        chain, chain_memory = bench.chain()
        command = bench.command()
        plain = bench.without_tls()
        hops = bench.hops()
        go, go_memory = bench.go()
        python, python_memory = bench.python_peer()
    finally:
        bench.close()
    lines = [
        "Each request asks for the balance of a random one of 100,000 accounts. The chain asks for many at "
        "once where many callers wait; the peers make a call and a statement for each request.", "",
        "| | callers | requests/s | spread | p50 ms | p99 ms | errors | CPU µs a request |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]
    for name, runs in (("the chain", chain), ("Go: net/http, grpc, pgx", go),
                       ("Python: FastAPI, httpx, asyncpg", python)):
        lines += [row(name, callers, runs[callers]) for callers in CALLERS]
    for name, runs in hops.items():
        lines += [row(name, callers, runs[callers]) for callers in runs]
    reference = next(runs[8] for name, runs in hops.items() if name.startswith("hop 3"))
    lines += ["", "p50 of hop 2 and hop 3 are means.", "", "| | measured | to reach |",
              "|---|---:|---|", *ratios(
                  chain, plain, go, python, reference, command, chain_memory), "",
              "| resident after the run | MB |", "|---|---:|"]
    for name, memory in (("chain", chain_memory), ("Go", go_memory), ("Python", python_memory)):
        lines += [f"| {name}: {part} | {size:.0f} |" for part, size in memory.items()]
    return lines
