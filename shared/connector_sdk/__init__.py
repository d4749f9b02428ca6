"""What every search connector shares: auth, forwarding, the deadline, documents, errors, HTTP."""

from .app import create_app
from .auth import Credential, Kind
from .blocks import Block
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
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ResponseTooLarge,
    ServiceCredentialRefused,
    TextUnavailable,
    Unauthorized,
    Unsupported,
)
from .http import HttpClient
from .ladder import Step, ladder
from .oauth import OAuth
from .options import ModifiedOptions, Name, SearchOptions
from .queries import content_words, words
from .question import Question, read_question
from .response import Response, error_for_status
from .settings import ConnectorSettings, ProviderUrl, with_path
from .text import decode_text

__all__ = [
    "BadRequest",
    "Block",
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
    "NotFound",
    "OAuth",
    "ProviderError",
    "ProviderUnavailable",
    "ProviderUrl",
    "Question",
    "RateLimited",
    "Response",
    "ResponseTooLarge",
    "SearchContext",
    "SearchOptions",
    "ServiceCredentialRefused",
    "Step",
    "TextUnavailable",
    "TokenCache",
    "Unauthorized",
    "Unsupported",
    "content_words",
    "create_app",
    "decode_text",
    "error_for_status",
    "ladder",
    "read_question",
    "with_path",
    "words",
]
