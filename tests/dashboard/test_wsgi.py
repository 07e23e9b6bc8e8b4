"""The application as the web server loads it."""

import subprocess
import sys

LOADED = """
import gc, sys
from dashboard.wsgi import application
print(gc.get_freeze_count() > 50_000, "dashboard.views.webhooks" in sys.modules, callable(application))
"""


def test_what_stays_for_good_is_left_out_of_collections():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "True", "True"]
