"""The meeting server and the clerk's tools: import, decide, record, publish, export."""
