"""The WSGI app: `gunicorn generic_rest_connector.app:app`."""

from connector_sdk import create_app

from .oauth import OAUTH
from .search import search
from .settings import Settings

app = create_app("generic-rest", search, Settings, OAUTH)
