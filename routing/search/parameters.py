"""The search parameters of OR-Tools that were found best for these problems (docs/benchmarks.md)."""
from __future__ import annotations

from enum import StrEnum
from typing import Any

from ortools.constraint_solver import pywrapcp
from ortools.constraint_solver import routing_enums_pb2 as enums
from ortools.constraint_solver import routing_ils_pb2 as ils
from ortools.util import optional_boolean_pb2 as optional

from routing.solving import Strategy

RUIN_VISITS, RUIN_SEQUENCE = 30, 20  # removed at a time, and how many in a row at most
DESCENT = ("relocate", "exchange", "cross", "two_opt", "or_opt")  # few and quick: the ruins do the rest
DISTRICT_RUIN_PART = 1 / 3  # of a district's visits at most
COOLING = 0.1  # the last temperature by the first, for a piece
DISTRICT_COOLING = 0.063  # the same for a district
GLS_LAMBDA_LATENESS = 1.0  # where soft lateness rules the objective, the default of 0.1 stays in its first valley
GLS_LAMBDA = 0.1


class Way(StrEnum):
    """How a piece is solved: ruin and recreate, with a descent after each ruin, or a guided local search."""

    RUIN = "ruin"
    RUIN_AND_DESCEND = "ruin_and_descend"
    GUIDED = "guided"


def search_parameters(strategy: Strategy, limit_ms: int, *, promises: bool) -> Any:
    """Parameters for one run; `promises`: soft lateness rules the objective."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.time_limit.FromMilliseconds(limit_ms)
    parameters.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    operators = parameters.local_search_operators
    if strategy is not Strategy.SISR:
        parameters.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.guided_local_search_lambda_coefficient = GLS_LAMBDA_LATENESS if promises else GLS_LAMBDA
        return parameters
    operators.use_global_cheapest_insertion_path_lns = optional.BOOL_FALSE
    operators.use_local_cheapest_insertion_path_lns = optional.BOOL_FALSE
    operators.use_relocate_path_global_cheapest_insertion_insert_unperformed = optional.BOOL_FALSE
    parameters.use_iterated_local_search = True
    search = parameters.iterated_local_search_parameters
    search.improve_perturbed_solution = True
    rebuild = search.ruin_recreate_parameters
    del rebuild.ruin_strategies[:]
    ruin = rebuild.ruin_strategies.add().sisr
    ruin.avg_num_removed_visits = RUIN_VISITS
    ruin.max_removed_sequence_size = RUIN_SEQUENCE
    ruin.bypass_factor = 0.01
    rebuild.recreate_strategy.heuristic = enums.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
    annealing = search.reference_solution_acceptance_strategy.simulated_annealing
    annealing.cooling_schedule_strategy = ils.CoolingScheduleStrategy.EXPONENTIAL
    annealing.automatic_temperatures = True
    return parameters


def cold_parameters(limit_ms: int) -> Any:
    """Ruin and recreate from nothing, descending with the quick operators alone."""
    parameters = search_parameters(Strategy.SISR, limit_ms, promises=False)
    _only_quick(parameters)
    return parameters


def district_parameters(limit_ms: int, heat: float, visits: int) -> Any:
    """Ruin and recreate with a descent, from the plan that is there, cooling from `heat`."""
    _, parameters = piece_parameters(Way.RUIN_AND_DESCEND, limit_ms, heat, promises=False)
    search = parameters.iterated_local_search_parameters
    search.ruin_recreate_parameters.ruin_strategies[0].sisr.avg_num_removed_visits = max(
        1, min(RUIN_VISITS, round(DISTRICT_RUIN_PART * visits)))
    search.reference_solution_acceptance_strategy.simulated_annealing.final_temperature = DISTRICT_COOLING * heat
    return parameters


def piece_parameters(way: Way, limit_ms: int, heat: float, *, promises: bool) -> tuple[Strategy, Any]:
    """A search that starts from the plan that is there; `heat` is how much worse ruin and recreate may make it."""
    if way is Way.GUIDED:
        parameters = search_parameters(Strategy.GLS_WARM, limit_ms, promises=promises)
        _only_quick(parameters)
        return Strategy.GLS_WARM, parameters
    parameters = search_parameters(Strategy.SISR, limit_ms, promises=promises)
    parameters.first_solution_strategy = enums.FirstSolutionStrategy.EVALUATOR_STRATEGY
    _only_quick(parameters)
    parameters.iterated_local_search_parameters.improve_perturbed_solution = way is Way.RUIN_AND_DESCEND
    search = parameters.iterated_local_search_parameters
    annealing = search.reference_solution_acceptance_strategy.simulated_annealing
    annealing.automatic_temperatures = False
    annealing.initial_temperature, annealing.final_temperature = heat, COOLING * heat
    return Strategy.SISR, parameters


def _only_quick(parameters: Any) -> None:
    operators = parameters.local_search_operators
    for field in operators.DESCRIPTOR.fields:
        setattr(operators, field.name,
                optional.BOOL_TRUE if field.name.removeprefix("use_") in DESCENT else optional.BOOL_FALSE)
