"""One adapter a provider: speaks its API, knows nothing of Django, answers frozen dataclasses."""
