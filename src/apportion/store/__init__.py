"""Where data lies: immutable Parquet files, the relational books, and the engine that runs SQL."""
