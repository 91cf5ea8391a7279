#!/usr/bin/env python3
"""Measures balances and transfers through the chain, each in one run on this machine.

Started by scripts/bench, which builds everything first. Needs wrk, h2load, pgbench and psql.
Writes Benchmarks/balances.md and Benchmarks/transfers.md.
"""

import argparse
import os
import platform
import statistics
import time

import balances
import transfers
from harness import HERE, PEERS, median_of, output_of, spread_of, tool


def row(name, callers, runs):
    p99 = median_of(runs, "p99")
    cells = [name, str(callers), f"{median_of(runs, 'rate'):,.0f}", f"{spread_of(runs):.0f} %",
             f"{median_of(runs, 'p50'):.2f}", "" if p99 != p99 else f"{p99:.2f}",
             str(sum(run.errors for run in runs))]
    cells.append(", ".join(
        f"{part} {statistics.median(run.cpu[part] for run in runs):.0f}" for part in runs[0].cpu))
    return "| " + " | ".join(cells) + " |"


def machine(python):
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
        f"{output_of(python, '--version')} with "
        + ", ".join((PEERS / "python/requirements.txt").read_text().split()) + ".",
    ]


def go_package(name):
    return output_of("dpkg-query", "-W", "-f", "${Version}", name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, help="folder of the optimised executables")
    parser.add_argument("--debug-bin", help="folder of the same in a debug build, to log in there, too")
    parser.add_argument("--python", required=True, help="the Python that has the peer's packages")
    parser.add_argument("--seconds", type=int, default=5, help="of each load")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=("balances", "transfers"))
    parser.add_argument("--entries", type=int, default=0,
                        help="after the transfers, go on until the ledger has so many entries")
    options = parser.parse_args()

    for name, part in (("balances", balances), ("transfers", transfers)):
        if options.only not in (None, name):
            continue
        lines = [
            f"# Measurements: {name}", "",
            f"By `scripts/bench`: one run, warm, {options.repeats} loads of {options.seconds} s for "
            "each line, medians; the spread is from the slowest to the fastest.", "",
            *machine(options.python), "", *part.measure(options, row),
        ]
        text = "\n".join(lines) + "\n"
        (HERE / f"{name}.md").write_text(text)
        print(text)


if __name__ == "__main__":
    main()
