"""One question of the benchmark in each file, with a function of the same name."""
