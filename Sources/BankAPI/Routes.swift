public import Ledger

/// Hop 1's paths and parameters, for both of its ends.
public enum BankRoute {
    public static let accounts = "/v1/accounts"
    public static let health = "/healthz"
    public static let readiness = "/readyz"
    public static let openAPI = "/openapi.yaml"

    public static func account(_ number: AccountNumber) -> String {
        "\(accounts)/\(number.compact)"
    }

    public static func balance(of number: AccountNumber) -> String {
        "\(account(number))/balance"
    }

    /// The query parameters of ``accounts``.
    public enum AccountsQuery {
        public static let pageSize = "page_size"
        public static let pageToken = "page_token"
        public static let currency = "currency"
    }

    /// The page size when none is asked for, and the largest one.
    public static let defaultPageSize = 50
    public static let largestPageSize = 500
}
