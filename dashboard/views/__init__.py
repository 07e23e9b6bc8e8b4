"""What operators see and press: one module a subject, each view a function."""
