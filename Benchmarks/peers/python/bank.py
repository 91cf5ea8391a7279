"""Answers HTTP requests for balances by asking balances.py over HTTP, one request each."""

import argparse
import re
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

ACCOUNT_FORM = re.compile(r"XB[0-9]{2}[A-Z]{4}[0-9]{10}")


class Balance(BaseModel):
    account: str
    name: str
    currency: str
    balance: str


def parse_account(text: str) -> tuple[str, int]:
    """Checks an account number in the form of an IBAN and gives its last ten digits."""
    account = text.replace(" ", "").upper()
    if not ACCOUNT_FORM.fullmatch(account):
        raise HTTPException(400, "not an account number")
    digits = "".join(str(int(character, 36)) for character in account[4:] + account[:4])
    if int(digits) % 97 != 1:
        raise HTTPException(400, "check digits do not match")
    return account, int(account[8:])


def decimal(minor_units: int, currency: str) -> str:
    """Writes minor units of a currency (ISO 4217) as a decimal number."""
    exponent = 0 if currency == "JPY" else 2
    return f"{Decimal(minor_units).scaleb(-exponent):f}"


def make_app(upstream: str, timeout: float) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI):
        # As many as the tier behind has to the database: faster than httpx's default of 100.
        limits = httpx.Limits(max_connections=8)
        async with httpx.AsyncClient(base_url=f"http://{upstream}", limits=limits) as client:
            app.state.client = client
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/v1/accounts/{account}/balance")
    async def get_balance(account: str) -> Balance:
        account, number = parse_account(account)
        headers = {"timeout-ms": str(int(timeout * 1000))}
        try:
            response = await app.state.client.get(
                f"/balances/{number}", headers=headers, timeout=timeout
            )
        except httpx.TimeoutException:
            raise HTTPException(504, "the deadline has passed")
        except httpx.TransportError:
            raise HTTPException(503, "the balances did not answer")
        if response.status_code != 200:
            raise HTTPException(response.status_code, response.json()["detail"])
        found = response.json()
        return Balance(
            account=account,
            name=found["name"],
            currency=found["currency"],
            balance=decimal(found["minor_units"], found["currency"]),
        )

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.0.1:8062")
    parser.add_argument("--upstream", default="127.0.0.1:50062")
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds")
    arguments = parser.parse_args()
    host, port = arguments.listen.rsplit(":", 1)
    app = make_app(arguments.upstream, arguments.timeout)
    uvicorn.run(
        app, host=host, port=int(port), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )
