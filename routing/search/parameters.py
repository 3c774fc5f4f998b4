"""The search parameters of OR-Tools that were found best for these problems (docs/benchmarks.md)."""
from __future__ import annotations

from typing import Any

from ortools.constraint_solver import pywrapcp
from ortools.constraint_solver import routing_enums_pb2 as enums
from ortools.constraint_solver import routing_ils_pb2 as ils
from ortools.util import optional_boolean_pb2 as optional

from routing.solving import Strategy

RUIN_VISITS = 10
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
