import Ledger
import Logging
import Postgres
import TestSupport
import Testing

@testable import BalanceService

@Suite struct RefusedTriesTests {
    private func tries(_ limits: RefusedTries.Limits) throws -> RefusedTries {
        let pool = try PostgresPool(
            configuration: PostgresConfiguration(connectionString: "host=/nonexistent"), size: 1,
            logger: .silent)
        return RefusedTries(limits, trail: SecurityTrail(pool: pool, logger: .silent))
    }

    private func session(_ name: String, isOperator: Bool = false) throws -> CallerSession {
        CallerSession(
            hash: name, asker: .person(try #require(UserName(name)), isOperator: isOperator))
    }

    @Test func oneAtATimeAfterTheFirst() throws {
        let tries = try tries(.init(burst: 3, interval: .seconds(1), debt: 5))
        let (alice, otto) = (try session("alice"), try session("otto", isOperator: true))
        let people = [alice, otto].compactMap(\.asker.name)
        let start = ContinuousClock.now
        func waiting(_ seconds: Int) -> [String] {
            tries.exhausted(among: people, at: start + .seconds(seconds)).map(\.description)
        }
        for _ in 0..<3 {
            #expect(waiting(0) == [])
            for session in [alice, otto] { tries.note(session, Origin(), at: start) }
        }
        #expect(waiting(0) == ["alice"])
        #expect(waiting(1) == [])
        // Those of one batch are waited for, and only so long.
        for _ in 0..<100 { tries.note(alice, Origin(), at: start) }
        #expect(waiting(5) == ["alice"])
        #expect(waiting(6) == [])
        #expect(waiting(60) == [])
    }

    /// The trail has each that is free, and that there were more.
    @Test func recordsOnlySoMany() throws {
        let tries = try tries(.init(burst: 3, interval: .seconds(1), debt: 5))
        let (asker, bruno) = (try session("alice").asker, try session("bruno").asker)
        let start = ContinuousClock.now
        func kinds(_ asker: Asker?, isOfRights: Bool = true) -> [SecurityEvent.Kind?] {
            (0..<6).map { _ in
                tries.event(
                    by: asker, Origin(source: "192.0.2.1"), isOfRights: isOfRights, at: start)?.kind
            }
        }
        let refused = SecurityEvent.Kind.actRefused
        #expect(kinds(asker) == [refused, refused, refused, .triesExceeded, nil, nil])
        #expect(
            kinds(nil).prefix(4) == [
                .sessionRefused, .sessionRefused, .sessionRefused, .triesExceeded,
            ])
        #expect(
            kinds(bruno, isOfRights: false)
                == [nil, nil, nil, .triesExceeded, nil, nil])
    }

    @Test func remembersOnlySoMany() throws {
        let tries = try tries(.init(burst: 1, interval: .seconds(1), entries: 10))
        let start = ContinuousClock.now
        for number in 0..<100 {
            tries.note(try session("user-\(number)"), Origin(), at: start)
        }
        let people = try (0..<100).compactMap { try session("user-\($0)").asker.name }
        #expect(tries.exhausted(among: people, at: start).count <= 20)
    }
}
