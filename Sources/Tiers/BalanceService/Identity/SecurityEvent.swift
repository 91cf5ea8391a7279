import BalanceAPI
import Bytes
import Ledger
import Logging
import Postgres

/// What is kept of who asked and what was done about people: in a table that is only added to, and in the log.
struct SecurityEvent: Sendable {
    enum Kind: String, Sendable {
        case login
        case loginRefused = "login_refused"
        case sessionsEnded = "sessions_ended"
        case passwordChanged = "password_changed"
        case passwordChangeRefused = "password_change_refused"
        case userAdded = "user_added"
        case userDisabled = "user_disabled"
        case userReset = "user_reset"
        /// What somebody asked for is not hers, or there is no such thing.
        case actRefused = "act_refused"
        /// Somebody asked without a session that counts.
        case sessionRefused = "session_refused"
        /// Too much of that: what follows is not recorded one by one.
        case triesExceeded = "tries_exceeded"
    }

    let kind: Kind
    /// Whom it is about; nil when that is nobody the bank knows.
    var user: String?
    /// Who did it, when it was somebody else.
    var by: String?
    var origin = Origin()

    var insertion: PostgresQuery { Self.insertion([self]) }

    static func insertion(_ events: [SecurityEvent]) -> PostgresQuery {
        """
        INSERT INTO identity.events (event, name, done_by, source, trace_id)
        SELECT * FROM unnest(\(events.map(\.kind.rawValue)), \(events.map(\.user)),
            \(events.map(\.by)), \(events.map(\.origin.source)), \(events.map(\.origin.traceID)))
        """
    }

    func log(_ logger: Logger) {
        var metadata: Logger.Metadata = ["event": "\(kind.rawValue)"]
        metadata["user"] = user.map { "\($0)" }
        metadata["by"] = by.map { "\($0)" }
        metadata["source"] = origin.source.map { "\($0)" }
        metadata["trace"] = origin.traceID.map { "\($0)" }
        logger.notice("security", metadata: metadata)
    }

    /// - Parameter number: Of the last event on the page before.
    static func page(before number: Int64, count: Int) -> PostgresQuery {
        """
        SELECT number, at, event, name, done_by, source, trace_id
        FROM identity.events WHERE number < \(number) ORDER BY number DESC LIMIT \(count)
        """
    }
}

/// Where a request came from, as the tier in front says; nothing of it is trusted to be well formed.
struct Origin: Sendable {
    var source: String?
    var traceID: String?
}

extension Origin {
    init(_ caller: Teller_Balance_V1_Caller) {
        let isPlain = caller.source.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        let isSource = (1...64).contains(caller.source.utf8.count) && isPlain
        source = isSource ? caller.source : nil
        let id = caller.traceID
        let isID = id.utf8.count == 32 && id.utf8.allSatisfy { $0.hexDigitValue != nil }
        traceID = isID ? id.lowercased() : nil
    }
}

extension Teller_Identity_V1_Event {
    init(_ row: PostgresRow) throws(PostgresDecodingError) {
        self.init()
        let (number, at, event, user, by, source, traceID) = try row.decode(
            (Int64, Timestamp, String, String?, String?, String?, String?).self)
        self.number = number
        self.atMicroseconds = at.microseconds
        self.event = event
        self.user = user ?? ""
        self.by = by ?? ""
        self.source = source ?? ""
        self.traceID = traceID ?? ""
    }
}
