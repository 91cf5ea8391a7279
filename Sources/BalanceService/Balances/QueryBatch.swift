import BalanceAPI
import Chain
import Ledger
import SwiftProtobuf

/// The queries of one call, read: which accounts to ask the database for, and what to answer.
struct QueryBatch: Sendable {
    private enum Query {
        case wanted(AccountNumber)
        case refused(Teller_Balance_V1_Refusal)
    }

    private var queries: [Query] = []
    /// The ten digits of every well-formed number whose caller still waits.
    private(set) var wantedIDs: [Int64] = []
    /// When the last of the callers stops waiting; never later than the call itself.
    private(set) var deadline: Deadline

    init(_ queries: [Teller_Balance_V1_BalanceQuery], of call: CallContext) {
        deadline = call.deadline
        self.queries.reserveCapacity(queries.count)
        wantedIDs.reserveCapacity(queries.count)
        var latest: Deadline?
        for query in queries {
            let memberDeadline = query.deadline(in: call)
            do {
                let number = try AccountNumber(query.account)
                if memberDeadline.hasPassed {
                    self.queries.append(.refused(.deadlineExceeded))
                } else {
                    self.queries.append(.wanted(number))
                    wantedIDs.append(number.number)
                    latest = max(latest ?? memberDeadline, memberDeadline)
                }
            } catch {
                self.queries.append(.refused(.invalid(error)))
            }
        }
        if let latest { deadline = latest }
    }

    /// An outcome for each query, in their order.
    func outcomes(_ accounts: [Int64: AccountRow]) -> [Teller_Balance_V1_BalanceOutcome] {
        queries.map { query in
            var outcome = Teller_Balance_V1_BalanceOutcome()
            switch query {
            case .refused(let refusal): outcome.refusal = refusal
            case .wanted(let number):
                // A number of another bank with the same ten digits is not this account.
                if let row = accounts[number.number], row.bank == number.bank {
                    outcome.account = Teller_Balance_V1_Account(row, number: number.compact)
                } else {
                    outcome.refusal = .unknown(number)
                }
            }
            return outcome
        }
    }
}

extension Teller_Balance_V1_BalanceQuery {
    /// The member's own deadline, never later than the call's.
    fileprivate func deadline(in call: CallContext) -> Deadline {
        guard timeoutMicroseconds > 0 else { return call.deadline }
        let timeout = Duration.microseconds(Int64(clamping: timeoutMicroseconds))
        let own = Deadline(call.start.advanced(by: min(timeout, Deadline.longest)))
        return call.ownDeadline.map { min($0, own) } ?? own
    }
}

extension Teller_Balance_V1_Refusal {
    fileprivate static let deadlineExceeded = Self.with {
        $0.code = .deadlineExceeded
        $0.message = "the caller's time ran out before the database was asked"
    }

    fileprivate static func invalid(_ error: AccountNumberError) -> Self {
        .with {
            $0.code = .accountInvalid
            $0.message = error.description
        }
    }

    fileprivate static func unknown(_ number: AccountNumber) -> Self {
        .with {
            $0.code = .accountUnknown
            $0.message = "this bank has no account \(number.grouped)"
        }
    }
}
