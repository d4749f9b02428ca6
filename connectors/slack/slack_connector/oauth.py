"""Slack's OAuth endpoints and the scopes that a search needs.

These are the scopes of the Real-time Search API. For an app that searches with search.messages
instead, register the one scope `search:read` in their place; the endpoints are the same.
"""

from connector_sdk import OAuth

PUBLIC = "search:read.public"
PRIVATE = "search:read.private"
GROUP = "search:read.mpim"
DIRECT = "search:read.im"
FILES = "search:read.files"
CLASSIC = "search:read"

# https://docs.slack.dev/reference/methods/oauth.v2.user.access: the pair for users only. The better
# known oauth/v2/authorize nests the user's token in its answer, where a standard client finds the
# bot's or none. The two belong together.
OAUTH = OAuth(
    authorization_endpoint="https://slack.com/oauth/v2_user/authorize",
    token_endpoint="https://slack.com/api/oauth.v2.user.access",  # noqa: S106 - an address
    scopes=(PUBLIC, PRIVATE, GROUP, DIRECT, FILES),
    scope_separator=",",
    console="https://api.slack.com/apps",
)
