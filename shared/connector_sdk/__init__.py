"""What every search connector shares: auth, forwarding, the deadline, documents, errors, HTTP."""

from .app import create_app
from .auth import Credential, Kind
from .context import SearchContext
from .deadline import Deadline
from .documents import Document
from .errors import (
    BadRequest,
    ConfigurationError,
    ConnectorError,
    DeadlineExceeded,
    Forbidden,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ResponseTooLarge,
    TextUnavailable,
    Unauthorized,
)
from .http import HttpClient, Response, error_for_status
from .oauth import OAuth
from .options import ModifiedOptions, Name, SearchOptions
from .queries import content_words, words
from .settings import ConnectorSettings

__all__ = [
    "BadRequest",
    "ConfigurationError",
    "ConnectorError",
    "ConnectorSettings",
    "Credential",
    "Deadline",
    "DeadlineExceeded",
    "Document",
    "Forbidden",
    "HttpClient",
    "Kind",
    "ModifiedOptions",
    "Name",
    "OAuth",
    "ProviderError",
    "ProviderUnavailable",
    "RateLimited",
    "Response",
    "ResponseTooLarge",
    "SearchContext",
    "SearchOptions",
    "TextUnavailable",
    "Unauthorized",
    "content_words",
    "create_app",
    "error_for_status",
    "words",
]
