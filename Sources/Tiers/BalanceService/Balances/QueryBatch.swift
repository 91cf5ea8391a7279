import BalanceAPI
import Chain
import Ledger
import SwiftProtobuf

/// The queries of one call, read: which accounts to ask the database for, and what to answer.
struct QueryBatch: Sendable {
    private enum Query {
        case wanted(AccountNumber, atLeastVersion: Int64, Asker)
        case past(AccountNumber, PastAccount, atLeastVersion: Int64, Asker)
        case refused(Teller_Balance_V1_Refusal)
    }

    private var queries: [Query] = []
    /// The ten digits of every well-formed number whose caller still waits.
    private(set) var wantedIDs: [Int64] = []
    /// Those whose caller wants to know what was.
    private(set) var pastAccounts: [(account: PastAccount, asker: Asker)] = []
    /// When the last of the callers stops waiting; never later than the call itself.
    private(set) var deadline: Deadline

    init(
        _ queries: [Teller_Balance_V1_BalanceQuery], of call: ServedCall, _ callers: CallerSessions
    ) {
        deadline = call.deadline
        self.queries.reserveCapacity(queries.count)
        wantedIDs.reserveCapacity(queries.count)
        var latest: Deadline?
        for query in queries {
            let memberDeadline = call.deadline(ofMember: query.context.timeoutMicroseconds)
            do {
                let number = try AccountNumber(query.account)
                guard let session = callers[query.context.caller] else {
                    self.queries.append(.refused(.unauthenticated))
                    continue
                }
                if callers.mustWait(session) {
                    self.queries.append(.refused(.tooManyTries))
                } else if memberDeadline.hasPassed {
                    self.queries.append(.refused(.deadlineExceeded))
                } else {
                    add(query, for: number, session.asker)
                    latest = max(latest ?? memberDeadline, memberDeadline)
                }
            } catch {
                self.queries.append(.refused(.invalid(error)))
            }
        }
        if let latest { deadline = latest }
    }

    private mutating func add(
        _ query: Teller_Balance_V1_BalanceQuery, for number: AccountNumber, _ asker: Asker
    ) {
        let version = query.atLeastVersion
        guard query.hasAtMicroseconds else {
            queries.append(.wanted(number, atLeastVersion: version, asker))
            return wantedIDs.append(number.number)
        }
        let past = PastAccount(
            id: number.number, time: Timestamp(microseconds: query.atMicroseconds))
        queries.append(.past(number, past, atLeastVersion: version, asker))
        pastAccounts.append((past, asker))
    }

    /// An outcome for each query, in their order.
    func outcomes(
        _ accounts: [Int64: AccountRow], past: [PastAccount: AccountRow] = [:]
    ) -> [Teller_Balance_V1_BalanceOutcome] {
        queries.map { query in
            switch query {
            case .refused(let refusal): .with { $0.refusal = refusal }
            case .wanted(let number, let version, let asker):
                .init(accounts[number.number], number, atLeastVersion: version, for: asker)
            case .past(let number, let account, let version, let asker):
                .init(
                    past[account], number, atLeastVersion: version, for: asker,
                    openedBy: account.time)
            }
        }
    }
}

extension Teller_Balance_V1_BalanceOutcome {
    fileprivate init(
        _ row: AccountRow?, _ number: AccountNumber, atLeastVersion version: Int64,
        for asker: Asker, openedBy time: Timestamp? = nil
    ) {
        self.init()
        // A number of another bank with the same ten digits is not this account. And one that is not the
        // asker's does not exist for her.
        guard let row, row.bank == number.bank, asker.may(.readAccount, owner: row.owner) else {
            refusal = .unknown(number)
            return
        }
        if let time, row.openedAt > time {
            refusal = .notYetOpened(number)
        } else if row.version < version {
            refusal = .versionNotReached(number, row.version)
        } else {
            account = Teller_Balance_V1_Account(row, number: number.compact)
        }
    }
}

extension Teller_Balance_V1_Refusal {
    fileprivate static let deadlineExceeded = Self.with {
        $0.code = .deadlineExceeded
        $0.message = "the caller's time ran out before the database was asked"
    }

    fileprivate static let unauthenticated = Self.with {
        $0.code = .unauthenticated
        $0.message = "the caller has no session, or one that has ended"
    }

    fileprivate static let tooManyTries = Self.with {
        $0.code = .tooManyTries
        $0.message = "the caller has to wait"
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
    fileprivate static func notYetOpened(_ number: AccountNumber) -> Self {
        .with {
            $0.code = .accountUnknown
            $0.message = "the account \(number.grouped) was not open yet at that time"
        }
    }

    fileprivate static func versionNotReached(_ number: AccountNumber, _ version: Int64) -> Self {
        .with {
            $0.code = .versionNotReached
            $0.message = "the account \(number.grouped) is at version \(version)"
        }
    }
}
