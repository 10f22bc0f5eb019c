"""How fast budgets are used up."""
