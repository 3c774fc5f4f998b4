"""The curve of vans against the share served within the hour, drawn by matplotlib (a development dependency)."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Drawing
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, PercentFormatter

from demo.simulator.report import Figures

STYLES = {"live": ("#0b6e4f", "o", "-", "this planner, as the day goes"),
          "greedy": ("#5f6670", "s", "--", "plain insertion, never re-planned"),
          "hindsight": ("#1d4e89", "^", ":", "the same day in hindsight")}
LABELS: dict[str, dict[str, Any]] = {  # where a figure stands beside its mark, so that three never cover one another
    "live": {"xytext": (8, -11), "ha": "left"}, "greedy": {"xytext": (-8, -11), "ha": "right"},
    "hindsight": {"xytext": (0, 7), "ha": "center"}}
ENDINGS = (".png", ".svg")
HALO = [withStroke(linewidth=2.5, foreground="white")]  # so that lines do not run through figures


def draw(figures: Sequence[Figures], title: str, note: str, prefix: Path) -> list[Path]:
    """Write PREFIX.png and PREFIX.svg; gives their paths."""
    drawing = Drawing(figsize=(7.5, 4.8), layout="constrained")
    axes = drawing.subplots()
    for policy, (colour, marker, line, label) in STYLES.items():
        points = sorted((one.vans, one.within_60) for one in figures if one.policy == policy)
        if points:
            axes.plot([vans for vans, _ in points], [share for _, share in points], color=colour, marker=marker,
                      linestyle=line, label=label)
            for vans, share in points:
                axes.annotate(f"{100 * share:.0f}", (vans, share), textcoords="offset points", fontsize=8,
                              color=colour, path_effects=HALO, **LABELS[policy])
    axes.margins(x=0.1)
    axes.set(title=title, xlabel="vans", ylabel="served within 60 minutes of ordering", ylim=(0, 1.06))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    drawing.supxlabel(note, fontsize=8, color="#555555")
    paths = [prefix.with_name(prefix.name + ending) for ending in ENDINGS]
    for path in paths:
        drawing.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    return paths
