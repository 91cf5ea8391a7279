-- For wrk: moves 1.00 between two random ones of the 10,000 accounts that `funds.sql` gives money to, each time as the
-- owner of the first, by the tokens in the file that TELLER_BENCH_TOKENS names; batches are an operator's.
-- Arguments after --: `uniform`, or `zipf` for a Zipf distribution with exponent 1; then, for batches, how many
-- transfers a request has: the rate is then that of transfers done, and answers 503 are told beside it; then
-- `patient` for callers that wait as long as Retry-After asks (others ask again at once).

local first, count = 1000001, 10000

local function account(number)
    -- D E M O as 13 14 22 24, ten digits, X B as 33 11, then 00: ISO 7064, mod 97-10.
    local remainder = (13142224 % 97 * 1e10 + number) % 97
    remainder = (remainder * 10000 + 3311) % 97 * 100 % 97
    return string.format("XB%02dDEMO%010d", 98 - remainder, number)
end

local threads = {}
local names, cumulative, isZipf, size = {}, {}, false, nil

function setup(thread)
    thread:set("seed", #threads)
    table.insert(threads, thread)
end

-- Batches are the load of a machine that has too much to do already, so they must cost little: what is in them
-- is written once, and each gets ids of its own.
local templates, templateCount = {}, 50
-- Of the customers, and at the end of the operator.
local headers = {}

function init(arguments)
    math.randomseed(os.time() * 1000 + seed)
    for line in io.lines(os.getenv("TELLER_BENCH_TOKENS")) do
        table.insert(headers, { ["Content-Type"] = "application/json", Authorization = "Bearer " .. line })
    end
    isZipf = arguments[1] == "zipf"
    size = tonumber(arguments[2])
    is_batch = size ~= nil
    -- Global, so that `done` can read them.
    transfers, refused = 0, 0
    local sum = 0
    for index = 1, count do
        names[index] = account(first + index - 1)
        sum = sum + 1 / index
        cumulative[index] = sum
    end
    if size then
        response = count_answer
        if arguments[3] == "patient" then delay = wait_as_told end
        for index = 1, templateCount do templates[index] = template() end
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

local function transfer(id)
    local debit, credit = pick(), pick()
    while credit == debit do credit = pick() end
    return (first + debit - 1) % 256 + 1, string.format(
        '{"amount":"1.00","credit_account":"%s","currency":"USD","debit_account":"%s","id":"%s","kind":"transfer"}',
        names[credit], names[debit], id)
end

-- The parts of a batch's body between which the first 33 characters of an id go, the same for all its transfers.
function template()
    local lines = {}
    for index = 1, size do _, lines[index] = transfer(string.format("|%03x", index)) end
    local parts = {}
    for part in ('{"atomic":false,"transfers":[' .. table.concat(lines, ",") .. "]}"):gmatch("[^|]+") do
        table.insert(parts, part)
    end
    return parts
end

function request()
    if not size then
        local owner, body = transfer(identifier())
        return wrk.format("POST", "/v1/transfers", headers[owner], body)
    end
    return wrk.format("POST", "/v1/transfers/batch", headers[257],
        table.concat(templates[math.random(templateCount)], identifier():sub(1, 33)))
end

-- How many connections are yet to wait, and for how long: wrk does not say which one it asks for.
local waiting, wait = 0, 0

function count_answer(status, answer_headers, body)
    if status == 503 then
        refused = refused + 1
        waiting, wait = waiting + 1, 1000 * (tonumber(answer_headers["retry-after"]) or 1)
    else
        transfers = transfers + select(2, body:gsub('{"transfer":', ""))
    end
end

function wait_as_told()
    if waiting == 0 then return 0 end
    waiting = waiting - 1
    return wait
end

function done(summary, latency)
    local completed, busy = summary.requests, 0
    if threads[1]:get("is_batch") then
        completed = 0
        for _, thread in ipairs(threads) do
            completed = completed + thread:get("transfers")
            busy = busy + thread:get("refused")
        end
    end
    io.write(string.format(
        "%.0f requests/s, p50 %.2f ms, p99 %.2f ms, errors %d, busy %d\n",
        completed / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        summary.errors.connect + summary.errors.read + summary.errors.write
            + summary.errors.status + summary.errors.timeout - busy, busy))
end
