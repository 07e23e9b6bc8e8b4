"""The real tier: web, worker and database as processes, simulators behind sockets, and kill -9."""
