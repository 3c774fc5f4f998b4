"""What is on board along one route: stock, rack places, gas and freight, from one reload to the next."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from routing.plan import Unserved

if TYPE_CHECKING:
    from routing.problem import Visit
    from routing.standing import Freight, Standing


class FreightLine(NamedTuple):
    """One dimension of freight along a route, at each place for an insertion: the greatest load up to there and from
    there on, and what more may be brought in all."""

    room_left: int
    limit: int
    before: list[int]
    behind: list[int]


class RouteLoad:
    """Loads along the open part of a route, for trial insertions.

    `segment[p]` is the number of reloads before place p; `stock_left[s]` what segment s may still hand out by type.
    A reload resets stock, slots and gas; freight is loaded once for the whole route.
    """

    def __init__(self, standing: Standing, visits: Sequence[Visit], spare: Mapping[str, int]) -> None:
        self.standing = standing
        self.stock_left = [dict(standing.stock_left)]
        self.segment = [0]
        slots, gas = [standing.slots_used], [standing.gas_on_board_g]
        for visit in visits:
            if visit.reload is not None:
                self.stock_left.append({kind: max(0, number - spare.get(kind, 0))
                                        for kind, number in visit.reload.full_stock.items()})
                slots.append(visit.reload.slots_used)
                gas.append(visit.reload.gas_on_board_g)
            else:
                stock = self.stock_left[-1]
                for kind, number in visit.deliver.items():
                    stock[kind] = stock.get(kind, 0) - number
                slots.append(slots[-1] + visit.slots_net)
                gas.append(gas[-1] + visit.gas_net_g)
            self.segment.append(len(self.stock_left) - 1)
        self.slots_peak, self.gas_peak = self._peaks(slots), self._peaks(gas)
        self.freight: dict[str, FreightLine] = {
            line.dimension: _freight_line(line, visits) for line in standing.freight}

    def _peaks(self, levels: list[int]) -> list[int]:
        """For an insertion at place p: the highest level from there to the next reload."""
        peaks = levels[:]
        for k in range(len(levels) - 2, -1, -1):
            if self.segment[k] == self.segment[k + 1]:
                peaks[k] = max(peaks[k], peaks[k + 1])
        return peaks

    def refusal(self, visit: Visit) -> Unserved | None:
        """The reason that rules the route out wherever the visit stood."""
        if visit.only_vehicle not in (None, self.standing.vehicle_id):
            return Unserved.WRONG_VEHICLE
        if not visit.skills <= self.standing.skills:
            return Unserved.SKILL_MISSING
        if all(_short(stock, visit) for stock in self.stock_left):
            return Unserved.STOCK_SHORT
        return None

    def refusal_at(self, position: int, visit: Visit) -> Unserved | None:
        """The reason that rules one place out. What is too much already may stay so, but not grow."""
        if len(self.stock_left) > 1 and _short(self.stock_left[self.segment[position]], visit):
            return Unserved.STOCK_SHORT
        if visit.slots_net > 0 and self.slots_peak[position] + visit.slots_net > self.standing.slots_limit:
            return Unserved.SLOTS_OVER
        if visit.gas_net_g > 0 and self.gas_peak[position] + visit.gas_net_g > self.standing.gas_limit_g:
            return Unserved.GAS_OVER
        if (visit.brings or visit.takes) and self._too_much(position, visit):
            return Unserved.CAPACITY_OVER
        return None

    def _too_much(self, position: int, visit: Visit) -> bool:
        for dimension in {*visit.brings, *visit.takes}:
            brought, taken = visit.brings.get(dimension, 0), visit.takes.get(dimension, 0)
            line = self.freight.get(dimension)
            if line is None:
                if brought or taken:
                    return True
                continue
            if brought and (brought > line.room_left or line.before[position] + brought > line.limit):
                return True
            if taken and line.behind[position] + taken > line.limit:
                return True
        return False

    def kept_behind(self, position: int) -> bool:
        """Whether all limits hold in the segment of that place, from it on."""
        return (min(self.stock_left[self.segment[position]].values(), default=0) >= 0
                and self.slots_peak[position] <= self.standing.slots_limit
                and self.gas_peak[position] <= self.standing.gas_limit_g)


def _short(stock: Mapping[str, int], visit: Visit) -> bool:
    return any(number > max(0, stock.get(kind, 0)) for kind, number in visit.deliver.items() if number)


def _freight_line(freight: Freight, visits: Sequence[Visit]) -> FreightLine:
    brought = sum(visit.brings.get(freight.dimension, 0) for visit in visits)
    loads = [freight.taken + brought]
    for visit in visits:
        loads.append(loads[-1] + visit.takes.get(freight.dimension, 0) - visit.brings.get(freight.dimension, 0))
    before, behind = loads[:], loads[:]
    for k in range(1, len(loads)):
        before[k] = max(before[k], before[k - 1])
    for k in range(len(loads) - 2, -1, -1):
        behind[k] = max(behind[k], behind[k + 1])
    return FreightLine(freight.room - brought, freight.limit, before, behind)
