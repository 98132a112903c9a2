"""`python -m sandbox.gost`: the GOST gateway as a process of its own.

Makes an authority, a certificate for the gateway and one for a client at every start, for this machine
only. Where the engine is missing it says so and ends well: everything but GOST works without it.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.gost.authority import Authority, NoEngineError, check_engine, write_conf
from sandbox.gost.gateway import Gateway, server_context


def main() -> int:
    """Serve until stopped."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="gost gateway: %(message)s")
    log = logging.getLogger("sandbox.gost")
    conf = write_conf(options.directory.resolve())
    try:
        check_engine(conf.parent)
    except NoEngineError as missing:
        log.info("not started. %s", missing)
        return _leave(options)
    if os.environ.get("OPENSSL_CONF") != str(conf):
        # OpenSSL reads its configuration once, before any line of ours: begin again with it in place.
        environment = os.environ | {"OPENSSL_CONF": str(conf)}
        os.execve(sys.executable, [sys.executable, "-m", "sandbox.gost", *sys.argv[1:]], environment)  # noqa: S606
    with _gateway(options) as gateway:
        log.info("https://%s:%d, trust %s", options.host, gateway.port, options.directory / "ca.pem")
        signal.signal(signal.SIGTERM, _stop)
        try:
            gateway.serve_forever()
        except KeyboardInterrupt:
            log.info("stopped")
    return 0


def _gateway(options: argparse.Namespace) -> Gateway:
    authority = Authority(options.directory)
    identity = authority.issue(
        "server", common_name="FinanceHub Bank", alternative_names="DNS:localhost,IP:127.0.0.1,IP:::1"
    )
    authority.issue("client", common_name="FinanceHub")
    clients_of = authority.certificate if options.require_client_certificate else None
    upstream = urlsplit(options.upstream)
    return Gateway(
        (options.host, options.port),
        context=server_context(identity, clients_of=clients_of),
        upstream=(upstream.hostname or "127.0.0.1", upstream.port or 80),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.gost", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--upstream", default="http://127.0.0.1:8001", help="the plain server behind")
    parser.add_argument("--directory", type=Path, default=Path("var/gost"), help="keys and certificates")
    parser.add_argument("--require-client-certificate", action="store_true")
    parser.add_argument(
        "--stay", action="store_true", help="without the engine, idle: some managers stop all when one ends"
    )
    return parser.parse_args()


def _leave(options: argparse.Namespace) -> int:
    if options.stay:
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
