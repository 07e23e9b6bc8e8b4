"""Input that is wrong, at every provider: told in clear words or quietly borne, and nothing is lost."""
