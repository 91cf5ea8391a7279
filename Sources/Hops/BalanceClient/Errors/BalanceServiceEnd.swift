/// Why and how a session with a balance service ended.
struct BalanceServiceEnd: Error {
    var condition: BalanceServiceCondition
    var wasReady = false
    /// For the log.
    var reason: String
    /// Whether what is on its way will not be answered. Calls of a lost connection fail by themselves.
    var isHung = false

    static let demoPeople = BalanceServiceEnd(
        condition: .demoPeople,
        reason: "others reach this server by plain HTTP, and demo people still have the passwords "
            + "that balance-service user demo gave them: change these (teller passwd) or disable them "
            + "(teller user disable) through a bank-server on loopback, or use --tls-certificate")
}
