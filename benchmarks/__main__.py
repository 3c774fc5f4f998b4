"""`make bench`: every figure of docs/benchmarks.md, measured afresh on this machine."""
from __future__ import annotations

import importlib
import platform
import sys
from datetime import UTC, datetime

SUITES = ("routing_live", "promise", "placing", "road_times", "depots", "static", "dispatch", "solver_memory",
          "promo_contention", "ledger_postings", "invoice_pdfs")


def main() -> None:
    """Run the suites named on the command line (all without) and print one table."""
    names = sys.argv[1:] or SUITES
    print(f"{datetime.now(UTC):%Y-%m-%d}  Python {platform.python_version()}  {platform.machine()}")
    for name in names:
        print(f"\n{name}", flush=True)
        for figure in importlib.import_module(f"benchmarks.{name}").run():
            value = f"{figure['value']:>10} {figure['unit']:<6}"
            print(f"  {figure['name']:<58} {value} {figure.get('note', '')}", flush=True)


if __name__ == "__main__":
    main()
