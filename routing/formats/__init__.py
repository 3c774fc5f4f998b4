"""Files of other planners: VROOM's JSON, Solomon's and VRPLIB's text. Whatever this planner cannot express is refused
by name with its place, never dropped in silence."""
