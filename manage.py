#!/usr/bin/env python
"""Run Tapedeck's commands: serve, demo and Django's own."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from dashboard.demo_environment import prepare_environment

if __name__ == "__main__":
    if sys.argv[1:2] == ["demo"]:
        prepare_environment(Path(__file__).resolve().parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    execute_from_command_line(sys.argv)
