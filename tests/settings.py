"""Settings of the tests: the product's own, in a data folder that goes when the process ends."""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="tapedeck-tests-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
# What the developer's shell says must not change what is tested; the database is theirs to choose.
for _name in [name for name in os.environ if name.startswith("TAPEDECK_")]:
    if _name != "TAPEDECK_REQUIRE_BROWSER":
        del os.environ[_name]
os.environ.pop("PUBLIC_URL", None)
os.environ["TAPEDECK_DATA"] = _data
os.environ["TAPEDECK_SECRET_KEY"] = "tests-only"
os.environ["TAPEDECK_KEYS"] = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="

from dashboard.settings import *  # noqa: F403

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # A file, not memory: with the locks, the journal and the threads that people have.
    DATABASES["default"]["TEST"] = {"NAME": f"{_data}/test.sqlite3"}  # noqa: F405

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir()  # noqa: F405
# The manifest would leave pages without scripts: nothing is collected here.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
