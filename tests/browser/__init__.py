"""The product as its users meet it: `make demo`, and a real Chromium."""
