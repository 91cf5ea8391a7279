public import Chain

/// The body of `POST /v1/users`, an operator's.
public struct AddUser: Sendable, Hashable, Encodable {
    /// 2 to 32 lower-case letters, digits, dots, hyphens and underscores, a letter first.
    public var user: String
    public var rights: Rights

    public init(user: String, rights: Rights) {
        self.user = user
        self.rights = rights
    }

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) {
        let object = try JSONObject(body)
        try object.allow(["user", "rights"])
        user = try object.required("user", object.string)
        rights = Rights(rawValue: try object.string("rights") ?? Rights.customer.rawValue)
        guard [.customer, .operator].contains(rights) else {
            throw object.problem("rights", "customer or operator is expected")
        }
    }
}

/// The body of `POST /v1/users/{user}/disable` and of `POST /v1/users/{user}/reset`: `{}`.
public struct UserAct: Sendable, Hashable, Encodable {
    public init() {}

    /// - Throws: What is wrong with the body.
    public init(body: [UInt8]) throws(Problem) { try JSONObject(body).allow([]) }
}

/// The answer of `POST /v1/users` and of `POST /v1/users/{user}/reset`.
public struct NewPassword: Sendable, Hashable, Codable {
    public var user: String
    public var rights: Rights
    /// A random one, told this once.
    public var password: Secret

    public init(user: String, rights: Rights, password: Secret) {
        self.user = user
        self.rights = rights
        self.password = password
    }
}
