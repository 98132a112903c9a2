"""The WSGI entry: `gunicorn -b 127.0.0.1:8001 --threads 8 sandbox.wsgi:app`."""

from sandbox.app import create_app
from sandbox.settings import SandboxSettings

app = create_app(SandboxSettings.from_env())
