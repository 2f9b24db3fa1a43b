"""Our CP-SAT formulation of a scheduling problem: variables, constraints and aims, each in a file of its own."""
