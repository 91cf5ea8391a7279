import Chain

/// A call of hop 2 that carries what several callers ask.
protocol BatchedCall: Sendable {
    associatedtype Member: Sendable
    associatedtype Outcome: Sendable
    typealias Ticket = Batcher<Member, Outcome>.Ticket

    /// The rpc's name, for the log.
    static var name: String { get }

    /// Whether the worker itself puts back what a failed call left open; else its callers decide.
    static var isPutBack: Bool { get }

    init(_ batch: [Ticket])

    /// Sends the call once.
    ///
    /// - Returns: An outcome for each ticket, in order.
    func send(through connection: any BalanceServiceConnection) async throws -> [Outcome]

    /// Called just before a member is sent.
    ///
    /// - Returns: false when its caller has left, and relies on it that nothing is sent.
    static func claim(_ member: Member) -> Bool

    /// Whether members of a call that failed so may be tried again, as far as the budget allows.
    static func isRepeatable(after error: any Error) -> Bool

    /// What the members of a failed call fail with.
    ///
    /// - Parameter mayRepeat: Whether the budget allows another attempt.
    static func failure(_ error: any Error, mayRepeat: Bool) -> any Error
}
