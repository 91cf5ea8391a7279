public import BankAPI
import Bytes
public import Chain
public import Ledger
import NIOHTTP1

/// A value that the bank answered with, and what it took.
public struct Answer<Value: Sendable>: Sendable {
    public var value: Value
    /// What the tiers say that they spent; empty when the trace was not sampled.
    public var timing: ServerTiming
    /// From the request's start to the end of its answer.
    public var took: Duration
    public var trace: TraceContext
}

/// Hop 1, typed: every call ends by one deadline.
public struct BankClient: Sendable {
    /// The most requests in flight, and the most connections.
    public static let mostAtOnce = 8
    /// The largest answer that is read, in bytes.
    public static let largestAnswer = 8 << 20

    public let address: BankAddress
    public let timeout: Duration
    private let userAgent: String
    /// Whether to ask the tiers for what they spent.
    public let isSampled: Bool

    /// What proves who asks. It goes to this client's address only: no redirect is followed.
    public var token: SessionToken?

    private(set) var deadline: Deadline
    private let transport: HTTPTransport
    let reader: AnswerReader

    /// The clock of the deadline starts here.
    ///
    /// - Parameters:
    ///   - authorities: whom to trust for https; nil: whom the system trusts.
    ///   - timeout: the time that there is for all that is asked, until ``restarted()``.
    ///   - userAgent: who asks, as RFC 9110 section 10.1.5 has it.
    ///   - isSampled: whether to ask the tiers for what they spent.
    public init(
        address: BankAddress, authorities: TrustedAuthorities? = nil, timeout: Duration,
        userAgent: String, isSampled: Bool = false
    ) {
        self.address = address
        self.timeout = timeout
        self.userAgent = userAgent
        self.isSampled = isSampled
        deadline = .after(timeout)
        transport = HTTPTransport(
            address: address, authorities: authorities, connectTimeout: timeout)
        reader = AnswerReader(address: address, timeout: timeout)
    }

    /// This client with its clock started again, over the same connections.
    public func restarted() -> BankClient {
        var client = self
        client.deadline = .after(timeout)
        return client
    }

    /// This client without who asks, for what anybody may.
    public var signedOut: BankClient {
        var client = self
        client.token = nil
        return client
    }

    /// Reads one page of the accounts.
    public func accounts(currency: Currency?, pageToken: String?) async throws(BankClientError)
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
    public func notABank(_ reason: String) -> BankClientError { reader.notABank(reason) }

    /// Reads what is at a path: asks once, and again as ``Retry`` allows.
    ///
    /// - Parameter path: with its query, percent-encoded.
    func get<Value: Decodable & Sendable>(
        _ path: String, as type: Value.Type, _ request: Retry.Request = .read
    ) async throws(BankClientError) -> Answer<Value> {
        try await read(Call(path: path), as: type, request)
    }

    /// Reads with a question that is JSON.
    func query<Value: Decodable & Sendable>(
        _ path: String, _ question: some Encodable, as type: Value.Type
    ) async throws(BankClientError) -> Answer<Value> {
        try await read(
            Call(method: .POST, path: path, body: try Self.json(question)), as: type, .read)
    }

    func read<Value: Decodable & Sendable>(
        _ call: Call, as type: Value.Type, _ request: Retry.Request = .read
    ) async throws(BankClientError) -> Answer<Value> {
        let trace = TraceContext.random(isSampled: isSampled)
        var retry = Retry(of: request)
        var conflict: RawAnswer?
        while true {
            let start = ContinuousClock.now
            let result = await ask(call, trace: trace.child())
                .mapError { BankClientError(transport: $0, address: address, timeout: timeout) }
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
        var headers = [
            ("accept", "application/json, application/problem+json"),
            ("user-agent", userAgent),
            (
                GRPCTimeout.headerName,
                GRPCTimeout(Self.tiersShare(of: deadline.remaining)).description
            ),
            (TraceContext.headerName, trace.description),
        ]
        if let token { headers.append(("authorization", token.authorization)) }
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

    static func json(_ value: some Encodable) throws(BankClientError) -> [UInt8] {
        do {
            return try BankJSON.encode(value)
        } catch {
            throw BankClientError(.unwritableRequest)
        }
    }

    private func wait(_ delay: Duration) async throws(BankClientError) {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw reader.error(.cancelled)
        }
    }
}
