"""Settings of the tests: the product's own, in a data folder that goes when the process ends."""

import os
import tempfile

_data = tempfile.TemporaryDirectory(prefix="tapedeck-tests-")
# What the developer's shell says must not change what is tested; the database is theirs to choose.
for _name in [name for name in os.environ if name.startswith("TAPEDECK_")]:
    if _name != "TAPEDECK_REQUIRE_BROWSER":
        del os.environ[_name]
os.environ.pop("PUBLIC_URL", None)
os.environ["TAPEDECK_DATA"] = _data.name
os.environ["TAPEDECK_SECRET_KEY"] = "tests-only"
os.environ["TAPEDECK_KEYS"] = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="

from dashboard.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest would leave pages without scripts: nothing is collected here.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
