"""The WSGI app: `gunicorn generic_rest_connector.app:app`."""

from connector_sdk import create_app

from .search import search
from .settings import Settings

app = create_app("generic-rest", search, Settings, lambda settings: settings.loaded.oauth)
