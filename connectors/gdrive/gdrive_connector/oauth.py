"""Google's OAuth endpoints and the one scope that a search needs."""

from connector_sdk import OAuth

SCOPE = "https://www.googleapis.com/auth/drive.readonly"

# https://developers.google.com/identity/protocols/oauth2/web-server: a refresh token comes only
# with offline access, and again only with a new consent.
OAUTH = OAuth(
    authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    scopes=(SCOPE,),
    extra_parameters={"access_type": "offline", "prompt": "consent"},
    console="https://console.cloud.google.com/apis/credentials",
)
