"""The clerk's commands of ``pingyi``."""
