"""The engine, driven in one process against simulators."""
