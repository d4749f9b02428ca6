"""How many requests an API key may make, counted for all processes together."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from .database import now
from .errors import RateLimited
from .gateway import Gateway
from .models import RequestCount
from .users import Caller


def count(gateway: Gateway, caller: Caller) -> None:
    """Count a request.

    Raises:
        RateLimited: the key has had its requests for this minute.
    """
    allowed = gateway.settings.requests_per_minute
    if not allowed:
        return
    seconds = now()
    minute = int(seconds // 60)
    insert = sqlite.insert if gateway.database.is_sqlite else postgresql.insert
    statement = insert(RequestCount).values(key_digest=caller.key_digest, minute=minute, count=1)
    one_more = statement.on_conflict_do_update(
        index_elements=[RequestCount.key_digest, RequestCount.minute],
        set_={"count": RequestCount.count + 1},
    ).returning(RequestCount.count)
    with gateway.database.write() as session:
        made = session.scalars(one_more).one()
        if made == 1:
            session.execute(delete(RequestCount).where(RequestCount.minute < minute))
    if made > allowed:
        raise RateLimited(
            f"more than {allowed} requests in a minute with this API key "
            "(GATEWAY_REQUESTS_PER_MINUTE): wait as Retry-After says",
            retry_after=60 - seconds % 60,
        )
