"""The commands of ``pingyi`` that need neither server nor screen."""
