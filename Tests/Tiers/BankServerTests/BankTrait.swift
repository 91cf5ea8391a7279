import Chain
import TestSupport
import Testing

@testable import BankServer

/// For the test that it is on: a bank-server, and in place of its balance services fakes of one
/// ledger. They are ``bank`` and ``fakes`` while it runs.
struct BankTrait: TestTrait, TestScoping {
    var services: Int
    /// Whether the last service is at the end of a ``wire``.
    var isWired: Bool
    var configure: @Sendable (inout AppConfiguration) -> Void

    fileprivate struct Parts: Sendable {
        var bank: TestBank
        var fakes: [FakeBalances]
        var wire: Wire?
    }

    @TaskLocal fileprivate static var parts: Parts?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let ledger = FakeLedger()
        let fakes = (0..<services).map { _ in FakeBalances(ledger: ledger) }
        try await FakeBalances.serve(fakes[...]) { addresses in
            guard isWired, let last = addresses.last else {
                // A port where nobody listens, when there are to be none.
                let nobody = HostAndPort(host: "127.0.0.1", port: 1)
                return try await run(addresses.isEmpty ? [nobody] : addresses, fakes, nil, function)
            }
            try await Wire.run(to: last) { wire in
                try await run(addresses.dropLast() + [wire.address], fakes, wire, function)
            }
        }
    }

    private func run(
        _ addresses: [HostAndPort], _ fakes: [FakeBalances], _ wire: Wire?,
        _ function: @Sendable () async throws -> Void
    ) async throws {
        try await TestBank.run(addresses, ready: services > 0, configure: configure) { bank in
            defer { for fake in fakes { fake.release() } }
            let parts = Parts(bank: bank, fakes: fakes, wire: wire)
            try await Self.$parts.withValue(parts) { try await function() }
        }
    }

    fileprivate static var running: Parts {
        guard let parts else { preconditionFailure("the test has no .bank") }
        return parts
    }
}

extension Trait where Self == BankTrait {
    static var bank: BankTrait { .bank() }

    static func bank(
        services: Int = 1, wired: Bool = false,
        _ configure: @escaping @Sendable (inout AppConfiguration) -> Void = { _ in }
    ) -> BankTrait {
        BankTrait(services: services, isWired: wired, configure: configure)
    }
}

/// What the running test's ``BankTrait`` has started.
var bank: TestBank { BankTrait.running.bank }

var fakes: [FakeBalances] { BankTrait.running.fakes }

/// The first, or the only one.
var fake: FakeBalances { fakes[0] }

var wire: Wire {
    guard let wire = BankTrait.running.wire else { preconditionFailure("the test has no wire") }
    return wire
}
