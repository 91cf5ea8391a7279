/// The answer of `GET /readyz`, with status 200 when the server is ready and else 503.
public struct Readiness: Sendable, Hashable, Codable {
    /// One of the balance services that the server is to use.
    public struct BalanceService: Sendable, Hashable, Codable {
        /// Its place among them, such as `balance-service 1`: its address is for the log.
        public var name: String
        /// `ready`, or why not.
        public var status: String

        public init(name: String, status: String) {
            self.name = name
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
