"""What every adapter owes, run over the registry."""
