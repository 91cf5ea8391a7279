import BalanceAPI
import Chain
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Ledger
import Postgres
import SwiftProtobuf
import TestSupport
import Testing

@testable import BalanceService

/// A bank with the cash accounts 1 (USD) and 2 (EUR), the account 90 in EUR, and so many customers from
/// 100 on in USD. The ledger's invariants hold when `body` has returned.
func withPostingBank<Result>(
    customers: Int, limit: Int64 = 0, _ body: (_ url: String) async throws -> Result
) async throws -> Result {
    try await TestPostgres.withFreshDatabase("posting") { url in
        try await migrate(url)
        try await TestPostgres.psql(url, LedgerSQL.bank(customers: customers, limit: limit))
        let result = try await body(url)
        #expect(try await brokenInvariants(url) == [])
        return result
    }
}

/// Runs `body` while somebody has accounts locked.
func whileLocked(
    _ accounts: [Int64], in url: String, _ body: nonisolated(nonsending) () async throws -> Void
) async throws {
    try await withConnection(url) { connection in
        _ = try await connection.query("BEGIN")
        _ = try await connection.query(
            "SELECT FROM teller.accounts WHERE id = ANY (\(accounts)) FOR UPDATE")
        try await body()
        _ = try await connection.query("ROLLBACK")
    }
}

func number(_ number: Int64, bank: String = "DEMO") throws -> AccountNumber {
    try AccountNumber(bank: bank, number: number)
}

extension Identifier {
    static func random() -> Identifier {
        Identifier(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max))
    }
}

extension Money {
    static func usd(_ cents: Int64) -> Money { Money(minorUnits: cents, currency: .usd) }
}

extension TransferRequest {
    static func transfer(
        _ cents: Int64, from debit: Int64, to credit: Int64, id: Identifier = .random()
    ) throws -> TransferRequest {
        TransferRequest(
            id: id,
            action: .transfer(
                debit: try number(debit), credit: try number(credit), amount: .usd(cents)))
    }

    static func deposit(_ cents: Int64, to credit: Int64, id: Identifier = .random()) throws
        -> TransferRequest
    { TransferRequest(id: id, action: .deposit(credit: try number(credit), amount: .usd(cents))) }

    static func hold(
        _ cents: Int64, from debit: Int64, to credit: Int64, seconds: Int64 = 900,
        id: Identifier = .random()
    ) throws -> TransferRequest {
        TransferRequest(
            id: id,
            action: .hold(
                debit: try number(debit), credit: try number(credit), amount: .usd(cents),
                seconds: seconds))
    }
}

extension TransferOutcome {
    var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    var record: RecordedTransfer? { if case .done(let record) = self { record } else { nil } }
}

extension RunningService {
    typealias Failure = Teller_Balance_V1_GroupOutcome.Failure

    var ledger: Teller_Balance_V1_Ledger.Client<HTTP2ClientTransport.Posix> {
        .init(wrapping: client)
    }

    func submit(groups: [Teller_Balance_V1_TransferGroup], metadata: Metadata = [:]) async throws
        -> [Teller_Balance_V1_GroupOutcome]
    { try await ledger.submitTransfers(.with { $0.groups = groups }, metadata: metadata).groups }

    /// Submits linked requests; those that are not answered with outcomes throw.
    func submit(_ requests: TransferRequest...) async throws -> [TransferOutcome] {
        let group = Teller_Balance_V1_TransferGroup.with {
            $0.transfers = requests.map { .init($0) }
        }
        let outcome = try await submit(groups: [group])[0]
        guard outcome.failure == .unspecified else { throw GroupFailed(failure: outcome.failure) }
        return try outcome.outcomes.map { try $0.ledgerOutcome() }
    }

    /// Submits one request again and again, as a client does that gets no answer.
    func settle(_ request: TransferRequest) async throws -> TransferOutcome {
        let end = Deadline.after(.seconds(60))
        while true {
            do { return try await submit(request)[0] } catch is GroupFailed where !end.hasPassed {
            } catch let error as RPCError where error.code != .internalError && !end.hasPassed {}
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

struct GroupFailed: Error, Equatable { let failure: RunningService.Failure }
