public import Logging
internal import Synchronization

/// What a test waited for and did not get.
public struct TestFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// Waits until a condition holds.
/// - Parameter bound: only there so that a broken test ends.
/// - Throws: `TestFailure` when the condition never came true.
public func eventually(
    within bound: Duration = .seconds(90), file: StaticString = #fileID, line: Int = #line,
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + bound
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw TestFailure("\(file):\(line): never came true")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Tells the tasks of a test to come to their end.
public final class Flag: Sendable {
    private let value = Atomic(false)

    public init() {}

    public var isRaised: Bool { value.load(ordering: .acquiring) }

    public func raise() { value.store(true, ordering: .releasing) }
}

/// What the tasks of a test change together, each member by itself or many in a step.
@dynamicMemberLookup
public final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    public init(_ value: Value) { mutex = Mutex(value) }

    public var value: Value { mutex.withLock { $0 } }

    @discardableResult
    public func update<Result: Sendable>(
        _ body: (inout Value) throws -> Result
    ) rethrows -> Result {
        try mutex.withLock { try body(&$0) }
    }

    public subscript<Member: Sendable>(dynamicMember member: WritableKeyPath<Value, Member>)
        -> Member
    {
        get { mutex.withLock { $0[keyPath: member] } }
        set { mutex.withLock { $0[keyPath: member] = newValue } }
    }
}

extension Logger {
    /// Tests fail by what a caller sees, not by what is logged.
    public static let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
}
