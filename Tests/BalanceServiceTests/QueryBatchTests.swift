import BalanceAPI
import Chain
import SwiftProtobuf
import Testing

@testable import BalanceService

struct QueryBatchTests {
    private func query(_ account: String, timeout: UInt64 = 0) -> Teller_Balance_V1_BalanceQuery {
        .with {
            $0.account = account
            $0.timeoutMicroseconds = timeout
        }
    }

    /// A member whose time is over is not asked for, and harms no other.
    @Test func leavesOutTheExpired() throws {
        let batch = QueryBatch(
            [try query(account(17), timeout: 1000), try query(account(18)), query("nonsense")],
            receivedAt: .now - .seconds(1), deadline: .after(.seconds(5)))
        #expect(batch.wantedIDs == [18])
        let codes = batch.outcomes([:]).map(\.refusal.code)
        #expect(codes == [.deadlineExceeded, .accountUnknown, .accountInvalid])
    }

    @Test func asksForNothingWhenAllHaveExpired() throws {
        let batch = QueryBatch(
            [try query(account(17), timeout: 1), try query(account(18), timeout: 2)],
            receivedAt: .now - .seconds(1), deadline: .after(.seconds(5)))
        #expect(batch.wantedIDs.isEmpty)
        #expect(batch.outcomes([:]).allSatisfy { $0.refusal.code == .deadlineExceeded })
    }

    @Test func waitsForTheMostPatientMemberAndNoLongerThanTheCall() throws {
        let start = ContinuousClock.now
        let call = Deadline(start + .seconds(5))
        let members = [
            try query(account(17), timeout: 1_000_000), try query(account(18), timeout: 2_000_000),
        ]
        let batch = QueryBatch(members, receivedAt: start, deadline: call)
        #expect(batch.deadline == Deadline(start + .seconds(2)))
        let years = [try query(account(17), timeout: .max)]
        #expect(QueryBatch(years, receivedAt: start, deadline: call).deadline == call)
    }
}
