-- For wrk: moves 1.00 between two random ones of the 10,000 accounts that `funds.sql` gives money to.
-- Arguments after --: `uniform`, or `zipf` for a Zipf distribution with exponent 1.

local first, count = 1000001, 10000

local function account(number)
    -- D E M O as 13 14 22 24, ten digits, X B as 33 11, then 00: ISO 7064, mod 97-10.
    local remainder = (13142224 % 97 * 1e10 + number) % 97
    remainder = (remainder * 10000 + 3311) % 97 * 100 % 97
    return string.format("XB%02dDEMO%010d", 98 - remainder, number)
end

local threads = 0
local names, cumulative, isZipf = {}, {}, false

function setup(thread)
    thread:set("seed", threads)
    threads = threads + 1
end

function init(arguments)
    math.randomseed(os.time() * 1000 + seed)
    isZipf = arguments[1] == "zipf"
    local sum = 0
    for index = 1, count do
        names[index] = account(first + index - 1)
        sum = sum + 1 / index
        cumulative[index] = sum
    end
end

local function pick()
    if not isZipf then return math.random(count) end
    local wanted, low, high = math.random() * cumulative[count], 1, count
    while low < high do
        local middle = math.floor((low + high) / 2)
        if cumulative[middle] < wanted then low = middle + 1 else high = middle end
    end
    return low
end

-- A UUID of version 7: seconds, since wrk's Lua has no finer clock, and 74 random bits.
local function identifier()
    local time = string.format("%012x", os.time() * 1000)
    return string.format("%s-%s-7%03x-%04x-%06x%06x", time:sub(1, 8), time:sub(9),
        math.random(0, 0xfff), math.random(0x8000, 0xbfff), math.random(0, 0xffffff),
        math.random(0, 0xffffff))
end

local headers = { ["Content-Type"] = "application/json" }

function request()
    local debit, credit = pick(), pick()
    while credit == debit do credit = pick() end
    return wrk.format("POST", "/v1/transfers", headers, string.format(
        '{"amount":"1.00","credit_account":"%s","currency":"USD","debit_account":"%s","id":"%s","kind":"transfer"}',
        names[credit], names[debit], identifier()))
end

function done(summary, latency)
    io.write(string.format(
        "%.0f requests/s, p50 %.2f ms, p99 %.2f ms, errors %d\n",
        summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.connect + summary.errors.read + summary.errors.write
            + summary.errors.status + summary.errors.timeout))
end
