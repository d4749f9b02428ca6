"""What every search connector shares: auth, forwarding, the deadline, documents, errors, HTTP."""

from .app import create_app
from .auth import Credential, Kind
from .cache import TokenCache
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
    ServiceCredentialRefused,
    TextUnavailable,
    Unauthorized,
)
from .http import HttpClient
from .oauth import OAuth
from .options import ModifiedOptions, Name, SearchOptions
from .queries import content_words, words
from .response import Response, error_for_status
from .settings import ConnectorSettings, ProviderUrl, with_path
from .text import decode_text

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
    "ProviderUrl",
    "RateLimited",
    "Response",
    "ResponseTooLarge",
    "SearchContext",
    "SearchOptions",
    "ServiceCredentialRefused",
    "TextUnavailable",
    "TokenCache",
    "Unauthorized",
    "content_words",
    "create_app",
    "decode_text",
    "error_for_status",
    "with_path",
    "words",
]
