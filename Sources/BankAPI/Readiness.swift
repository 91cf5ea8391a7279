/// The answer of `GET /readyz`, with status 200 when the server is ready and else 503.
public struct Readiness: Sendable, Hashable, Codable {
    /// One of the balance services that the server is to use.
    public struct BalanceService: Sendable, Hashable, Codable {
        /// `host:port`.
        public var address: String
        /// `ready`, or why not.
        public var status: String

        public init(address: String, status: String) {
            self.address = address
            self.status = status
        }
    }

    /// `ready`, `not ready` or `draining`.
    public var status: String
    public var balanceServices: [BalanceService]

    public init(status: String, balanceServices: [BalanceService]) {
        self.status = status
        self.balanceServices = balanceServices
    }

    private enum CodingKeys: String, CodingKey {
        case status
        case balanceServices = "balance_services"
    }
}
