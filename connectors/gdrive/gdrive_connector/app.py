"""The WSGI app: `gunicorn gdrive_connector.app:app`."""

from connector_sdk import create_app

from .fetch import fetch
from .oauth import OAUTH
from .search import search
from .settings import Settings

app = create_app("gdrive", search, Settings, OAUTH, fetch)
