import BankAPI
import Chain
import Ledger

/// A value that the bank answered with, and what it took.
struct Answer<Value: Sendable>: Sendable {
    var value: Value
    /// What the tiers say that they spent; empty when the trace was not sampled.
    var timing: ServerTiming
    /// From the request's start to the end of its answer.
    var took: Duration
    var trace: TraceContext
}

/// Hop 1, typed: every call ends by the command's deadline.
struct BankClient: Sendable {
    /// The most requests in flight, and the most connections.
    static let mostAtOnce = 8

    let address: BankAddress
    let timeout: Timeout
    /// Whether to ask the tiers for what they spent.
    let isSampled: Bool

    private(set) var deadline: Deadline
    private let transport: HTTPTransport
    let reader: AnswerReader

    /// The clock of the deadline starts here.
    init(address: BankAddress, timeout: Timeout, isSampled: Bool = false) {
        self.address = address
        self.timeout = timeout
        self.isSampled = isSampled
        deadline = .after(timeout.duration)
        transport = HTTPTransport(address: address, connectTimeout: timeout.duration)
        reader = AnswerReader(address: address, timeout: timeout)
    }

    /// This client with its clock started again, over the same connections.
    func restarted() -> BankClient {
        var client = self
        client.deadline = .after(timeout.duration)
        return client
    }

    /// Reads one page of the accounts.
    func accounts(currency: Currency?, pageToken: String?) async throws(TellerError)
        -> AccountsPage
    {
        var path = "\(BankRoute.accounts)?"
        path += "\(BankRoute.AccountsQuery.pageSize)=\(BankRoute.largestPageSize)"
        if let currency { path += "&\(BankRoute.AccountsQuery.currency)=\(currency.code)" }
        if let pageToken {
            path += "&\(BankRoute.AccountsQuery.pageToken)=\(pageToken.percentEncoded)"
        }
        return try await get(path, as: AccountsPage.self).value
    }

    /// An answer that no bank gives.
    func notABank(_ reason: String) -> TellerError { reader.notABank(reason) }

    /// Reads what is at a path: asks once, and again as `retry` allows.
    ///
    /// - Parameter path: with its query, percent-encoded.
    func get<Value: Decodable & Sendable>(
        _ path: String, as type: Value.Type, retry: ReadRetry = ReadRetry()
    ) async throws(TellerError) -> Answer<Value> {
        try await read(Call(path: path), as: type, retry)
    }

    /// Reads with a question that is JSON.
    func query<Value: Decodable & Sendable>(
        _ path: String, _ question: some Encodable, as type: Value.Type
    ) async throws(TellerError) -> Answer<Value> {
        try await read(Call(path: path, body: try Self.json(question)), as: type, ReadRetry())
    }

    private func read<Value: Decodable & Sendable>(
        _ call: Call, as type: Value.Type, _ retry: ReadRetry
    ) async throws(TellerError) -> Answer<Value> {
        let trace = TraceContext.random(isSampled: isSampled)
        var retry = retry
        var conflict: RawAnswer?
        while true {
            let start = ContinuousClock.now
            let result = await ask(call, trace: trace.child())
                .mapError { TellerError(transport: $0, address: address, timeout: timeout) }
            let took = start.duration(to: .now)
            if let delay = retry.delay(after: result, remaining: deadline.remaining) {
                conflict = try? result.get()
                try await wait(delay)
                continue
            }
            let answer = try retry.last(result, after: conflict).get()
            return Answer(
                value: try reader.value(answer, as: type),
                timing: ServerTiming(parsing: answer.serverTiming), took: took, trace: trace)
        }
    }

    /// Asks once.
    func ask(_ call: Call, trace: TraceContext) async -> Result<RawAnswer, any Error> {
        let headers = [
            ("accept", "application/json, application/problem+json"),
            ("user-agent", "teller/\(TellerCommand.version)"),
            (
                GRPCTimeout.headerName,
                GRPCTimeout(Self.tiersShare(of: deadline.remaining)).description
            ),
            (TraceContext.headerName, trace.description),
        ]
        do {
            return .success(try await transport.ask(call, headers: headers, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }

    /// The time that the tiers have: the rest is for their answer, which says where it was lost, to
    /// come before this client no longer waits.
    static func tiersShare(of remaining: Duration) -> Duration {
        remaining - min(remaining / 20, .milliseconds(500))
    }

    static func json(_ value: some Encodable) throws(TellerError) -> [UInt8] {
        do {
            return try BankJSON.encode(value)
        } catch {
            throw TellerError(.software, "the request cannot be written as JSON")
        }
    }

    private func wait(_ delay: Duration) async throws(TellerError) {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw TellerError(.interrupted, "interrupted", at: .hop1(address))
        }
    }
}

extension String {
    /// The text as a value in a query: all but the unreserved characters of RFC 3986 encoded.
    var percentEncoded: String {
        var result = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
