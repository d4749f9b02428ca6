"""`python -m connector_gateway` is `gateway`."""

from .cli import main

raise SystemExit(main())
