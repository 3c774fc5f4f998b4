"""What is on board, as dimensions of OR-Tools' routing model: stock by type, rack places, gas (X-17), freight.

A dimension is added only where it can bind. With reloads (P5) the figure before a reload may be as bad as it likes:
slack lifts it to the limit there, and the way on brings it down to what the reload leaves. Slack elsewhere only ever
makes a load look greater than it is, so it helps nobody.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.problem import Problem, Visit
from routing.standing import Freight, Standing


@dataclass(frozen=True)
class Nodes:
    """The visits and vehicles of a routing model, in its order; a reload stands for the van given with it."""

    problem: Problem
    routing: Any
    indices: Sequence[int]
    visits: Sequence[Visit]
    standings: Sequence[Standing]
    reloads: Mapping[int, int]  # number of the visit: number of its van

    def unary(self, values: Sequence[int]) -> int:
        """A transit that depends on the visit left alone."""
        return int(self.routing.RegisterUnaryTransitVector([*values, *[0] * (2 * len(self.standings))]))


def add_loads(nodes: Nodes) -> None:
    """All that can bind."""
    for kind in sorted({kind for visit in nodes.visits for kind in visit.deliver}):
        _add_stock(nodes, kind)
    _add_level(nodes, "slots", [visit.slots_net for visit in nodes.visits],
               [(standing.slots_used, standing.slots_limit) for standing in nodes.standings],
               {number: visit.reload.slots_used for number in nodes.reloads
                if (visit := nodes.visits[number]).reload is not None})
    _add_level(nodes, "gas", [visit.gas_net_g for visit in nodes.visits],
               [(standing.gas_on_board_g, standing.gas_limit_g) for standing in nodes.standings],
               {number: visit.reload.gas_on_board_g for number in nodes.reloads
                if (visit := nodes.visits[number]).reload is not None})
    for dimension in sorted({name for visit in nodes.visits for name in (*visit.brings, *visit.takes)}):
        _add_freight(nodes, dimension)


def stock_after(problem: Problem, reload: Visit, kind: str) -> int:
    """What of a type may be promised after a reload, the spare kept back (H-079)."""
    if reload.reload is None or reload.only_vehicle is None:
        return 0
    spare = problem.vehicle_by_id[reload.only_vehicle].spare.get(kind, 0)
    return max(0, reload.reload.full_stock.get(kind, 0) - spare)


def _add_stock(nodes: Nodes, kind: str) -> None:
    """What has been handed out, counted so that nothing is left at the dimension's upper end."""
    wanted = [visit.deliver.get(kind, 0) for visit in nodes.visits]
    stock = [max(0, standing.stock_left.get(kind, 0)) for standing in nodes.standings]
    after = {number: stock_after(nodes.problem, nodes.visits[number], kind) for number in nodes.reloads}
    if sum(wanted) <= min([*stock, *after.values()]):
        return
    if not after:
        nodes.routing.AddDimensionWithVehicleCapacity(nodes.unary(wanted), 0, stock, True, f"stock {kind}")
        return
    most = [max([left, *(after[number] for number, van in nodes.reloads.items() if van == here)])
            for here, left in enumerate(stock)]
    _add_resetting(nodes, f"stock {kind}", wanted, [most[van] - left for van, left in enumerate(stock)], most,
                   {number: most[van] - after[number] for number, van in nodes.reloads.items()})


def _add_level(nodes: Nodes, name: str, changes: Sequence[int], levels: Sequence[tuple[int, int]],
               after: Mapping[int, int]) -> None:
    gains = sum(change for change in changes if change > 0)
    if (all(level + gains <= limit for level, limit in levels)
            and all(level + gains <= levels[nodes.reloads[number]][1] for number, level in after.items())):
        return
    base = sum(-change for change in changes if change < 0) + max(0, -min(level for level, _ in levels))
    _add_resetting(nodes, name, changes, [level + base for level, _ in levels], [limit + base for _, limit in levels],
                   {number: level + base for number, level in after.items()})


def _add_resetting(nodes: Nodes, name: str, changes: Sequence[int], start: Sequence[int], limits: Sequence[int],
                   after: Mapping[int, int]) -> None:
    """A dimension from `start` up to `limits` of each van, which stands at `after` behind each reload."""
    transits = list(changes)
    for number, level in after.items():
        transits[number] = level - limits[nodes.reloads[number]]
    slack = max(limits) if after else 0
    nodes.routing.AddDimensionWithVehicleCapacity(nodes.unary(transits), slack, list(limits), False, name)
    dimension = nodes.routing.GetDimensionOrDie(name)
    for van, level in enumerate(start):
        dimension.CumulVar(nodes.routing.Start(van)).SetValue(level)
    for number in after:
        dimension.CumulVar(nodes.indices[number]).SetValue(limits[nodes.reloads[number]])


def _add_freight(nodes: Nodes, name: str) -> None:
    """One dimension of freight. Where visits bring and others take, the van sets out with any load that suffices:
    at the end it must still have what it has taken."""
    brings = [visit.brings.get(name, 0) for visit in nodes.visits]
    takes = [visit.takes.get(name, 0) for visit in nodes.visits]
    lines = [next((line for line in standing.freight if line.dimension == name), Freight(name, 0, 0, 0))
             for standing in nodes.standings]
    if all(sum(brings) <= line.room and line.taken + sum(brings) + sum(takes) <= line.limit for line in lines):
        return
    add, routing = nodes.routing.AddDimensionWithVehicleCapacity, nodes.routing
    if not any(takes):
        add(nodes.unary(brings), 0, [line.room for line in lines], True, f"brought {name}")
        return
    add(nodes.unary(takes), 0, [line.limit - line.taken for line in lines], True, f"taken {name}")
    if not any(brings):
        return
    net = [taken - brought for taken, brought in zip(takes, brings, strict=True)]
    add(nodes.unary(net), 0, [line.limit for line in lines], False, f"load {name}")
    taken, load = routing.GetDimensionOrDie(f"taken {name}"), routing.GetDimensionOrDie(f"load {name}")
    for van, line in enumerate(lines):
        load.CumulVar(routing.Start(van)).SetRange(line.taken, line.taken + line.room)
        routing.solver().Add(load.CumulVar(routing.End(van)) >= taken.CumulVar(routing.End(van)) + line.taken)
