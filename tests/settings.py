"""The site's settings as the tests want them: demo secrets, fast hashes, tasks run at once."""

import atexit
import os
import shutil
import tempfile

os.environ["DEMO"] = "1"
os.environ["DEBUG"] = "0"
if "VAR_DIR" not in os.environ:  # the processes that xdist starts inherit it
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="financehub-tests-")
    atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from financehub.settings import *  # noqa: F403
from financehub.settings import DATABASES, HUEY, STATIC_ROOT, STORAGES, VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
HUEY = HUEY | {"huey_class": "huey.MemoryHuey", "connection": {}, "immediate": True}
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, for threads that share a database in memory lock each other out at once.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tests.sqlite3")}

STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a missing one, and warnings are errors
