"""The database: its tables, its transactions, and one module for each thing that is kept."""
