import BankAPI
import Chain
import Ledger
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bank that knows one person, and otherwise answers balances to whoever asks.
final class FakeIdentity: Sendable {
    static let password = "correct horse, battery staple"

    private struct State {
        var password = FakeIdentity.password
        var ledger = Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | 7)
        var opened: UInt8 = 0
        var open: Set<UInt8> = []
    }

    private let state = Mutex(State())

    var password: String { state.withLock { $0.password } }
    /// How many sessions have not ended.
    var open: Int { state.withLock { $0.open.count } }

    func replaceLedger() {
        state.withLock { $0.ledger = Identifier(high: $0.ledger.high, low: $0.ledger.low + 1) }
    }

    /// A new one each time, by its number.
    static func token(_ number: UInt8) throws -> SessionToken {
        try #require(SessionToken(bytes: [UInt8](repeating: number, count: 32)))
    }

    /// Opens a session as a login does.
    func signIn() throws -> SessionToken {
        let number = state.withLock { state in
            state.opened += 1
            state.open.insert(state.opened)
            return state.opened
        }
        return try Self.token(number)
    }

    @Sendable func behave(_ request: FakeBank.Request) -> FakeBank.Reply {
        do {
            return try reply(request)
        } catch {
            return .problem("400 Bad Request", "request_invalid", tier: "bank-server")
        }
    }

    private func reply(_ request: FakeBank.Request) throws -> FakeBank.Reply {
        let body = Array(request.body.utf8)
        if request.path == BankRoute.bank {
            return try json(Bank(bank: "DEMO", ledger: state.withLock { $0.ledger }))
        }
        if (request.method, request.path) == ("POST", BankRoute.sessions) {
            let logIn = try LogIn(body: body)
            guard logIn.user == "alice", logIn.password.text == password else {
                return refused("The name or the password is wrong.")
            }
            let token = try signIn()
            return try json(OpenedSession(token: token, me: me(token.bytes[0])))
        }
        if request.path.hasSuffix("/balance") { return FakeBank.balances(request) }
        let token = request.headers["authorization"].flatMap(SessionToken.init(authorization:))
        guard let token, state.withLock({ $0.open.contains(token.bytes[0]) }) else {
            return refused("The session has ended.")
        }
        switch (request.method, request.path) {
        case ("GET", BankRoute.me): return try json(me(token.bytes[0]))
        case ("GET", BankRoute.sessions):
            let open = state.withLock { $0.open.sorted() }
            return try json(
                Sessions(sessions: open.map { session($0, isCurrent: $0 == token.bytes[0]) }))
        case ("DELETE", BankRoute.currentSession):
            state.withLock { _ = $0.open.remove(token.bytes[0]) }
            return try json(EndedSessions(ended: 1))
        case ("DELETE", BankRoute.sessions):
            let count = state.withLock { state in
                defer { state.open = [] }
                return state.open.count
            }
            return try json(EndedSessions(ended: count))
        case ("DELETE", _): return try json(EndedSessions(ended: 1))
        case ("PUT", BankRoute.password):
            let change = try ChangePassword(body: body)
            guard change.oldPassword.text == password else {
                return refused("The password is wrong.")
            }
            state.withLock { $0.password = change.newPassword.text }
            return try json(EndedSessions(ended: 2))
        case ("POST", BankRoute.users):
            let user = try AddUser(body: body)
            return try json(
                NewPassword(user: user.user, rights: user.rights, password: .init("xyzzy-plugh")))
        case ("GET", let path) where path.hasPrefix(BankRoute.securityLog):
            return try json(log(path))
        case ("POST", BankRoute.disable("bob")): return try json(EndedSessions(ended: 3))
        default: return .problem("403 Forbidden", "forbidden", tier: "balance-service")
        }
    }

    /// 700 events, the newest first: a page begins behind the one that its token names.
    private func log(_ path: String) throws -> SecurityLogPage {
        let query = path.split(separator: "?").last?.split(separator: "&") ?? []
        func value(_ name: String) -> Int64? {
            query.first { $0.hasPrefix("\(name)=") }.flatMap { Int64($0.dropFirst(name.count + 1)) }
        }
        let first = (value("page_token") ?? 701) - 1
        let last = max(1, first - (value("page_size") ?? 50) + 1)
        let events = stride(from: first, through: last, by: -1).map { number in
            SecurityLogPage.Event(
                number: number, at: Timestamp(microseconds: number * 1_000_000),
                event: "login_refused", user: "alice", by: nil, source: "192.0.2.7",
                traceID: "4bf92f3577b34da6a3ce929d0e0e4736")
        }
        return SecurityLogPage(events: events, nextPageToken: last == 1 ? nil : "\(last)")
    }

    private func refused(_ detail: String) -> FakeBank.Reply {
        .problem("401 Unauthorized", "unauthenticated", tier: "balance-service", detail: detail)
    }

    private func me(_ number: UInt8) -> Me {
        Me(user: "alice", rights: .customer, session: session(number, isCurrent: true))
    }

    private func session(_ number: UInt8, isCurrent: Bool) -> Session {
        let time = Timestamp(microseconds: 1_800_000_000_000_000)
        return Session(
            id: Identifier(high: 0x0197_0000_0000_7000, low: 1 << 63 | UInt64(number)),
            client: try? ShortText("teller"), source: "127.0.0.1", openedAt: time, lastUsedAt: time,
            idleAt: time.adding(seconds: 900), expiresAt: time.adding(seconds: 43_200),
            isCurrent: isCurrent)
    }

    private func json(_ value: some Encodable) throws -> FakeBank.Reply {
        .json(String(decoding: try BankJSON.encode(value), as: UTF8.self))
    }
}
