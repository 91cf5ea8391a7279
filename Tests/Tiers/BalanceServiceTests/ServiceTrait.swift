import TestSupport
import Testing

@testable import BalanceService

/// For the test that it is on: a service on a database of its own. It is ``service`` while it runs.
struct ServiceTrait: TestTrait, TestScoping {
    typealias Body = @Sendable (RunningService) async throws -> Void

    fileprivate let start: @Sendable (Body) async throws -> Void
    @TaskLocal fileprivate static var running: RunningService?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await start { service in
            try await Self.$running.withValue(service) { try await function() }
        }
    }
}

extension Trait where Self == ServiceTrait {
    /// With the demo data.
    static var bankService: ServiceTrait { .bankService() }

    static func bankService(connections: Int = 4) -> ServiceTrait {
        ServiceTrait { body in try await withBankService(connections: connections, body) }
    }

    /// With the demo data, within limits; its own connection is in the end the one that it was.
    static func limitedService(
        _ change: @escaping @Sendable (inout HopLimits) -> Void
    ) -> ServiceTrait {
        ServiceTrait { body in
            var limits = HopLimits()
            change(&limits)
            try await withBank { [limits] url in
                try await withService(url, limits: limits) { service async throws in
                    try await eventually { try await service.isServing() }
                    try await body(service)
                    #expect(try await service.balances(17).count == 1)
                }
            }
        }
    }

    /// With accounts to post to: see ``withPostingBank``.
    static func postingService(customers: Int, limit: Int64 = 0) -> ServiceTrait {
        ServiceTrait { body in
            try await withPostingBank(customers: customers, limit: limit) { url in
                try await withService(url, body)
            }
        }
    }
}

/// What the running test's ``ServiceTrait`` has started.
var service: RunningService {
    guard let service = ServiceTrait.running else { preconditionFailure("the test has no service") }
    return service
}
