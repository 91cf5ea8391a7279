/// Why and how a session with a balance service ended.
struct BalanceServiceEnd: Error {
    var condition: BalanceServiceCondition
    var wasReady = false
    /// For the log.
    var reason: String
    /// Whether what is on its way will not be answered. Calls of a lost connection fail by themselves.
    var isHung = false
}
