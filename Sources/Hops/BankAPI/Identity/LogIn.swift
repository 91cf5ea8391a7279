public import Chain
public import Ledger

/// The body of `POST /v1/sessions`, which opens a session.
public struct LogIn: Sendable, Hashable, Encodable {
    public var user: String
    public var password: Secret
    /// What asks, such as `teller 0.1.0`: for the person's list of sessions.
    public var client: ShortText?

    public init(user: String, password: Secret, client: ShortText?) {
        self.user = user
        self.password = password
        self.client = client
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["user", "password", "client"])
        user = try object.required("user", object.string)
        password = try object.required("password", object.password)
        client = try object.shortText("client")
    }
}

/// The answer of `POST /v1/sessions`.
public struct OpenedSession: Sendable, Hashable, Codable {
    /// It is told this once: the bank keeps only its hash.
    public var token: SessionToken
    public var me: Me

    public init(token: SessionToken, me: Me) {
        self.token = token
        self.me = me
    }
}

/// The body of `PUT /v1/me/password`, which ends the caller's other sessions.
public struct ChangePassword: Sendable, Hashable, Encodable {
    public var oldPassword: Secret
    public var newPassword: Secret

    public init(oldPassword: Secret, newPassword: Secret) {
        self.oldPassword = oldPassword
        self.newPassword = newPassword
    }

    private enum CodingKeys: String, CodingKey {
        case oldPassword = "old_password"
        case newPassword = "new_password"
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["old_password", "new_password"])
        oldPassword = try object.required("old_password", object.password)
        newPassword = try object.required("new_password", object.password)
    }
}

extension JSONObject {
    /// More than anybody types: what is checked takes time by its length.
    private static let longestPassword = 1024

    /// Exactly as it was typed.
    fileprivate func password(_ name: String) throws(Problem) -> Secret? {
        guard let text = try string(name) else { return nil }
        guard text.utf8.count <= Self.longestPassword else {
            throw problem(name, "a password has at most \(Self.longestPassword) bytes")
        }
        return Secret(text)
    }
}

extension Secret: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension SessionToken: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let token = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a token")
        }
        self = token
    }

    public func encode(to encoder: any Encoder) throws { try secret.encode(to: encoder) }
}
