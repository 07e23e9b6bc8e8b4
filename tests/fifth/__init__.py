"""A made-up fifth provider: one adapter, one simulator and two registry lines, as the design promises."""
