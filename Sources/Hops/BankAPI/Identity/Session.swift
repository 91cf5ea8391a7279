public import Ledger

/// What a person may do. A later bank may have others.
public struct Rights: RawRepresentable, Sendable, Hashable, Codable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// What is about her own accounts.
    public static let customer = Self(rawValue: "customer")
    /// The bank's work.
    public static let `operator` = Self(rawValue: "operator")
}

/// The time from a login to its end.
public struct Session: Sendable, Hashable, Codable {
    public var id: Identifier
    /// What it was opened with, as that called itself.
    public var client: ShortText?
    /// The address that it was opened from.
    public var source: String?
    public var openedAt: Timestamp
    public var lastUsedAt: Timestamp
    /// When it ends unless it is used before.
    public var idleAt: Timestamp
    /// When it ends in any case.
    public var expiresAt: Timestamp
    /// Whether it is the one of the request.
    public var isCurrent: Bool

    public init(
        id: Identifier, client: ShortText?, source: String?, openedAt: Timestamp,
        lastUsedAt: Timestamp, idleAt: Timestamp, expiresAt: Timestamp, isCurrent: Bool
    ) {
        self.id = id
        self.client = client
        self.source = source
        self.openedAt = openedAt
        self.lastUsedAt = lastUsedAt
        self.idleAt = idleAt
        self.expiresAt = expiresAt
        self.isCurrent = isCurrent
    }

    private enum CodingKeys: String, CodingKey {
        case id, client, source
        case openedAt = "opened_at"
        case lastUsedAt = "last_used_at"
        case idleAt = "idle_at"
        case expiresAt = "expires_at"
        case isCurrent = "is_current"
    }
}

/// The answer of `GET /v1/me`: who asks.
public struct Me: Sendable, Hashable, Codable {
    public var user: String
    public var rights: Rights
    public var session: Session

    public init(user: String, rights: Rights, session: Session) {
        self.user = user
        self.rights = rights
        self.session = session
    }
}

/// The answer of `GET /v1/sessions`: the caller's own, the newest first.
public struct Sessions: Sendable, Hashable, Codable {
    public var sessions: [Session]

    public init(sessions: [Session]) { self.sessions = sessions }
}

/// The answer of what ends sessions.
public struct EndedSessions: Sendable, Hashable, Codable {
    /// How many it ended.
    public var ended: Int

    public init(ended: Int) { self.ended = ended }
}
