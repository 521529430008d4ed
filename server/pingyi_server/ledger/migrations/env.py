"""What Alembic runs: the migrations, in the transaction of the connection that it is handed."""

from alembic import context

from pingyi_server.ledger.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
