-- For wrk: asks for the balance of a random account among the 100,000 that `accounts.sql` adds, each time as its owner
-- where the file that TELLER_BENCH_TOKENS names has her token.

local first, count = 1000001, 100000

local function account(number)
    -- D E M O as 13 14 22 24, ten digits, X B as 33 11, then 00: ISO 7064, mod 97-10.
    local remainder = (13142224 % 97 * 1e10 + number) % 97
    remainder = (remainder * 10000 + 3311) % 97 * 100 % 97
    return string.format("XB%02dDEMO%010d", 98 - remainder, number)
end

local threads = 0
-- What follows on the path, for each caller: written once, as wrk and the chain share the machine.
local tails = {}

function setup(thread)
    thread:set("seed", threads)
    threads = threads + 1
end

function init()
    math.randomseed(os.time() + seed)
    local file = os.getenv("TELLER_BENCH_TOKENS")
    local function add(headers) table.insert(tails, (wrk.format("GET", "/", headers):gsub("^GET /", "", 1))) end
    if not file then return add() end
    for line in io.lines(file) do add({ Authorization = "Bearer " .. line }) end
end

function request()
    local number = first + math.random(0, count - 1)
    local tail = tails[number % 256 + 1] or tails[1]
    return "GET /v1/accounts/" .. account(number) .. "/balance" .. tail
end

function done(summary, latency)
    io.write(string.format(
        "%.0f requests/s, p50 %.2f ms, p99 %.2f ms, errors %d\n",
        summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.connect + summary.errors.read + summary.errors.write
            + summary.errors.status + summary.errors.timeout))
end
