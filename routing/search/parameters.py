"""The search parameters of OR-Tools that were found best for these problems (docs/benchmarks.md)."""
from __future__ import annotations

from typing import Any

from ortools.constraint_solver import pywrapcp
from ortools.constraint_solver import routing_enums_pb2 as enums
from ortools.constraint_solver import routing_ils_pb2 as ils
from ortools.util import optional_boolean_pb2 as optional

from routing.solving import Strategy

RUIN_VISITS = 10
DESCENT = ("relocate", "exchange", "cross", "two_opt", "or_opt")  # few and quick: the ruins do the rest
WARMEST, COLDEST = 0.06, 0.006  # parts of what a stop costs, for a plan that is good already
GLS_LAMBDA_LATENESS = 1.0  # where soft lateness rules the objective, the default of 0.1 stays in its first valley
GLS_LAMBDA = 0.1


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
    ruin.max_removed_sequence_size = RUIN_VISITS
    ruin.bypass_factor = 0.01
    rebuild.recreate_strategy.heuristic = enums.FirstSolutionStrategy.LOCAL_CHEAPEST_INSERTION
    annealing = search.reference_solution_acceptance_strategy.simulated_annealing
    annealing.cooling_schedule_strategy = ils.CoolingScheduleStrategy.EXPONENTIAL
    annealing.automatic_temperatures = True
    return parameters


def cold_parameters(limit_ms: int, seed: int) -> Any:
    """Ruin and recreate from nothing; every other seed without descending after each ruin."""
    parameters = search_parameters(Strategy.SISR, limit_ms, promises=False)
    _descend(parameters, seed % 2 == 0)
    return parameters


def piece_parameters(limit_ms: int, stop_cost: float, *, descend: bool) -> Any:
    """Ruin and recreate from the plan that is there, which is not to be left far."""
    parameters = search_parameters(Strategy.SISR, limit_ms, promises=False)
    parameters.first_solution_strategy = enums.FirstSolutionStrategy.EVALUATOR_STRATEGY
    _descend(parameters, descend)
    search = parameters.iterated_local_search_parameters
    annealing = search.reference_solution_acceptance_strategy.simulated_annealing
    annealing.automatic_temperatures = False
    annealing.initial_temperature, annealing.final_temperature = WARMEST * stop_cost, COLDEST * stop_cost
    return parameters


def _descend(parameters: Any, descend: bool) -> None:
    parameters.iterated_local_search_parameters.improve_perturbed_solution = descend
    operators = parameters.local_search_operators
    for field in operators.DESCRIPTOR.fields:
        setattr(operators, field.name,
                optional.BOOL_TRUE if field.name.removeprefix("use_") in DESCENT else optional.BOOL_FALSE)
