import BalanceAPI
import Foundation
import GRPCCore
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

/// Who may have done what each rpc does. One that has no rule here fails the test.
enum RPCRules {
    typealias Rule = RightsRule<RPCAsker>

    static let all: [MethodDescriptor: [Rule]] =
        balances.merging(ledger) { $1 }.merging(identity) { $1 }.merging(health) { $1 }

    private typealias Balances = Teller_Balance_V1_Balances.Method

    private static let balances: [MethodDescriptor: [Rule]] = [
        Balances.GetBalances.descriptor: [
            Rule(.owner, otherwise: "account_unknown") { asker, subject in
                try await verdict {
                    .init(
                        try await asker.service.balances.getBalances(asker.balance(subject.account))
                    )
                }
            },
            Rule(.owner, otherwise: "account_unknown") { asker, subject in
                // In the year 2024.
                let request = asker.balance(subject.account, at: 1_720_000_000_000_000)
                return try await verdict {
                    .init(try await asker.service.balances.getBalances(request))
                }
            },
        ],
        Balances.StreamBalances.descriptor: [
            Rule(.owner, otherwise: "account_unknown") { asker, subject in
                let request = asker.balance(subject.account)
                let answer = try await asker.service.withBalancesStream { stream in
                    stream.batches.yield(.with { $0.request = request })
                    return try await stream.next()
                }
                return .init(answer?.response ?? .init())
            }
        ],
        // Everybody has a list: of her own.
        Balances.ListAccounts.descriptor: [
            Rule(.owner, otherwise: "account_unknown", isTry: false) { asker, subject in
                try await verdict {
                    let reply = try await asker.service.balances.listAccounts(
                        .with {
                            $0.pageSize = 500
                            $0.caller = asker.caller
                        })
                    let isThere = reply.accounts.contains { $0.account == subject.account.compact }
                    return .init(isThere ? "" : "account_unknown")
                }
            }
        ],
    ]

    private static let health: [MethodDescriptor: [Rule]] = [
        Grpc_Health_V1_Health.Method.Check.descriptor: [
            Rule(.anybody) { asker, _ in
                .init(try await asker.service.isServing() ? "" : "not serving")
            }
        ],
        Grpc_Health_V1_Health.Method.Watch.descriptor: [
            Rule(.anybody) { asker, _ in
                try await asker.service.health.watch(.init()) { response in
                    for try await message in response.messages {
                        return .init(message.status == .serving ? "" : "not serving")
                    }
                    return .init("nothing")
                }
            }
        ],
    ]
}
