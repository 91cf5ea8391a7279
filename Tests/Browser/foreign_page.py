#!/usr/bin/python3
"""Has a page of another site try everything against a running bank, in a real browser.

Its site is at other ports, under the bank's own addresses and under the name evil.example. Once that name
is bound anew (DNS rebinding): the browser takes the bank for the page's own site, under the page's name.

usage: foreign_page.py BANK_PORT ACCOUNT PAYEE TOKEN_FILE attack|control

attack: ends with 1 when a page could read anything. What it may have changed is for the caller to see.
control: the same page is of the bank's own site; ends with 1 unless it reads a balance and moves money.
"""

import http.server
import json
import pathlib
import shutil
import socket
import sys
import threading
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

EVIL = "evil.example"
SCRIPT = pathlib.Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
# One try that gets no answer of any kind, in milliseconds; and all tries of one page, in seconds.
WAIT_MS = 2000
PAGE_SECONDS = 60
# What tells nothing, and is answered under any name.
HARMLESS = {"/readyz", "/healthz"}


class Site(http.server.BaseHTTPRequestHandler):
    """The foreign site: the same page wherever it is asked."""

    def do_GET(self) -> None:
        body = f"<!doctype html><title>foreign</title><body><script>{SCRIPT}</script>".encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def detour(self) -> None:
        """Sends the browser on to where its page says, with the same method and body."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(307)
        self.send_header("location", parse_qs(urlsplit(self.path).query)["to"][0])
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_PUT = do_DELETE = detour

    def log_message(self, *_: object) -> None:
        pass


class Binding:
    """An address that is bound to one server, and then to another one, as a name is by its owner's DNS."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.target))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def missing(what: str) -> NoReturn:
    sys.exit(
        f"foreign_page: {what} is missing; on Debian: "
        "apt-get install chromium chromium-driver python3-selenium"
    )


def installed(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    missing(names[0])


def browser():
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        missing("selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = installed("chromium", "chromium-browser", "google-chrome")
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server",
        "--disable-background-networking", "--no-first-run", "--disable-popup-blocking",
        f"--host-resolver-rules=MAP {EVIL} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE localhost,EXCLUDE 127.0.0.1",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(service=Service(installed("chromedriver")), options=options)
    driver.set_script_timeout(PAGE_SECONDS)
    return driver


def tries(driver, origin: str, bank: str, arguments: dict, bind=lambda: None) -> list:
    """Opens the foreign page, and has it try everything."""
    driver.get(f"{origin}/page")
    bind()
    result = driver.execute_async_script(
        "const done = arguments[1];"
        "attack(arguments[0]).then(done, (error) => done({ error: String(error) }));",
        {**arguments, "bank": bank, "wait": WAIT_MS},
    )
    if "error" in result:
        sys.exit(f"foreign_page: the page itself failed: {result['error']}")
    print(f"{origin} at {bank}: {result['tries']} tries, {len(result['readable'])} answers read")
    return result["readable"]


def navigate(driver, origin: str, bank: str, account: str) -> list:
    """A navigation replaces the page; what it left behind reads nothing of the new one."""
    driver.get(f"{origin}/page")
    return driver.execute_async_script(
        """
        const [url, done] = arguments;
        const opened = window.open(url);
        setTimeout(() => {
            try { done([opened.document.body.innerText].filter(Boolean)); } catch { done([]); }
        }, 500);
        """,
        f"{bank}/v1/accounts/{account}/balance",
    )


def is_harmless(seen: dict) -> bool:
    return seen["path"] in HARMLESS or (seen["status"] == 421 and "host_not_allowed" in seen["text"])


def attack(driver, site: int, bank: int, arguments: dict) -> list:
    seen = []
    for name in ("127.0.0.1", "localhost", EVIL):
        own = "localhost" if name == "localhost" else "127.0.0.1"
        seen += tries(driver, f"http://{name}:{site}", f"http://{own}:{bank}", arguments)
        seen += navigate(driver, f"http://{name}:{site}", f"http://{own}:{bank}", arguments["account"])
    rebound = Binding(site)
    origin = f"http://{EVIL}:{rebound.port}"
    answers = tries(driver, origin, origin, arguments, lambda: setattr(rebound, "target", bank))
    # It may read that it was refused, which shows that it reached the bank.
    if not any(answer["status"] == 421 for answer in answers):
        sys.exit("foreign_page: the rebound page did not reach the bank")
    return seen + [answer for answer in answers if not is_harmless(answer)]


def control(driver, site: int, bank: int, arguments: dict) -> bool:
    binding = Binding(site)
    origin = f"http://localhost:{binding.port}"
    answers = tries(driver, origin, origin, arguments, lambda: setattr(binding, "target", bank))
    done = {answer["path"] for answer in answers if answer["status"] == 200}
    print(f"the bank's own page did: {sorted(done)}")
    return {f"/v1/accounts/{arguments['account']}/balance", "/v1/transfers"} <= done


def main() -> int:
    port, account, payee, token_file, what = sys.argv[1:]
    arguments = {
        "account": account, "payee": payee, "endsSessions": what == "attack",
        "token": pathlib.Path(token_file).read_text(encoding="utf-8").strip(),
    }
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    driver = browser()
    try:
        if what == "control":
            return 0 if control(driver, site.server_port, int(port), arguments) else 1
        seen = attack(driver, site.server_port, int(port), arguments)
        print(json.dumps(seen, indent=1))
        return 1 if seen else 0
    finally:
        driver.quit()


if __name__ == "__main__":
    sys.exit(main())
