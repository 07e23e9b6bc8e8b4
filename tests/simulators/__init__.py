"""The four providers as small WSGI programs, written from their contracts and from nothing of the product."""
