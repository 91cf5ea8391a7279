import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

extension RPCRules {
    private typealias Method = Teller_Balance_V1_Ledger.Method

    static let ledger: [MethodDescriptor: [Rule]] = [
        Method.SubmitTransfers.descriptor: actions.map { who, otherwise, action in
            Rule(who, otherwise: otherwise) { asker, subject in
                .init(
                    try await asker.service.ledger.submitTransfers(asker.transfer(action(subject))))
            }
        },
        Method.StreamTransfers.descriptor: [
            Rule(.owner, otherwise: "account_unknown") { asker, subject in
                let request = asker.transfer(
                    .transfer(debit: subject.account, credit: subject.payee, amount: .usd(1)))
                let answer = try await asker.service.withTransfersStream { stream in
                    stream.batches.yield(.with { $0.request = request })
                    return try await stream.next()
                }
                return .init(answer?.response ?? .init())
            }
        ],
        Method.GetTransfers.descriptor: [
            Rule(.owner, otherwise: "transfer_unknown") { asker, subject in
                try await verdict {
                    let reply = try await asker.service.ledger.getTransfers(
                        .with {
                            $0.ids = [Data(subject.transfer.bytes)]
                            $0.caller = asker.caller
                        })
                    return .init(reply.transfers.isEmpty ? "transfer_unknown" : "")
                }
            }
        ],
        Method.OpenAccount.descriptor: [
            Rule(.operator) { asker, _ in
                try await verdict {
                    let reply = try await asker.service.ledger.openAccount(
                        .with {
                            $0.id = Data(Identifier.random().bytes)
                            $0.name = "Bruno, more"
                            $0.currency = "USD"
                            $0.owner = "bruno"
                            $0.caller = asker.caller
                        })
                    return .init(reply.refused)
                }
            }
        ],
        Method.CloseAccount.descriptor: [
            Rule(.operator) { asker, subject in
                try await verdict {
                    let reply = try await asker.service.ledger.closeAccount(
                        .with {
                            $0.id = Data(Identifier.random().bytes)
                            $0.account = subject.emptyAccount.compact
                            $0.caller = asker.caller
                        })
                    return .init(reply.refused)
                }
            }
        ],
        Method.GetStatement.descriptor: [
            Rule(.owner, otherwise: "account_unknown") { asker, subject in
                try await verdict {
                    _ = try await asker.service.ledger.getStatement(
                        .with {
                            $0.account = subject.account.compact
                            $0.caller = asker.caller
                        })
                    return .done
                }
            }
        ],
        Method.RunAudit.descriptor: [
            Rule(.operator) { asker, _ in
                try await verdict {
                    _ = try await asker.service.ledger.runAudit(.with { $0.caller = asker.caller })
                    return .done
                }
            }
        ],
        Method.GetLedger.descriptor: [
            Rule(.anybody) { asker, _ in
                _ = try await asker.service.ledger.getLedger(.init())
                return .done
            }
        ],
    ]

    /// What can be asked of the ledger in a batch.
    private static let actions:
        [(Rule.Who, String, @Sendable (RightsSubject) -> TransferRequest.Action)] = [
            (
                .owner, "account_unknown",
                { .transfer(debit: $0.account, credit: $0.payee, amount: .usd(1)) }
            ),
            (
                .owner, "account_unknown",
                { .hold(debit: $0.account, credit: $0.payee, amount: .usd(1), seconds: 60) }
            ),
            (.payee, "hold_unknown", { .post(hold: $0.holds[0], amount: nil) }),
            (.payee, "hold_unknown", { .void(hold: $0.holds[1]) }),
            (.payee, "transfer_unknown", { .reversal(of: $0.transfer) }),
            (.operator, "transfer_unknown", { .reversal(of: $0.deposit) }),
            (.operator, "account_unknown", { .deposit(credit: $0.account, amount: .usd(1)) }),
            (.operator, "account_unknown", { .withdrawal(debit: $0.account, amount: .usd(1)) }),
        ]
}
