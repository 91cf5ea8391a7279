public import Ledger

/// Hop 1's paths and parameters, for both of its ends.
public enum BankRoute {
    public static let accounts = "/v1/accounts"
    public static let transfers = "/v1/transfers"
    public static let transferBatch = "/v1/transfers/batch"
    public static let transferLookup = "/v1/transfers/lookup"
    public static let bank = "/v1/bank"
    public static let audit = "/v1/audit"
    public static let sessions = "/v1/sessions"
    /// The session of the request itself.
    public static let currentSession = "\(sessions)/current"
    public static let me = "/v1/me"
    public static let password = "\(me)/password"
    public static let users = "/v1/users"
    public static let securityLog = "/v1/security-log"
    public static let health = "/healthz"
    public static let readiness = "/readyz"
    public static let openAPI = "/openapi.yaml"

    public static func account(_ number: AccountNumber) -> String {
        "\(accounts)/\(number.compact)"
    }

    public static func balance(of number: AccountNumber) -> String {
        "\(account(number))/balance"
    }

    public static func statement(of number: AccountNumber) -> String {
        "\(account(number))/statement"
    }

    public static func close(_ number: AccountNumber) -> String {
        "\(account(number))/close"
    }

    public static func transfer(_ id: Identifier) -> String {
        "\(transfers)/\(id)"
    }

    public static func session(_ id: Identifier) -> String {
        "\(sessions)/\(id)"
    }

    /// - Parameter user: A user's name, which has no character that a path would encode.
    public static func disable(_ user: String) -> String {
        "\(users)/\(user)/disable"
    }

    public static func reset(_ user: String) -> String {
        "\(users)/\(user)/reset"
    }

    /// The query parameters of ``balance(of:)``.
    public enum BalanceQuery {
        /// An older state is refused.
        public static let atLeastVersion = "at_least_version"
        /// A time of RFC 3339: the balance as it was.
        public static let at = "at"

        public static let all = [at, atLeastVersion]
    }

    /// The query parameters of ``statement(of:)``.
    public enum StatementQuery {
        /// Times of RFC 3339: from the first on, and before the second.
        public static let from = "from"
        public static let to = "to"
        public static let pageSize = "page_size"
        public static let pageToken = "page_token"

        public static let all = [from, to, pageSize, pageToken]
    }

    /// The query parameters of ``accounts``.
    public enum AccountsQuery {
        public static let pageSize = "page_size"
        public static let pageToken = "page_token"
        public static let currency = "currency"

        public static let all = [pageSize, pageToken, currency]
    }

    /// The query parameters of ``securityLog``.
    public enum SecurityLogQuery {
        public static let pageSize = "page_size"
        public static let pageToken = "page_token"

        public static let all = [pageSize, pageToken]
    }

    /// The page size when none is asked for, and the largest one.
    public static let defaultPageSize = 50
    public static let largestPageSize = 500
}
