"""Faults from a seed: the engine, sync and the adapters against simulators that go wrong."""
