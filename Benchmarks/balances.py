"""Measures balances: the chain, its hops alone, and the peers that do the same job."""

import contextlib
import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

from harness import (
    CALLERS, PEERS, Bench, Run, h2load, median_of, pgbench, resident_mb, to_ms, token, wait_for,
    wrk)


class Balances(Bench):
    def chain(self):
        pids = {name: (self.processes[name]["pid"], name == "postgresql")
                for name in ("bank-server", "balance-service", "postgresql")}
        url = "http://" + self.processes["bank-server"]["address"]
        runs = {n: self.times(lambda: wrk(url, n, self.seconds, pids, tokens=self.tokens))
                for n in CALLERS}
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

    def login(self, url, user, password):
        """Milliseconds that a login takes at hop 1, and whether it got in."""
        body = json.dumps({"user": user, "password": password}).encode()
        start = time.monotonic()
        try:
            request = urllib.request.Request(
                f"{url}/v1/sessions", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        elapsed = (time.monotonic() - start) * 1000
        if status not in (200, 401):
            sys.exit(f"measure: a login was answered {status}")
        return elapsed

    def logins(self):
        """Medians of three: one that is right, and those that fail, by why."""
        lines = (pathlib.Path(self.home) / "demo-users").read_text().splitlines()
        passwords = dict(line.split() for line in lines if line and not line.startswith("#"))
        self.teller("user", "disable", "emi")
        url = "http://" + self.processes["bank-server"]["address"]
        tries = {"right": ("alice", passwords["alice"]), "a wrong password": ("bruno", "wrong horse"),
                 "a user there is not": ("nobody", "wrong horse"),
                 "a disabled user": ("emi", passwords["emi"])}
        times = {f"a login: {name}": statistics.median(self.login(url, *of) for _ in range(3))
                 for name, of in tries.items()}
        if self.debug_bin:
            with self.copy(self.debug_bin, 50065, 8065) as (url, _):
                times["a login: right, a debug build"] = statistics.median(
                    self.login(url, *tries["right"]) for _ in range(3))
        return times

    @contextlib.contextmanager
    def copy(self, programs, service_port, bank_port, keeps_service=False):
        """Two more servers on the same database, with hop 2 in plaintext."""
        environment = os.environ | {"DATABASE_URL": self.url, "DATABASE_ROLE": "teller_app"}
        service = self.start(
            str(programs / "balance-service"), "serve", "--listen", f"127.0.0.1:{service_port}",
            "--certificates", "none", environment=environment)
        bank = self.start(
            str(programs / "bank-server"), "serve", "--listen", f"127.0.0.1:{bank_port}",
            "--certificates", "none", "--balance-service", f"127.0.0.1:{service_port}")
        url = f"http://127.0.0.1:{bank_port}"
        wait_for(f"{url}/readyz")
        yield url, {"bank-server": (bank, False), "balance-service": (service, False)}
        self.stop(bank)
        if not keeps_service:
            self.stop(service)

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
        with self.copy(self.bin, 50064, 8064, keeps_service=True) as (url, pids):
            return self.times(lambda: wrk(url, 256, self.seconds, pids, tokens=self.tokens))

    def hops(self):
        address = "127.0.0.1:50064"
        bank = "http://" + self.processes["bank-server"]["address"]
        body = pathlib.Path(self.home) / "balances.grpc"
        account = b"XB45DEMO0000000017"
        # BalanceQuery with account, and context.caller 1; Caller with a token; BalancesRequest with both.
        query = bytes([0x0A, len(account)]) + account + bytes([0x32, 2, 0x20, 1])
        caller = bytes([0x0A, 32]) + token("clerk")
        message = (bytes([0x0A, len(query)]) + query
                   + bytes([0x1A, len(caller)]) + caller)
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


def ratios(chain, plain, go, python, reference, command, logins, memory):
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
        *(f"| {name}, median of 3 | {value:.0f} ms | |" for name, value in logins.items()),
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
        logins = bench.logins()
        plain = bench.without_tls()
        hops = bench.hops()
        go, go_memory = bench.go()
        python, python_memory = bench.python_peer()
    finally:
        bench.close()
    lines = [
        "Each request asks for the balance of a random one of 100,000 accounts, at the chain as its owner, one of 256 with a session each. The chain asks for many at "
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
                  chain, plain, go, python, reference, command, logins, chain_memory), "",
              "| resident after the run | MB |", "|---|---:|"]
    for name, memory in (("chain", chain_memory), ("Go", go_memory), ("Python", python_memory)):
        lines += [f"| {name}: {part} | {size:.0f} |" for part, size in memory.items()]
    return lines
