"""The migrations of the database's tables, run by ``pingyi_server.ledger.revision`` and nothing else."""
