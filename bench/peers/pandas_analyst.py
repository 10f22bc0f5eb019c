"""Peer (b): pandas, as an analyst would write it in a notebook: floats, json.loads, merge.

python bench/peers/pandas_analyst.py BILL.csv KEYS.csv
"""

from __future__ import annotations

import json
import sys

import pandas as pd
from report import lap, report


def main(bill: str, keys: str) -> None:
    charges = pd.read_csv(bill, low_memory=False)
    lap("read")
    charges["team"] = charges["Tags"].map(lambda text: json.loads(text).get("team", ""))
    lap("tags")
    direct = charges.groupby("team", as_index=False)["EffectiveCost"].sum()
    shares = pd.read_csv(keys)
    shares["share"] = shares["quantity"] / shares.groupby("pool")["quantity"].transform("sum")
    shared = direct.merge(shares, left_on="team", right_on="pool", suffixes=("_pool", ""))
    shared["EffectiveCost"] *= shared["share"]
    own = direct[~direct["team"].isin(shares["pool"])]
    columns = ["team", "EffectiveCost"]
    teams = pd.concat([own[columns], shared[columns]]).groupby("team")["EffectiveCost"].sum()
    lap("allocate")
    report("pandas", {str(name): float(cost) for name, cost in teams.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
