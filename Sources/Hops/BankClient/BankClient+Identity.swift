public import BankAPI
import Bytes
public import Ledger
import NIOHTTP1

// Who asks. All but the login need the ``token`` of a session.
extension BankClient {
    public func logIn(_ logIn: LogIn) async throws(BankClientError) -> OpenedSession {
        let opened = try await query(BankRoute.sessions, logIn, as: OpenedSession.self).value
        guard opened.me.user == logIn.user else { throw notABank("it is about another user") }
        return opened
    }

    public func me() async throws(BankClientError) -> Me {
        try await get(BankRoute.me, as: Me.self).value
    }

    public func sessions() async throws(BankClientError) -> [Session] {
        try await get(BankRoute.sessions, as: Sessions.self).value.sessions
    }

    /// Which sessions of the caller to end.
    public enum EndedSession: Sendable, Hashable {
        /// The one of the ``BankClient/token``.
        case current
        case one(Identifier)
        case all
    }

    /// - Returns: how many ended.
    public func end(_ session: EndedSession) async throws(BankClientError) -> Int {
        let path =
            switch session {
            case .current: BankRoute.currentSession
            case .one(let id): BankRoute.session(id)
            case .all: BankRoute.sessions
            }
        return try await read(Call(method: .DELETE, path: path), as: EndedSessions.self)
            .value.ended
    }

    /// - Returns: how many other sessions of hers ended with it.
    public func change(_ password: ChangePassword) async throws(BankClientError) -> Int {
        let call = Call(method: .PUT, path: BankRoute.password, body: try Self.json(password))
        return try await read(call, as: EndedSessions.self).value.ended
    }

    /// Adds a user, who gets a random password.
    public func add(_ user: AddUser) async throws(BankClientError) -> NewPassword {
        try await newPassword(of: user.user, BankRoute.users, user)
    }

    /// Gives a user a new random password, and ends her sessions.
    public func reset(_ user: String) async throws(BankClientError) -> NewPassword {
        try await newPassword(of: user, BankRoute.reset(user), UserAct())
    }

    /// Keeps a user from signing in.
    ///
    /// - Returns: how many of her sessions ended.
    public func disable(_ user: String) async throws(BankClientError) -> Int {
        try await query(BankRoute.disable(user), UserAct(), as: EndedSessions.self).value.ended
    }

    /// Reads one page of what happened to people and sessions, the newest first. An operator's.
    ///
    /// - Parameters:
    ///   - pageSize: the most events of the page, from 1 to ``BankRoute/largestPageSize``.
    ///   - pageToken: what the page before came with; `nil` for the newest page.
    public func securityLog(
        pageSize: Int, pageToken: String?
    ) async throws(BankClientError) -> SecurityLogPage {
        typealias Query = BankRoute.SecurityLogQuery
        var path = "\(BankRoute.securityLog)?\(Query.pageSize)=\(pageSize)"
        if let pageToken { path += "&\(Query.pageToken)=\(pageToken.percentEncoded)" }
        return try await get(path, as: SecurityLogPage.self).value
    }

    private func newPassword(
        of user: String, _ path: String, _ body: some Encodable
    ) async throws(BankClientError) -> NewPassword {
        let answer = try await query(path, body, as: NewPassword.self).value
        guard answer.user == user else { throw notABank("it is about another user") }
        return answer
    }
}
