"""Answers HTTP requests for the balance of an account from PostgreSQL."""

import argparse
import asyncio
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

QUERY = "SELECT name, currency, balance FROM teller.accounts WHERE id = $1"


class Balance(BaseModel):
    name: str
    currency: str
    minor_units: int


def make_app(database: str, pool_size: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI):
        async with asyncpg.create_pool(database, min_size=pool_size, max_size=pool_size) as pool:
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/balances/{account}")
    async def get_balance(account: int, timeout_ms: int = Header(default=5000)) -> Balance:
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                row = await app.state.pool.fetchrow(QUERY, account)
        except TimeoutError:
            raise HTTPException(504, "the deadline has passed")
        except (OSError, asyncpg.PostgresError):
            raise HTTPException(503, "the database did not answer")
        if row is None:
            raise HTTPException(404, "no such account")
        return Balance(name=row["name"], currency=row["currency"], minor_units=row["balance"])

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", default="127.0.0.1:50062")
    parser.add_argument("--database", default="postgres:///bank")
    parser.add_argument("--pool-size", type=int, default=8)
    arguments = parser.parse_args()
    host, port = arguments.listen.rsplit(":", 1)
    app = make_app(arguments.database, arguments.pool_size)
    uvicorn.run(
        app, host=host, port=int(port), loop="uvloop", http="httptools",
        log_level="warning", access_log=False,
    )
