import BalanceAPI
import Chain
import GRPCCore
import Ledger
import SwiftProtobuf
import Testing

@testable import BalanceService

struct QueryBatchTests {
    private func query(_ account: String, timeout: UInt64 = 0) -> Teller_Balance_V1_BalanceQuery {
        .with {
            $0.account = account
            $0.context.timeoutMicroseconds = timeout
            $0.context.caller = 1
        }
    }

    private static let callers = CallerSessions(sessions: [
        CallerSession(hash: "", asker: .tier)
    ])

    /// A call that came so long ago that a microsecond of it is over.
    private func call(_ metadata: Metadata = [:]) async throws -> ServedCall {
        let call = ServedCall(metadata, method: "GetBalances")
        try await Task.sleep(for: .milliseconds(1))
        return call
    }

    /// A member whose time is over is not asked for, and harms no other.
    @Test func leavesOutTheExpired() async throws {
        let batch = QueryBatch(
            [try query(account(17), timeout: 1), try query(account(18)), query("nonsense")],
            of: try await call(.timeout("250S")), Self.callers)
        #expect(batch.wantedIDs == [18])
        let codes = batch.outcomes([:]).map(\.refusal.code)
        #expect(codes == [.deadlineExceeded, .accountUnknown, .accountInvalid])
    }

    @Test func asksForNothingWhenAllHaveExpired() async throws {
        let batch = QueryBatch(
            [try query(account(17), timeout: 1), try query(account(18), timeout: 2)],
            of: try await call(), Self.callers)
        #expect(batch.wantedIDs.isEmpty)
        #expect(batch.outcomes([:]).allSatisfy { $0.refusal.code == .deadlineExceeded })
    }

    @Test func waitsForTheMostPatientMemberAndNoLongerThanTheCall() async throws {
        let call = try await call(.timeout("250S"))
        let members = try ([100_000_000, 200_000_000] as [UInt64]).map { timeout in
            try query(account(17), timeout: timeout)
        }
        let batch = QueryBatch(members, of: call, Self.callers)
        #expect(batch.deadline == Deadline(call.start + .seconds(200)))
        let years = [try query(account(17), timeout: .max)]
        #expect(QueryBatch(years, of: call, Self.callers).deadline == call.deadline)
    }
}
