import BalanceAPI
import BankAPI
import Ledger
import SwiftProtobuf

/// The ledger as a whole.
extension BankHandler {
    func bank(_ request: BankRequest) async throws(Problem) -> Answer {
        try await answer(
            Teller_Balance_V1_Ledger.Method.GetLedger.descriptor,
            Teller_Balance_V1_GetLedgerRequest(), request
        ) { (reply: Teller_Balance_V1_GetLedgerResponse) in
            Bank(bank: reply.bank, ledger: try Identifier(ledger: reply.ledger))
        }
    }

    func audit(_ request: BankRequest) async throws(Problem) -> Answer {
        try await answer(
            Teller_Balance_V1_Ledger.Method.RunAudit.descriptor,
            Teller_Balance_V1_RunAuditRequest.with { $0.caller = request.asker }, request
        ) { (reply: Teller_Balance_V1_RunAuditResponse) in
            AuditReport(
                ledger: try Identifier(ledger: reply.ledger),
                invariants: reply.invariants.map {
                    .init(
                        name: $0.name, counted: $0.counted, broken: $0.broken,
                        example: $0.example.isEmpty ? nil : $0.example)
                })
        }
    }
}
